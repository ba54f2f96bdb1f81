//! Nothing secret is on the disk or in the log in clear.

use std::fs;
use std::path::Path;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::Digest as _;

use crate::device_pages::decide;
use crate::support::browser::authorize;
use crate::support::log;
use crate::support::{Form, Pkce, World};
use crate::{attestation, device, dialect, dpop};

/// Everything the server does, the refusals too.
async fn full_run() -> World {
    let world = device::world().await;
    let device = device::ask(&world, "gallery", &Form::new(&[])).await;
    device.poll(&world).await.refused(400, "authorization_pending");
    decide(&world, "bank", "alice", &device.user_code, "approve").await.ok();
    world.clock.advance(Duration::from_secs(5));
    let tokens = device.poll(&world).await.ok();
    world.refresh("gallery", tokens.text("refresh_token")).await.ok();
    for user in ["alice", "bob"] {
        for client in ["teahouse", "cinema", "gallery"] {
            let tokens = world.tokens(client, user).await;
            let token = tokens.text("refresh_token");
            world.refresh(client, token).await.ok();
            world.refresh(client, token).await.ok();
            world.userinfo(tokens.text("access_token")).await.ok();
            world.userinfo(token).await.refused(401, "invalid_token");
        }
        let wrong = world.password_form(user).with("password", "a-wrong-password");
        world.post("/token", "bank", &wrong).await.refused(400, "invalid_grant");
    }
    world.remember("a-wrong-password");
    let pkce = Pkce::new();
    let code = world.code("cinema", "alice", &pkce).await;
    world.redeem("cinema", &code, &Pkce::new()).await.refused(400, "invalid_grant");
    world.redeem("cinema", &code, &pkce).await.refused(400, "invalid_grant");
    let browser = world.browser_of("alice").await;
    let consent = browser.visit(&authorize(&world.authorization("cinema", &pkce))).await;
    assert!(browser.press(&consent.consent_form("allow")).await.sent_back("code").is_some());
    drop(browser);
    let bad = Form::new(&[
        ("grant_type", "refresh_token"),
        ("client_id", "teahouse"),
        ("client_secret", "a-wrong-client-secret"),
    ]);
    world.remember("a-wrong-client-secret");
    world.post_unauthenticated("/token", &bad).await.refused(401, "invalid_client");
    for client in ["cinema", "gallery"] {
        let tokens = world.tokens(client, "bob").await;
        for kind in ["access_token", "refresh_token"] {
            let form = Form::new(&[("token", tokens.text(kind))]);
            if client == "cinema" {
                world.post("/introspect", client, &form).await.ok();
            }
            world.post("/revoke", client, &form).await.ok();
        }
    }
    let tokens = world.tokens("gallery", "bob").await;
    world.refresh("gallery", tokens.text("refresh_token")).await.ok();
    world.clock.advance(std::time::Duration::from_secs(5));
    let replay = world.refresh("gallery", tokens.text("refresh_token")).await;
    replay.refused(400, "invalid_grant");
    let world = dialect::spoken_in(dpop::story(world).await).await;
    dialect::story_by_query(&world).await;
    attestation::story(world).await
}

/// Bytes, each as the character of its number: the search of the standard library in texts is fast
/// even where tests are not.
struct Bytes(String);

impl Bytes {
    fn new(bytes: &[u8]) -> Self {
        Self(bytes.iter().copied().map(char::from).collect())
    }

    fn of_files_in(directory: &Path) -> Self {
        let files = fs::read_dir(directory).unwrap();
        let contents = files.flat_map(|entry| fs::read(entry.unwrap().path()).unwrap());
        Self::new(&contents.collect::<Vec<_>>())
    }

    fn hold(&self, needle: &[u8]) -> bool {
        self.0.contains(&Self::new(needle).0)
    }

    fn hold_none_of(&self, secrets: &[String]) {
        for (index, secret) in secrets.iter().enumerate() {
            assert!(!self.hold(secret.as_bytes()), "secret {index} is there in clear");
            if let Ok(bytes) = URL_SAFE_NO_PAD.decode(secret) {
                assert!(!self.hold(&bytes), "secret {index} is there decoded");
            }
        }
    }
}

#[tokio::test]
async fn t11_no_code_token_secret_password_or_verifier_is_on_the_disk() {
    let world = full_run().await;
    let minted = world.minted();
    assert!(minted.len() > 120, "{}", minted.len());
    let directory = world.database.parent().unwrap().to_owned();

    let open = Bytes::of_files_in(&directory);
    assert!(open.hold(b"alice@mail.example"), "the search finds what is there");
    open.hold_none_of(&minted);

    let (_kept, ..) = world.close().await;
    let closed = Bytes::of_files_in(&directory);
    assert!(closed.hold(b"alice@mail.example"), "the search finds what is there");
    closed.hold_none_of(&minted);
}

#[tokio::test]
async fn a8_secrets_of_machines_are_kept_as_sha_256_and_passwords_as_argon2id() {
    let world = World::new().await;
    let secret = world.secret("teahouse").to_owned();
    assert_eq!(URL_SAFE_NO_PAD.decode(&secret).unwrap().len(), 32, "256 bits, made by the server");
    let (_kept, database, _) = world.close().await;
    let db = rusqlite::Connection::open(database).unwrap();
    let text = |query: &str| db.query_row(query, (), |row| row.get::<_, String>(0)).unwrap();
    let registration = text("SELECT registration FROM clients WHERE id = 'teahouse'");
    let hash = URL_SAFE_NO_PAD.encode(sha2::Sha256::digest(&secret));
    assert!(registration.contains(&hash) && !registration.contains(&secret));
    let password = text("SELECT password_hash FROM users WHERE username = 'alice'");
    assert!(password.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{password}");
}

#[tokio::test]
async fn t12_nothing_secret_is_logged_even_at_trace_level() {
    log::capture();
    let world = full_run().await;
    let log = Bytes::new(&log::captured());
    for expected in [
        "code issued",
        "code redeemed",
        "sign-in refused",
        "code refused",
        "code replayed",
        "refresh token replayed",
        "token revoked",
        "client registered",
        "user registered",
        "client authentication failed",
        "device code issued",
        "user code answered",
        "device code redeemed",
        "a user signed in",
        "a user allowed an authorization",
    ] {
        let line = format!("minihost_authorization_server::audit: {expected}");
        assert!(log.hold(line.as_bytes()), "{line}");
    }
    log.hold_none_of(&world.minted());
}
