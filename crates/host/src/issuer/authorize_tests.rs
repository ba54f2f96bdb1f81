//! The `authorize` profile over real sockets.

use std::{sync::Arc, time::Duration};

use minihost_core::{GrantId, IssuedCode, Issuer};
use minihost_testkit::CHALLENGE;
use serde_json::{Value, json};
use url::form_urlencoded;

use super::{
    AuthorizeConfig, AuthorizeIssuer, IssueError,
    issuing::{self, full_request},
    loopback::{Loopback, Reply, answered, body, code, empty, html, redirect},
    tokens::Tokens,
};
use crate::{
    SystemClock,
    http::ReqwestTransport,
    ports::{CodeIssuer, GrantEnding, SessionError},
};

fn issuer(server: &Loopback, settings: Value, tokens: &Arc<Tokens>) -> AuthorizeIssuer {
    let settings = serde_json::from_value(settings).unwrap();
    let config = AuthorizeConfig { issuer: Issuer::new(server.origin.as_str()), settings };
    let transport = Arc::new(ReqwestTransport::new());
    AuthorizeIssuer::new(config, transport, tokens.clone(), Arc::new(SystemClock::new())).unwrap()
}

async fn issue(server: &Loopback, settings: Value) -> Result<IssuedCode, IssueError> {
    issuing::issue(&issuer(server, settings, &Tokens::two())).await
}

async fn failure(replies: Vec<Reply>, settings: Value) -> IssueError {
    let server = Loopback::new(replies).await;
    issuing::failure(&issuer(&server, settings, &Tokens::two())).await
}

#[tokio::test]
async fn the_request_is_an_ordinary_one_with_the_users_token_beside_it() {
    let server = Loopback::new([code()]).await;
    let request = full_request();
    let issuer = issuer(&server, json!({}), &Tokens::new([Ok("t1")]));
    let issued = issuer.issue(&request).await.ok().unwrap();
    assert_eq!(issued.code.expose(), "c0de");
    assert_eq!(issued.issuer, Some(Issuer::new(server.origin.as_str())));
    let [seen] = server.take_seen().try_into().ok().unwrap();
    assert_eq!((seen.method.as_str(), seen.path.as_str()), ("GET", "/authorize"));
    assert_eq!(seen.headers["authorization"], "Bearer t1");
    let mut query = seen.query;
    let state = query.remove("state").unwrap();
    assert!(state.len() >= 32 && state != "the program's own");
    let expected = [
        ("tenant", "1"),
        ("response_type", "code"),
        ("client_id", "teahouse"),
        ("redirect_uri", "https://teahouse.example/callback"),
        ("scope", "email openid"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
        ("nonce", "n&1"),
        ("resource", "https://api.example"),
        ("acr_values", "urn:a urn:b"),
        ("max_age", "120"),
    ];
    assert_eq!(query, expected.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
}

#[tokio::test]
async fn the_servers_own_hops_are_followed_with_its_cookies_up_to_a_limit() {
    let hop = |status, to: &str, cookie: &str| {
        let headers = vec![("location", to.to_owned()), ("set-cookie", cookie.to_owned())];
        Reply::Answer(status, headers, String::new())
    };
    let server = Loopback::new([
        hop(302, "/step/2", "a=1; Path=/; HttpOnly"),
        hop(303, "3", "b=2; Path=/step"),
        hop(307, "{origin}/authorize/4", "a=; Path=/; Max-Age=0"),
        code(),
    ])
    .await;
    assert!(issue(&server, json!({})).await.is_ok());
    let seen = server.take_seen();
    let paths: Vec<_> = seen.iter().map(|seen| seen.path.as_str()).collect();
    assert_eq!(paths, ["/authorize", "/step/2", "/step/3", "/authorize/4"]);
    let cookies: Vec<_> = seen.iter().map(|seen| seen.headers.get("cookie").cloned()).collect();
    let mut third: Vec<_> = cookies[2].as_ref().unwrap().split("; ").collect();
    third.sort_unstable();
    assert_eq!((cookies[0].as_deref(), cookies[1].as_deref()), (None, Some("a=1")));
    assert_eq!((third, cookies[3].as_deref()), (vec!["a=1", "b=2"], None));

    for (hops, limit, ends_well) in [(2, 2, true), (3, 2, false), (20, 20, true), (21, 20, false)] {
        let replies = (0..hops).map(|_| redirect("/again")).chain([code()]);
        let server = Loopback::new(replies).await;
        let issued = issue(&server, json!({"max_hops": limit})).await;
        let expected = if ends_well { None } else { Some(IssueError::TooManyRedirects) };
        assert_eq!(issued.err(), expected, "{hops} of {limit}");
    }
}

#[tokio::test]
async fn the_redirect_uri_is_read_and_never_fetched() {
    // The redirect URI of the request is at the server itself, which would notice.
    let trap = Loopback::new([html(200)]).await;
    let server =
        Loopback::new([redirect(&format!("{}/cb?code=c0de&state={{state}}", trap.origin))]).await;
    let failed = issue(&server, json!({})).await.err();
    assert_eq!(failed, Some(IssueError::WrongRedirectUri));
    assert!(trap.take_seen().is_empty() && server.take_seen().len() == 1);
}

#[tokio::test]
async fn an_answer_that_does_not_fit_is_dropped() {
    let to = |query: &str| vec![redirect(&format!("https://teahouse.example/callback?{query}"))];
    let at = |uri: &str| vec![redirect(&format!("{uri}?code=c0de&state={{state}}"))];
    for (replies, expected) in [
        (to("code=c0de&state=another"), IssueError::WrongState),
        (to("code=c0de"), IssueError::WrongState),
        (to("error=access_denied"), IssueError::WrongState),
        (to("code=c0de&state={state}&iss=https://other.example"), IssueError::WrongIssuer),
        (to("code=c0de&state={state}&scope=openid%20phone"), IssueError::ScopeWiderThanAsked),
        (at("https://teahouse.example/callback2"), IssueError::WrongRedirectUri),
        (at("http://teahouse.example/callback"), IssueError::WrongRedirectUri),
        (at("https://teahouse.example.evil.example/callback"), IssueError::WrongRedirectUri),
    ] {
        assert_eq!(failure(replies, json!({})).await, expected);
    }
    for query in [
        "state={state}",
        "code=&state={state}",
        "code=a&code=b&state={state}",
        "code=a&state={state}&state={state}",
        "code=a%0Ab&state={state}",
        "code=a&state={state}&scope=",
        "error=something_new&state={state}",
    ] {
        let failed = failure(to(query), json!({})).await;
        assert!(matches!(failed, IssueError::BadAnswer { .. }), "{query}: {failed}");
    }
}

#[tokio::test]
async fn a_server_that_promises_its_name_must_give_it() {
    let without = || redirect("https://teahouse.example/callback?code=c0de&state={state}");
    let promise = json!({"authorization_response_iss_parameter_supported": true});
    let server = Loopback::with_metadata([without(), code()], promise).await;
    assert_eq!(issue(&server, json!({})).await.err(), Some(IssueError::WrongIssuer));
    assert!(issue(&server, json!({})).await.is_ok());
    let server = Loopback::new([without()]).await;
    assert!(issue(&server, json!({})).await.is_ok());
}

#[tokio::test]
async fn the_user_is_known_by_what_the_server_takes() {
    let server = Loopback::new([code()]).await;
    assert!(issue(&server, json!({"user": {"cookie": "SESSION"}})).await.is_ok());
    let [seen] = server.take_seen().try_into().ok().unwrap();
    assert_eq!(seen.headers["cookie"], "SESSION=t1");
    assert!(!seen.headers.contains_key("authorization"));

    let server = Loopback::new([code()]).await;
    assert!(issue(&server, json!({"user": {"parameter": "ticket"}})).await.is_ok());
    let [seen] = server.take_seen().try_into().ok().unwrap();
    assert_eq!(seen.query["ticket"], "t1");
    assert!(!seen.headers.contains_key("authorization"));

    let cookie = ("set-cookie", "SID=s1; Path=/; HttpOnly".to_owned());
    let json_type = ("content-type", "application/json".to_owned());
    let session = Reply::Answer(200, vec![cookie, json_type], r#"{"agt":"short"}"#.into());
    let server = Loopback::new([session, empty(204), code()]).await;
    let settings = json!({
        "user": {"session": {
            "method": "POST", "path": "/session", "as": "user", "json": {"for": "{user_id}"},
            "capture": {"ticket": "/agt"},
        }},
        "before": [{
            "method": "PUT", "path": "/consents/{client_id}", "json": {"scopes": "{scopes}"},
        }],
        "parameters": {"add": {"agt": "{ticket}", "prompt": "none"}, "leave_out": ["nonce"]},
    });
    assert!(issue(&server, settings).await.is_ok());
    let [session, consent, authorize] = server.take_seen().try_into().ok().unwrap();
    assert_eq!(session.headers["authorization"], "Bearer t1");
    assert_eq!(session.body, r#"{"for":"u-alice"}"#);
    assert_eq!((consent.method.as_str(), consent.path.as_str()), ("PUT", "/consents/teahouse"));
    assert_eq!(consent.body, r#"{"scopes":["email","openid"]}"#);
    assert_eq!(
        (authorize.query["agt"].as_str(), authorize.query["prompt"].as_str()),
        ("short", "none")
    );
    for seen in [consent, authorize] {
        assert_eq!(seen.headers["cookie"], "SID=s1");
        assert!(!seen.headers.contains_key("authorization"));
    }
}

#[tokio::test]
async fn a_call_in_nobodys_name_does_not_carry_the_users_token() {
    let server = Loopback::new([empty(204), code()]).await;
    let before = json!({"before": [{"method": "PUT", "path": "/consent"}]});
    assert!(issue(&server, before).await.is_ok());
    let [consent, authorize] = server.take_seen().try_into().ok().unwrap();
    assert!(!consent.headers.contains_key("authorization"));
    assert_eq!(authorize.headers["authorization"], "Bearer t1");
}

#[tokio::test]
async fn only_the_requests_of_public_clients_are_pushed() {
    let pushed = body(201, json!({"request_uri": "urn:r:1", "expires_in": 60}));
    let elsewhere = Loopback::new([pushed]).await;
    let par = json!({"pushed_authorization_request_endpoint": format!("{}/par", elsewhere.origin)});
    let server = Loopback::with_metadata([code()], par).await;
    let failed = issue(&server, json!({"public_clients": ["teahouse"]})).await.err();
    // The state went to the other server, so the answer here has none.
    assert_eq!(failed, Some(IssueError::WrongState));
    let [push] = elsewhere.take_seen().try_into().ok().unwrap();
    let form: std::collections::HashMap<_, _> =
        form_urlencoded::parse(push.body.as_bytes()).into_owned().collect();
    assert_eq!((push.method.as_str(), form["client_id"].as_str()), ("POST", "teahouse"));
    assert!(form.contains_key("state") && form.contains_key("code_challenge"));
    assert!(!push.headers.contains_key("authorization"), "the user's token stays at the endpoint");
    let [authorize] = server.take_seen().try_into().ok().unwrap();
    assert_eq!(authorize.query["request_uri"], "urn:r:1");
    assert!(!authorize.query.contains_key("code_challenge"));

    let server = Loopback::new([code()]).await;
    let other = issue(&server, json!({"public_clients": ["cinema"]})).await;
    assert!(other.is_ok() && server.take_seen().len() == 1);
    let failed = issue(&server, json!({"public_clients": ["teahouse"]})).await.err();
    assert!(matches!(failed, Some(IssueError::BadMetadata { .. })));
}

#[tokio::test]
async fn a_rejected_token_is_refreshed_once_wherever_it_was_shown() {
    let session = json!({"user": {"session": {"method": "POST", "path": "/s", "as": "user"}}});
    for (settings, first, last) in [
        (json!({}), vec![empty(401)], vec![code()]),
        (json!({}), vec![answered("invalid_token")], vec![code()]),
        (session.clone(), vec![empty(401)], vec![empty(204), code()]),
        (session.clone(), vec![empty(204), empty(401)], vec![empty(204), code()]),
    ] {
        let server = Loopback::new(first.iter().chain(&last).cloned()).await;
        let tokens = Tokens::two();
        let issuer = issuer(&server, settings.clone(), &tokens);
        let issued = issuing::issue(&issuer).await;
        assert_eq!(issued.ok().unwrap().code.expose(), "c0de");
        assert_eq!(*tokens.rejected.lock().unwrap(), ["t1"]);
        let failed = failure(first.iter().chain(&first).cloned().collect(), settings).await;
        assert_eq!(failed, IssueError::UserTokenRejected);
    }
}

#[tokio::test]
async fn a_refused_call_says_so_and_nothing_goes_on() {
    let before = json!({"before": [{"method": "PUT", "path": "/consent"}]});
    for (reply, expected) in [
        (empty(403), IssueError::CallRefused { status: 403 }),
        (empty(404), IssueError::CallRefused { status: 404 }),
        (html(200), IssueError::HtmlPage { status: 200 }),
        (redirect("/login"), IssueError::LoginPage { status: 302 }),
        (empty(500), IssueError::ServerFailed { status: 500 }),
        (body(400, json!({"error": "access_denied"})), IssueError::AccessDenied),
    ] {
        let server = Loopback::new([reply, code()]).await;
        assert_eq!(issue(&server, before.clone()).await.err(), Some(expected));
        assert_eq!(server.take_seen().len(), 1);
    }
}

#[tokio::test]
async fn a_grant_ends_by_the_call_of_its_own_user_alone() {
    let revoke = json!({"revoke": {
        "method": "DELETE", "path": "/users/{user_id}/apps/{client_id}", "as": "user",
    }});
    let server = Loopback::new([code(), empty(401), empty(204), empty(404), empty(500)]).await;
    let tokens = Tokens::new(["t1", "t2", "t3", "t4", "t5"].map(Ok));
    let issuer = issuer(&server, revoke, &tokens);
    let issued = issuing::issue(&issuer).await.ok().unwrap();
    let grant = issued.grant_id.unwrap();
    server.take_seen();
    let end = async || issuer.end_grant(&grant, Duration::from_secs(5)).await;
    assert_eq!(end().await, Ok(GrantEnding::Ended));
    let seen = server.take_seen();
    assert_eq!(
        (seen[1].method.as_str(), seen[1].path.as_str()),
        ("DELETE", "/users/u-alice/apps/teahouse")
    );
    let tokens: Vec<_> = seen.iter().map(|seen| seen.headers["authorization"].as_str()).collect();
    assert_eq!(tokens, ["Bearer t2", "Bearer t3"]);
    assert_eq!(end().await, Ok(GrantEnding::Ended), "it is gone");
    assert_eq!(end().await, Err(IssueError::ServerFailed { status: 500 }));

    let bobs = super::grant_handle::GrantHandle {
        user: "bob".into(),
        client: "teahouse".into(),
        grant: None,
    };
    server.take_seen();
    let ended = issuer.end_grant(&bobs.to_grant_id(), Duration::from_secs(5)).await;
    assert_eq!(ended, Err(SessionError::AccountChanged.into()));
    assert!(server.take_seen().is_empty());
}

#[tokio::test]
async fn a_server_that_cannot_end_grants_is_not_asked_to() {
    let server = Loopback::new([code()]).await;
    let issuer = issuer(&server, json!({}), &Tokens::new([Ok("t1")]));
    let issued = issuing::issue(&issuer).await.ok().unwrap();
    assert!(issued.grant_id.is_none());
    let ended = issuer.end_grant(&GrantId::new("g1"), Duration::from_secs(5)).await;
    assert_eq!(ended, Ok(GrantEnding::LocalOnly));
}
