//! How the sample host starts and ends.
#![cfg(test)]

use std::{fs, net::TcpListener};

use minihost_e2e::{
    authorization_server::AuthorizationServer,
    sample_host::{SampleHost, run_to_end},
};
use tempfile::TempDir;

/// One sentence on standard error, nothing on standard output, and a failure.
async fn refuses(data_dir: &std::path::Path, arguments: &[&str], about: &str) {
    let output = run_to_end(data_dir, arguments).await;
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success());
    assert!(output.stdout.is_empty(), "nothing is promised on standard output");
    let last = errors.lines().last().unwrap_or_default().to_owned();
    assert!(last.to_lowercase().contains(about), "a sentence about `{about}`: {last}");
    assert!(!errors.contains("panicked"), "{errors}");
}

#[tokio::test]
async fn a_busy_port_is_said_in_one_sentence() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let data_dir = TempDir::new().unwrap();
    refuses(data_dir.path(), &["--port", &port], "port").await;
}

#[tokio::test]
async fn an_unwritable_directory_is_said_in_one_sentence() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("a-file");
    fs::write(&file, "not a directory").unwrap();
    refuses(&file.join("below"), &[], "directory").await;
}

#[tokio::test]
async fn a_damaged_database_is_said_in_one_sentence_and_left_as_it_is() {
    let data_dir = TempDir::new().unwrap();
    let database = data_dir.path().join("authorization-server.sqlite");
    let damage = vec![b'x'; 8192];
    fs::write(&database, &damage).unwrap();
    refuses(data_dir.path(), &[], "database").await;
    assert_eq!(fs::read(&database).unwrap(), damage);
}

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
