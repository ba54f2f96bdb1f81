//! The end of a grant at a scripted server with the `challenge` profile.

use std::time::Duration;

use minihost_core::GrantId;

use super::{
    IssueError,
    challenge_tests::{ISSUER, issuer},
    tokens::Tokens,
};
use crate::{
    http::scripted::{Reply, Scripted, Seen, metadata},
    ports::{CodeIssuer, GrantEnding},
};

async fn ended(replies: Vec<Reply>) -> (Result<GrantEnding, IssueError>, Vec<Seen>) {
    let scripted = Scripted::with_metadata(replies);
    let issuer = issuer(&scripted, &Tokens::new([]));
    let ended = issuer.end_grant(&GrantId::new("g/1 ü"), Duration::from_secs(5)).await;
    (ended, scripted.take_seen())
}

#[tokio::test]
async fn a_grant_is_ended_as_the_host_and_by_its_escaped_name() {
    let (ended, seen) = ended(vec![Reply::Response(204, Vec::new(), String::new())]).await;
    assert_eq!(ended, Ok(GrantEnding::Ended));
    assert_eq!((seen[0].method, seen[0].path.as_str()), ("DELETE", "/grants/g%2F1%20%C3%BC"));
    assert_eq!(seen[0].form["client_id"], "host");
    assert_eq!(seen[0].form["client_secret"], "s3cret");
}

#[tokio::test]
async fn a_grant_that_the_server_does_not_know_has_ended() {
    for reply in [Reply::error(404, "not_found"), Reply::Response(410, Vec::new(), String::new())] {
        assert_eq!(ended(vec![reply]).await.0, Ok(GrantEnding::Ended));
    }
}

#[tokio::test]
async fn a_captive_portal_or_a_refusal_ends_no_grant() {
    let html = vec![("content-type".to_owned(), "text/html".to_owned())];
    let portal = Reply::Response(200, html, "<html>".into());
    assert_eq!(ended(vec![portal]).await.0, Err(IssueError::HtmlPage { status: 200 }));
    let rejected = IssueError::HostRejected { error: "invalid_client" };
    assert_eq!(ended(vec![Reply::error(401, "invalid_client")]).await.0, Err(rejected));
    let failed = ended(vec![Reply::error(500, "server_error")]).await.0;
    assert_eq!(failed, Err(IssueError::ServerFailed { status: 500 }));
}

#[tokio::test]
async fn a_server_without_grant_management_is_told_nothing() {
    let mut metadata = metadata(ISSUER);
    metadata.as_object_mut().unwrap().remove("grant_management_endpoint");
    let scripted = Scripted::new([Reply::json(200, &metadata.to_string())]);
    let issuer = issuer(&scripted, &Tokens::new([]));
    let ended = issuer.end_grant(&GrantId::new("g"), Duration::from_secs(5)).await;
    assert_eq!(ended, Ok(GrantEnding::LocalOnly));
    assert_eq!(scripted.seen(), 1);
}
