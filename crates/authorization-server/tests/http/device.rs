//! Codes that a user confirms in a host app (RFC 8628).

use std::time::Duration;

use futures_util::future::join_all;
use minihost_authorization_server::{
    ClientAuthentication, Config, GrantType, Names, RefreshPolicy, Resource, Scopes,
};
use serde_json::json;

use crate::support::{ACCESS_TOKEN, Answer, Form, TestClock, WEEK, World, program};

pub(crate) const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// What the tokens of Gallery and of Tea House may be for besides the server.
pub(crate) const API: &str = "https://api.example/v1";

/// A world in which Gallery, without a secret, and Tea House, with one, may use device codes.
pub(crate) async fn world() -> World {
    world_with(|_| ()).await
}

pub(crate) async fn world_with(change: impl FnOnce(&mut Config)) -> World {
    let mut world = World::new_with(TestClock::new(), change).await;
    let secret = world.new_secret("teahouse");
    for (id, authentication) in [("gallery", ClientAuthentication::None), ("teahouse", secret)] {
        let refresh = RefreshPolicy::Rotating { lifetime: WEEK };
        let mut client = program(id, authentication, refresh);
        client.grants.insert(GrantType::DeviceCode);
        client.names = Names::new("Gallery").unwrap().with("zh-Hans", "画廊").unwrap();
        client.publisher = Some(Names::new("Gallery Ltd").unwrap());
        client.resources = vec![Resource::new(API).unwrap()];
        world.put(client).await;
    }
    world
}

pub(crate) struct Device {
    pub(crate) client: &'static str,
    pub(crate) code: String,
    pub(crate) user_code: String,
}

pub(crate) async fn ask(world: &World, client: &'static str, form: &Form) -> Device {
    let answer = world.post("/device_authorization", client, form).await.ok();
    Device {
        client,
        code: answer.text("device_code").to_owned(),
        user_code: answer.text("user_code").to_owned(),
    }
}

pub(crate) fn scope(scope: &str) -> Form {
    Form::new(&[("scope", scope)])
}

impl Device {
    pub(crate) async fn poll(&self, world: &World) -> Answer {
        let form = Form::new(&[("grant_type", GRANT), ("device_code", &self.code)]);
        world.post("/token", self.client, &form).await
    }

    pub(crate) fn form(&self, subject: &str) -> Form {
        Form::new(&[
            ("user_code", &self.user_code),
            ("subject_token", subject),
            ("subject_token_type", ACCESS_TOKEN),
        ])
    }
}

pub(crate) async fn answer(world: &World, host: &str, form: &Form) -> Answer {
    world.post("/device/approval", host, form).await
}

/// Passes five seconds, so that a question is not too early.
fn wait(world: &World) {
    world.clock.advance(Duration::from_secs(5));
}

#[tokio::test]
async fn g4_a_code_works_once_after_the_user_approved_it_in_the_host_app() {
    let world = world().await;
    let form = scope("openid email");
    let asked = world.post("/device_authorization", "gallery", &form).await.ok();
    let base = &world.base;
    assert_eq!(asked.text("verification_uri"), format!("{base}/device"));
    let complete = format!("{base}/device?user_code={}", asked.text("user_code"));
    assert_eq!(asked.text("verification_uri_complete"), complete);
    assert_eq!((&asked.json["expires_in"], &asked.json["interval"]), (&json!(600), &json!(5)));
    let device = Device {
        client: "gallery",
        code: asked.text("device_code").to_owned(),
        user_code: asked.text("user_code").to_owned(),
    };
    device.poll(&world).await.refused(400, "authorization_pending");

    let subject = world.sign_in("bank", "alice").await;
    let form = device.form(&subject);
    let told = answer(&world, "bank", &form).await.ok().json;
    assert_eq!(
        told,
        json!({
            "client_id": "gallery", "client_name": "Gallery", "client_name#zh-Hans": "画廊",
            "publisher_name": "Gallery Ltd", "scope": "email openid", "address": "127.0.0.1",
            "requested_at": "2026-11-20T12:00:00Z", "expires_in": 600,
        })
    );
    wait(&world);
    device.poll(&world).await.refused(400, "authorization_pending");
    answer(&world, "bank", &form.clone().with("decision", "approve")).await.ok();

    // Nothing is pending any more, so nothing is too early.
    let tokens = device.poll(&world).await.ok();
    assert_eq!(tokens.text("scope"), "email openid");
    let claims = world.userinfo(tokens.text("access_token")).await.ok().json;
    assert_eq!(claims["email"], "alice@mail.example");
    assert_eq!(claims["sub"], tokens.text("open_id"));
    world.refresh("gallery", tokens.text("refresh_token")).await.ok();
    device.poll(&world).await.refused(400, "invalid_grant");
    answer(&world, "bank", &form).await.refused(400, "invalid_grant");
}

#[tokio::test]
async fn g4_of_many_who_redeem_at_once_one_gets_tokens() {
    let world = world().await;
    let device = ask(&world, "teahouse", &scope("openid")).await;
    let subject = world.sign_in("bank", "alice").await;
    let approval = device.form(&subject).with("decision", "approve");
    answer(&world, "bank", &approval).await.ok();
    let answers = join_all((0..16).map(|_| device.poll(&world))).await;
    let (good, bad): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
    assert_eq!(good.len(), 1);
    bad.iter().for_each(|answer| answer.refused(400, "invalid_grant"));
}

#[tokio::test]
async fn g4_each_question_that_comes_too_early_adds_five_seconds() {
    let world = world().await;
    let device = ask(&world, "gallery", &scope("openid")).await;
    device.poll(&world).await.refused(400, "authorization_pending");
    for (seconds, error) in [
        (4, "slow_down"),              // then 10
        (9, "slow_down"),              // then 15
        (15, "authorization_pending"), // stays 15
        (14, "slow_down"),             // then 20
        (20, "authorization_pending"),
    ] {
        world.clock.advance(Duration::from_secs(seconds));
        device.poll(&world).await.refused(400, error);
    }
}

#[tokio::test]
async fn g4_after_ten_minutes_neither_code_is_good() {
    let world = world().await;
    let (open, approved) = (
        ask(&world, "gallery", &scope("openid")).await,
        ask(&world, "gallery", &scope("openid")).await,
    );
    let subject = world.sign_in("bank", "alice").await;
    world.clock.advance(Duration::from_secs(599));
    answer(&world, "bank", &open.form(&subject)).await.ok();
    answer(&world, "bank", &approved.form(&subject).with("decision", "approve")).await.ok();
    world.clock.advance(Duration::from_secs(1));
    let subject = world.sign_in("bank", "alice").await;
    answer(&world, "bank", &open.form(&subject)).await.refused(400, "invalid_grant");
    for device in [open, approved] {
        device.poll(&world).await.refused(400, "expired_token");
    }
}

#[tokio::test]
async fn g4_a_no_is_told_and_final() {
    let world = world().await;
    let device = ask(&world, "gallery", &scope("openid")).await;
    let subject = world.sign_in("bank", "alice").await;
    answer(&world, "bank", &device.form(&subject).with("decision", "deny")).await.ok();
    device.poll(&world).await.refused(400, "access_denied");
    let changed = device.form(&subject).with("decision", "approve");
    answer(&world, "bank", &changed).await.refused(400, "invalid_grant");
    device.poll(&world).await.refused(400, "access_denied");
}

#[tokio::test]
async fn g4_the_eleventh_wrong_user_code_in_a_minute_is_throttled_for_that_user_only() {
    let world = world().await;
    let device = ask(&world, "gallery", &scope("openid")).await;
    let (alice, bob) = (world.sign_in("bank", "alice").await, world.sign_in("bank", "bob").await);
    // Right codes do not count, however many come.
    for _ in 0..12 {
        answer(&world, "bank", &device.form(&alice)).await.ok();
    }
    let wrong = ["BBBB-BBBB", "bbbbbbbc", "", "AAAA", "1234-5678"];
    for code in wrong.iter().cycle().filter(|code| !code.is_empty()).take(10) {
        let form = device.form(&alice).with("user_code", code);
        answer(&world, "bank", &form).await.refused(400, "invalid_grant");
    }
    let throttled = answer(&world, "bank", &device.form(&alice)).await;
    throttled.refused(429, "temporarily_unavailable");
    assert_eq!(throttled.header("retry-after"), Some("60"));
    answer(&world, "bank", &device.form(&bob)).await.ok();
    world.clock.advance(Duration::from_secs(60));
    answer(&world, "bank", &device.form(&alice)).await.ok();
}

#[tokio::test]
async fn g4_only_a_host_with_its_own_users_token_may_answer_and_only_for_its_programs() {
    let world = world().await;
    let device = ask(&world, "gallery", &scope("openid")).await;
    let (bank, rival) =
        (world.sign_in("bank", "alice").await, world.sign_in("rival", "alice").await);
    for decision in ["approve", "deny"] {
        let form = |subject| device.form(subject).with("decision", decision);
        answer(&world, "rival", &form(&rival)).await.refused(400, "unauthorized_client");
        answer(&world, "rival", &form(&bank)).await.refused(403, "insufficient_authorization");
        answer(&world, "bank", &form(&rival)).await.refused(403, "insufficient_authorization");
        answer(&world, "teahouse", &form(&bank)).await.refused(400, "unauthorized_client");
        answer(&world, "gallery", &form(&bank)).await.refused(400, "unauthorized_client");
        let unproven = form(&bank).with("client_id", "bank");
        let refused = world.post_unauthenticated("/device/approval", &unproven).await;
        refused.refused(401, "invalid_client");
    }
    let without_mediate = world.password_form("alice").with("scope", "openid");
    let weak = world.post("/token", "bank", &without_mediate).await.ok();
    let form = device.form(weak.text("access_token"));
    answer(&world, "bank", &form).await.refused(403, "insufficient_authorization");
    let form = device.form(&bank).with("decision", "perhaps");
    answer(&world, "bank", &form).await.refused(400, "invalid_request");
    device.poll(&world).await.refused(400, "authorization_pending");
}

#[tokio::test]
async fn g4_a_code_is_bound_to_its_client_and_to_clients_registered_for_it() {
    let world = world().await;
    let device = ask(&world, "gallery", &scope("openid")).await;
    let stolen = Device { client: "teahouse", code: device.code.clone(), user_code: String::new() };
    stolen.poll(&world).await.refused(400, "invalid_grant");
    for (path, form) in [
        ("/device_authorization", scope("openid")),
        ("/token", Form::new(&[("grant_type", GRANT), ("device_code", &device.code)])),
    ] {
        world.post(path, "cinema", &form).await.refused(400, "unauthorized_client");
        let wrong = form.with("client_id", "teahouse").with("client_secret", "guess");
        world.post_unauthenticated(path, &wrong).await.refused(401, "invalid_client");
    }
    device.poll(&world).await.refused(400, "authorization_pending");
}

#[tokio::test]
async fn g4_nobody_gets_more_than_was_asked_registered_and_allowed() {
    let mut world = world().await;
    for bad in ["mediate", "admin", "a\"b"] {
        let answer = world.post("/device_authorization", "gallery", &scope(bad)).await;
        answer.refused(400, "invalid_scope");
    }
    let elsewhere = scope("openid").with("resource", "https://other.example");
    let refused = world.post("/device_authorization", "gallery", &elsewhere).await;
    refused.refused(400, "invalid_target");

    let device = ask(&world, "gallery", &scope("openid email phone")).await;
    let mut host = world.host("bank", "gallery");
    host.scopes = Scopes::parse("openid email mediate").unwrap();
    host.default_scopes = host.scopes.clone();
    world.put(host).await;
    let subject = world.sign_in("bank", "alice").await;
    let told = answer(&world, "bank", &device.form(&subject)).await.ok();
    assert_eq!(told.text("scope"), "email openid");
    let some = device.form(&subject).with("decision", "approve").with("scope", "openid phone");
    answer(&world, "bank", &some).await.ok();
    assert_eq!(device.poll(&world).await.ok().text("scope"), "openid");
}

#[tokio::test]
async fn the_host_learns_for_which_resources_the_tokens_are() {
    let world = world().await;
    let device = ask(&world, "gallery", &scope("openid").with("resource", API)).await;
    let subject = world.sign_in("bank", "alice").await;
    let told = answer(&world, "bank", &device.form(&subject)).await.ok();
    assert_eq!(told.json["resource"], json!([API]));
}

#[tokio::test]
async fn without_a_client_that_may_use_them_device_codes_are_not_in_the_metadata() {
    let path = "/.well-known/oauth-authorization-server";
    let without = World::new().await;
    let metadata = without.send(without.request(reqwest::Method::GET, path)).await.ok().json;
    assert_eq!(metadata.get("device_authorization_endpoint"), None);
    let with = world().await;
    let metadata = with.send(with.request(reqwest::Method::GET, path)).await.ok().json;
    let base = &with.base;
    assert_eq!(metadata["device_authorization_endpoint"], format!("{base}/device_authorization"));
    assert_eq!(metadata["device_approval_endpoint"], format!("{base}/device/approval"));
    assert!(metadata["grant_types_supported"].as_array().unwrap().contains(&json!(GRANT)));
}
