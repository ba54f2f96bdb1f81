//! What outlives the sample host's process.
#![cfg(test)]

use minihost_e2e::{authorization_server::AuthorizationServer, sample_host::SampleHost};
use tempfile::TempDir;

#[tokio::test]
async fn users_stay_and_secrets_are_made_anew_at_every_start() {
    let data_dir = TempDir::new().unwrap();
    let first = SampleHost::start_in(data_dir.path()).await;
    let old_password = first.password("alice").to_owned();
    let old_secret = first.ready.host.client_secret.clone();
    let token = AuthorizationServer::discover(&first).await.sign_in("alice").await;
    assert_eq!(token.status, 200);
    let server = AuthorizationServer::discover(&first).await;
    let old_id = server.user_details(&token.text("access_token")).await.text("sub");
    assert!(first.stop().await.success);

    let second = SampleHost::start_in(data_dir.path()).await;
    assert_ne!(second.password("alice"), old_password);
    assert_ne!(second.ready.host.client_secret, old_secret);
    let server = AuthorizationServer::discover(&second).await;
    let token = server.sign_in("alice").await;
    let id = server.user_details(&token.text("access_token")).await.text("sub");
    assert_eq!(id, old_id, "the user is the same one");
    let client = &second.ready.host.client_id;
    let form = [("grant_type", "password"), ("username", "alice"), ("password", &old_password)];
    assert_eq!(
        server.token(client, Some(&old_secret), &form).await.text("error"),
        "invalid_client"
    );
    let secret = second.ready.host.client_secret.as_str();
    assert_eq!(server.token(client, Some(secret), &form).await.text("error"), "invalid_grant");
}

#[tokio::test]
async fn a_spent_code_stays_spent_when_the_process_is_killed() {
    let data_dir = TempDir::new().unwrap();
    let first = SampleHost::start_in(data_dir.path()).await;
    let program = first.program("teahouse").clone();
    let server = AuthorizationServer::discover(&first).await;
    let subject = server.sign_in("alice").await.text("access_token");
    let verifier = "a-verifier-of-43-characters-or-more-0123456789";
    let code = server.challenge(&program, &subject, verifier, &[]).await;
    let code = code.text("authorization_code");
    let redeemed = server.redeem(&program, &code, verifier, &program.redirect_uri).await;
    assert_eq!(redeemed.status, 200);
    first.kill().await;

    let second = SampleHost::start_in(data_dir.path()).await;
    let program = second.program("teahouse").clone();
    let server = AuthorizationServer::discover(&second).await;
    let again = server.redeem(&program, &code, verifier, &program.redirect_uri).await;
    assert_eq!(again.text("error"), "invalid_grant");
    let details = server.user_details(&redeemed.text("access_token")).await;
    assert_eq!(details.status, 401, "a replayed code ends what it led to");
}
