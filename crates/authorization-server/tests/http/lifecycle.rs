//! Opening, closing, and opening again.

use minihost_authorization_server::{AuthorizationServer, Config, OpenError};

use crate::support::{Pkce, TestClock, World};

async fn open(database: &std::path::Path) -> Result<AuthorizationServer, OpenError> {
    AuthorizationServer::open(Config {
        clock: TestClock::new(),
        ..Config::new("http://127.0.0.1:4000".parse().unwrap(), database)
    })
    .await
}

#[tokio::test]
async fn users_tokens_and_grants_outlive_a_restart_with_new_secrets() {
    let world = World::new().await;
    let tokens = world.tokens("teahouse", "alice").await;
    let details = world.userinfo(tokens.text("access_token")).await.ok();
    let old_password = world.secret("alice").to_owned();
    let pkce = Pkce::new();
    let spent = world.code("teahouse", "alice", &pkce).await;
    world.redeem("teahouse", &spent, &pkce).await.ok();

    let (_directory, database, clock) = world.close().await;
    let mut world = World::open(&database, clock).await;
    world.register_all().await;

    let again = world.userinfo(tokens.text("access_token")).await.ok();
    assert_eq!(again.json, details.json);
    world.refresh("teahouse", tokens.text("refresh_token")).await.ok();
    let anew = world.tokens("teahouse", "alice").await;
    let anew = world.userinfo(anew.text("access_token")).await.ok();
    assert_eq!(anew.text("open_id"), details.text("open_id"));
    let form = world.password_form("alice").with("password", old_password);
    world.post("/token", "bank", &form).await.refused(400, "invalid_grant");
    world.redeem("teahouse", &spent, &pkce).await.refused(400, "invalid_grant");
}

#[tokio::test]
async fn closing_leaves_one_file_and_turns_later_requests_away() {
    let world = World::new().await;
    let tokens = world.tokens("teahouse", "alice").await;
    world.server.clone().close().await;
    let wal = world.database.with_extension("sqlite-wal");
    assert!(!wal.exists() || wal.metadata().unwrap().len() == 0);
    let read = world.userinfo(tokens.text("access_token")).await;
    read.refused(503, "temporarily_unavailable");
    assert!(read.header("retry-after").is_some());
    let steering = world.server.steering();
    let client = crate::support::client_id("teahouse");
    assert!(steering.expire_codes(&client).await.is_err());
    world.server.clone().close().await;
}

#[tokio::test]
async fn an_unusable_database_gives_one_sentence() {
    let directory = tempfile::tempdir().unwrap();
    let garbage = directory.path().join("garbage");
    std::fs::write(&garbage, [0xAB; 8192]).unwrap();
    let missing = directory.path().join("missing").join("file");
    for (path, expected) in [
        (garbage, "is damaged"),
        (missing, "cannot be opened for writing"),
        (directory.path().to_owned(), "cannot be opened for writing"),
    ] {
        let sentence = open(&path).await.err().unwrap().to_string();
        assert!(sentence.contains(expected), "{sentence}");
        assert!(sentence.contains(path.to_str().unwrap()), "{sentence}");
        assert!(!sentence.contains('\n'), "{sentence}");
    }
}

#[tokio::test]
async fn an_issuer_that_is_no_origin_is_refused_before_the_file_is_made() {
    let directory = tempfile::tempdir().unwrap();
    let database = directory.path().join("server.sqlite");
    let issuer = "http://id.example/".parse().unwrap();
    let opened = AuthorizationServer::open(Config::new(issuer, &database)).await;
    assert!(matches!(opened, Err(OpenError::Issuer)));
    assert!(!database.exists());
}

/// A copy of the files taken while the server runs is what a power cut leaves: the log without its
/// index, and no orderly end.
#[tokio::test]
async fn a_copy_of_the_files_taken_mid_run_knows_what_was_spent() {
    let world = World::new().await;
    let pkce = Pkce::new();
    let code = world.code("cinema", "alice", &pkce).await;
    let tokens = world.redeem("cinema", &code, &pkce).await.ok();
    let directory = tempfile::tempdir().unwrap();
    let database = directory.path().join("copy.sqlite");
    std::fs::copy(&world.database, &database).unwrap();
    let key = |path: &std::path::Path| path.with_extension("sqlite.key");
    std::fs::copy(key(&world.database), key(&database)).unwrap();
    let wal = |path: &std::path::Path| path.with_extension("sqlite-wal");
    std::fs::copy(wal(&world.database), wal(&database)).unwrap();

    let mut copy = World::open(&database, world.clock.clone()).await;
    copy.userinfo(tokens.text("access_token")).await.ok();
    copy.register_all().await;
    copy.redeem("cinema", &code, &pkce).await.refused(400, "invalid_grant");
    copy.userinfo(tokens.text("access_token")).await.refused(401, "invalid_token");
}
