//! Redeeming codes.

use std::time::Duration;

use futures_util::future::join_all;
use minihost_authorization_server::{ClientRegistration, RefreshPolicy, Requirement};
use reqwest::Method;

use crate::support::{Pkce, WEEK, World, program, redeem_form};

#[tokio::test]
async fn a_code_gives_tokens_that_read_the_user_details() {
    let world = World::new().await;
    let tokens = world.tokens("teahouse", "alice").await;
    assert_eq!(tokens.text("token_type"), "Bearer");
    assert_eq!(tokens.json["expires_in"], 60);
    assert_eq!(tokens.text("scope"), "email openid phone profile");
    let details = world.userinfo(tokens.text("access_token")).await.ok();
    assert_eq!(details.text("preferred_username"), "alice");
}

#[tokio::test]
async fn c1_a_replayed_code_revokes_everything_it_issued_and_nothing_else() {
    let world = World::new().await;
    let other = world.tokens("cinema", "alice").await;
    let pkce = Pkce::new();
    let code = world.code("cinema", "alice", &pkce).await;
    let tokens = world.redeem("cinema", &code, &pkce).await.ok();
    let refreshed = world.refresh("cinema", tokens.text("refresh_token")).await.ok();

    world.redeem("cinema", &code, &pkce).await.refused(400, "invalid_grant");

    for access in [&tokens, &refreshed] {
        world.userinfo(access.text("access_token")).await.refused(401, "invalid_token");
    }
    let refused = world.refresh("cinema", refreshed.text("refresh_token")).await;
    refused.refused(400, "invalid_grant");
    world.userinfo(other.text("access_token")).await.ok();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn c1_of_64_parallel_redeems_of_one_code_exactly_one_succeeds() {
    let world = World::new().await;
    let subject = world.sign_in("bank", "alice").await;
    for _ in 0..crate::support::cases(50, 1_000) {
        let pkce = Pkce::new();
        let form = world.code_form("teahouse", &subject, &pkce);
        let answer = world.post("/challenge", "bank", &form).await.ok();
        let code = answer.text("authorization_code");
        let answers = join_all((0..64).map(|_| world.redeem("teahouse", code, &pkce))).await;
        let won = answers.iter().filter(|answer| answer.status.is_success());
        assert_eq!(won.count(), 1);
        for answer in answers.iter().filter(|answer| !answer.status.is_success()) {
            answer.refused(400, "invalid_grant");
        }
    }
}

#[tokio::test]
async fn c3_a_wrong_verifier_burns_the_code() {
    let world = World::new().await;
    let pkce = Pkce::new();
    let code = world.code("teahouse", "alice", &pkce).await;
    world.redeem("teahouse", &code, &Pkce::new()).await.refused(400, "invalid_grant");
    world.redeem("teahouse", &code, &pkce).await.refused(400, "invalid_grant");
}

#[tokio::test]
async fn c3_a_redirect_uri_that_differs_burns_the_code() {
    let world = World::new().await;
    let pkce = Pkce::new();
    let code = world.code("teahouse", "alice", &pkce).await;
    // Registered for the client, but not the one this code was issued for.
    let form =
        redeem_form("teahouse", &code, &pkce).with("redirect_uri", "https://teahouse.example/back");
    world.post("/token", "teahouse", &form).await.refused(400, "invalid_grant");
    world.redeem("teahouse", &code, &pkce).await.refused(400, "invalid_grant");
}

#[tokio::test]
async fn h1_c3_a_code_is_good_for_its_mini_program_alone_not_even_for_the_host_that_asked() {
    let world = World::new().await;
    let pkce = Pkce::new();
    let code = world.code("teahouse", "alice", &pkce).await;
    for thief in ["cinema", "gallery", "bank"] {
        let form = redeem_form("teahouse", &code, &pkce);
        world.post("/token", thief, &form).await.refused(400, "invalid_grant");
    }
    let tokens = world.redeem("teahouse", &code, &pkce).await.ok();
    // Nor can a stranger end a session by replaying a code that is not its own.
    let form = redeem_form("teahouse", &code, &pkce);
    world.post("/token", "cinema", &form).await.refused(400, "invalid_grant");
    world.userinfo(tokens.text("access_token")).await.ok();
}

#[tokio::test]
async fn c2_a_code_lives_for_60_seconds() {
    let world = World::new().await;
    let (early, late) = (Pkce::new(), Pkce::new());
    let good = world.code("teahouse", "alice", &early).await;
    let bad = world.code("teahouse", "alice", &late).await;
    world.clock.advance(Duration::from_millis(59_999));
    world.redeem("teahouse", &good, &early).await.ok();
    world.clock.advance(Duration::from_millis(1));
    world.redeem("teahouse", &bad, &late).await.refused(400, "invalid_grant");
}

#[tokio::test]
async fn made_up_codes_are_refused() {
    let world = World::new().await;
    for code in ["x", "../../etc/passwd", "\u{1F375}", &"A".repeat(43)] {
        world.redeem("teahouse", code, &Pkce::new()).await.refused(400, "invalid_grant");
    }
}

#[tokio::test]
async fn a_request_that_lacks_or_repeats_a_parameter_leaves_the_code_unspent() {
    let world = World::new().await;
    let pkce = Pkce::new();
    let code = world.code("teahouse", "alice", &pkce).await;
    let form = redeem_form("teahouse", &code, &pkce);
    for name in ["grant_type", "code", "redirect_uri", "code_verifier"] {
        let missing = form.clone().without(name);
        world.post("/token", "teahouse", &missing).await.refused(400, "invalid_request");
        let empty = form.clone().with(name, "");
        world.post("/token", "teahouse", &empty).await.refused(400, "invalid_request");
        let twice = form.clone().and(name, "again");
        world.post("/token", "teahouse", &twice).await.refused(400, "invalid_request");
    }
    let malformed = form.clone().with("code_verifier", "too-short");
    world.post("/token", "teahouse", &malformed).await.refused(400, "invalid_request");
    let unknown = form.and("unknown", "1").and("unknown", "2");
    world.post("/token", "teahouse", &unknown).await.ok();
}

#[tokio::test]
async fn bodies_that_are_no_form_or_too_large_are_refused() {
    let world = World::new().await;
    let post = || {
        world.request(Method::POST, "/token").basic_auth("teahouse", Some(world.secret("teahouse")))
    };
    let json = post().header("content-type", "application/json").body("{}");
    world.send(json).await.refused(400, "invalid_request");
    let kind = "application/x-www-form-urlencoded";
    let garbled = post().header("content-type", kind).body("grant_type=%FF");
    world.send(garbled).await.refused(400, "invalid_request");
    let body = format!("grant_type={}", "a".repeat(64 * 1024));
    let large = post().header("content-type", kind).body(body);
    world.send(large).await.refused(413, "invalid_request");
    world.tokens("teahouse", "alice").await;
}

/// A program that may do without PKCE, and one that may not.
async fn with_and_without_pkce() -> World {
    let mut world = World::new().await;
    for (id, pkce) in [("cinema", Requirement::Required), ("teahouse", Requirement::Optional)] {
        let authentication = world.new_secret(id);
        let program = program(id, authentication, RefreshPolicy::Fixed { lifetime: WEEK });
        world.put(ClientRegistration { pkce, ..program }).await;
    }
    world
}

/// Takes the challenge away from every code that waits, as if none had come with the request.
fn forget_challenges(world: &World) {
    let db = rusqlite::Connection::open(&world.database).unwrap();
    let forget = "UPDATE authorizations SET code_challenge = NULL
                  WHERE code_hash IS NOT NULL AND code_spent_at IS NULL";
    let changed = db.execute(forget, ());
    assert_eq!(changed.unwrap(), 1);
}

#[tokio::test]
async fn c4_a_verifier_is_taken_exactly_where_there_is_a_challenge() {
    let world = with_and_without_pkce().await;
    for client in ["cinema", "teahouse"] {
        let pkce = Pkce::new();
        let code = world.code(client, "alice", &pkce).await;
        let without = redeem_form(client, &code, &pkce).without("code_verifier");
        world.post("/token", client, &without).await.refused(400, "invalid_request");
        world.redeem(client, &code, &pkce).await.ok();

        // The challenge got lost on the way: an attacker's code under the client's own verifier.
        let code = world.code(client, "alice", &pkce).await;
        forget_challenges(&world);
        world.redeem(client, &code, &pkce).await.refused(400, "invalid_grant");
        let without = redeem_form(client, &code, &pkce).without("code_verifier");
        world.post("/token", client, &without).await.refused(400, "invalid_grant");

        let code = world.code(client, "alice", &pkce).await;
        forget_challenges(&world);
        let without = redeem_form(client, &code, &pkce).without("code_verifier");
        let answer = world.post("/token", client, &without).await;
        if client == "teahouse" {
            answer.ok();
        } else {
            answer.refused(400, "invalid_grant");
        }
    }
}

#[tokio::test]
async fn c4_a_verifier_has_43_to_128_unreserved_characters() {
    let world = World::new().await;
    for (verifier, good) in [
        ("a".repeat(42), false),
        ("a".repeat(43), true),
        ("-._~09azAZ".repeat(12) + "12345678", true),
        ("a".repeat(129), false),
        ("a".repeat(42) + "+", false),
        ("a".repeat(42) + "\u{e9}", false),
        ("a".repeat(42) + " ", false),
    ] {
        let pkce = Pkce::of(&verifier);
        let code = world.code("teahouse", "alice", &pkce).await;
        let answer = world.redeem("teahouse", &code, &pkce).await;
        if good {
            answer.ok();
        } else {
            answer.refused(400, "invalid_request");
        }
    }
}
