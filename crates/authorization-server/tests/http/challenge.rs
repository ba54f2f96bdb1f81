//! The host's code request.

use std::time::Duration;

use minihost_authorization_server::{ClientRegistration, GrantType, Scopes};
use serde_json::Value;

use crate::support::{Form, Pkce, World};

struct Asking {
    world: World,
    form: Form,
}

impl Asking {
    async fn new() -> Self {
        let world = World::new().await;
        let subject = world.sign_in("bank", "alice").await;
        let form = world.code_form("teahouse", &subject, &Pkce::new());
        Self { world, form }
    }

    async fn refused(&self, form: Form, status: u16, error: &str) {
        let answer = self.world.post("/challenge", "bank", &form).await;
        answer.refused(status, error);
        assert_eq!(answer.json.get("authorization_code"), None);
    }
}

#[tokio::test]
async fn a_code_comes_with_the_client_it_is_for_its_lifetime_scope_and_grant() {
    let Asking { world, form } = Asking::new().await;
    let answer = world.post("/challenge", "bank", &form).await.ok();
    assert_eq!(answer.text("authorization_code").len(), 51);
    assert_eq!(answer.text("client_id"), "teahouse");
    assert_eq!(answer.json["expires_in"], 60);
    assert_eq!(answer.text("scope"), "email openid phone profile");
    assert!(!answer.text("grant_id").is_empty());
}

#[tokio::test]
async fn a_grant_belongs_to_one_user_and_one_mini_program() {
    let world = World::new().await;
    let grant = async |target: &str, user: &str| -> Value {
        let subject = world.sign_in("bank", user).await;
        let form = world.code_form(target, &subject, &Pkce::new());
        world.post("/challenge", "bank", &form).await.ok().json["grant_id"].clone()
    };
    let first = grant("teahouse", "alice").await;
    assert_eq!(grant("teahouse", "alice").await, first);
    assert_ne!(grant("teahouse", "bob").await, first);
    assert_ne!(grant("cinema", "alice").await, first);
}

#[tokio::test]
async fn user_tokens_that_are_not_the_hosts_own_are_insufficient() {
    let Asking { mut world, form } = Asking::new().await;
    let mut registration = world.host("bank", "teahouse");
    registration.grants.insert(GrantType::ClientCredentials);
    world.put(registration).await;
    let mini_program = world.tokens("teahouse", "alice").await;
    let host = world.post("/token", "bank", &world.password_form("alice")).await.ok();
    let given_back = world.sign_in("bank", "alice").await;
    let revoked = Form::new(&[("token", &given_back)]);
    assert_eq!(world.post("/revoke", "bank", &revoked).await.status.as_u16(), 200);
    let for_itself = Form::new(&[("grant_type", "client_credentials")]);
    let for_itself = world.post("/token", "bank", &for_itself).await.ok();
    let without_mediate = world.password_form("alice").with("scope", "openid profile");
    let without_mediate = world.post("/token", "bank", &without_mediate).await.ok();
    for (what, token) in [
        ("a mini-program's access token", mini_program.text("access_token")),
        ("a mini-program's refresh token", mini_program.text("refresh_token")),
        ("another host's access token", &world.sign_in("rival", "alice").await),
        ("the host's refresh token", host.text("refresh_token")),
        ("a token without scope mediate", without_mediate.text("access_token")),
        ("the host's ID token", host.text("id_token")),
        ("a token that was given back", &given_back),
        ("a token of the host for itself", for_itself.text("access_token")),
        ("a made-up token", "made-up"),
    ] {
        let form = form.clone().with("subject_token", token);
        let answer = world.post("/challenge", "bank", &form).await;
        assert_eq!(answer.status.as_u16(), 403, "{what}");
        answer.refused(403, "insufficient_authorization");
    }
    let missing = form.clone().without("subject_token");
    let answer = world.post("/challenge", "bank", &missing).await;
    answer.refused(403, "insufficient_authorization");
    let id_token = form.with("subject_token_type", "urn:ietf:params:oauth:token-type:id_token");
    let answer = world.post("/challenge", "bank", &id_token).await;
    answer.refused(403, "insufficient_authorization");
}

#[tokio::test]
async fn an_expired_user_token_is_insufficient() {
    let Asking { world, form } = Asking::new().await;
    world.clock.advance(Duration::from_secs(599));
    world.post("/challenge", "bank", &form).await.ok();
    world.clock.advance(Duration::from_secs(1));
    let answer = world.post("/challenge", "bank", &form).await;
    answer.refused(403, "insufficient_authorization");
}

#[tokio::test]
async fn max_age_asks_for_a_recent_sign_in_and_refreshing_is_none() {
    let world = World::new().await;
    let signed_in = world.post("/token", "bank", &world.password_form("alice")).await.ok();
    world.clock.advance(Duration::from_secs(100));
    let refreshed = world.refresh("bank", signed_in.text("refresh_token")).await.ok();
    let form = world.code_form("teahouse", refreshed.text("access_token"), &Pkce::new());
    let at_most = |seconds: &str| form.clone().with("max_age", seconds);
    world.post("/challenge", "bank", &at_most("100")).await.ok();
    let answer = world.post("/challenge", "bank", &at_most("99")).await;
    answer.refused(403, "insufficient_authorization");
    world.post("/challenge", "bank", &at_most("soon")).await.refused(400, "invalid_request");
}

#[tokio::test]
async fn h2_a_host_may_ask_only_for_mini_programs_registered_to_it() {
    let world = World::new().await;
    let rival = world.sign_in("rival", "alice").await;
    let form = world.code_form("teahouse", &rival, &Pkce::new());
    let answer = world.post("/challenge", "rival", &form).await;
    answer.refused(400, "unauthorized_client");
    for target in ["nobody", "bank", "a b", "\u{e9}"] {
        let form = form.clone().with("target_client_id", target);
        let answer = world.post("/challenge", "rival", &form).await;
        answer.refused(400, "unauthorized_client");
    }
    let allowed = world.code_form("cinema", &rival, &Pkce::new());
    world.post("/challenge", "rival", &allowed).await.ok();
}

#[tokio::test]
async fn h2_a_mini_program_cannot_ask_for_codes() {
    let Asking { world, form } = Asking::new().await;
    for client in ["teahouse", "gallery"] {
        let answer = world.post("/challenge", client, &form).await;
        answer.refused(400, "unauthorized_client");
    }
}

#[tokio::test]
async fn c4_pkce_with_s256_is_required() {
    let asking = Asking::new().await;
    let form = || asking.form.clone();
    let plain = form().with("code_challenge_method", "plain");
    let implied_plain = form().without("code_challenge_method");
    for form in [
        form().without("code_challenge"),
        form().without("code_challenge").without("code_challenge_method"),
        form().with("code_challenge", "too-short"),
        form().with("code_challenge", "+".repeat(43)),
        plain,
        implied_plain,
    ] {
        asking.refused(form, 400, "invalid_request").await;
    }
}

#[tokio::test]
async fn redirect_uris_are_compared_exactly() {
    let asking = Asking::new().await;
    let registered = crate::support::callback("teahouse");
    for foreign in [
        "http://cinema.sim.localhost:4001/callback".to_owned(),
        format!("{registered}/"),
        format!("{registered}?x=1"),
        format!("{registered}#x"),
        registered.replace("callback", "Callback"),
        registered.replace("callback", "x/../callback"),
        registered.replace("callback", "%63allback"),
        registered.replace("teahouse", "TEAHOUSE"),
        registered.replace("http://", "HTTP://"),
        registered.replace("http://", "https://"),
        registered.replace("http://", "http://user@"),
        registered.replace(":4001", ":4002"),
        registered.replace(":4001", ""),
        registered.replace("localhost", "localhost."),
        registered.replace("localhost", "localhost.evil.example"),
        format!(" {registered}"),
        "javascript:alert(1)".to_owned(),
    ] {
        let form = asking.form.clone().with("redirect_uri", foreign);
        asking.refused(form, 400, "invalid_request").await;
    }
}

#[tokio::test]
async fn requests_outside_the_profile_are_refused() {
    let asking = Asking::new().await;
    let form = || asking.form.clone();
    for name in ["response_type", "target_client_id", "redirect_uri", "subject_token_type"] {
        asking.refused(form().without(name), 400, "invalid_request").await;
    }
    for name in ["target_client_id", "redirect_uri", "scope", "code_challenge", "subject_token"] {
        asking.refused(form().and(name, "again"), 400, "invalid_request").await;
    }
    let token = form().with("response_type", "token");
    asking.refused(token, 400, "unsupported_response_type").await;
    let session = form().with("auth_session", "s");
    asking.refused(session, 400, "invalid_session").await;
    let elsewhere = form().with("resource", "https://api.example");
    asking.refused(elsewhere, 400, "invalid_target").await;
    let here =
        form().with("resource", &asking.world.base).with("nonce", "n").with("acr_values", "1");
    asking.world.post("/challenge", "bank", &here).await.ok();
}

#[tokio::test]
async fn h3_scopes_nobody_may_have_are_left_out_and_none_left_is_an_error() {
    let asking = Asking::new().await;
    let form = || asking.form.clone();
    let some = form().with("scope", "openid mediate admin");
    let answer = asking.world.post("/challenge", "bank", &some).await.ok();
    assert_eq!(answer.text("scope"), "openid");
    for none in ["mediate", "admin", "a\"b", "x y z"] {
        asking.refused(form().with("scope", none), 400, "invalid_scope").await;
    }
    asking.refused(form().without("scope"), 400, "invalid_scope").await;
}

#[tokio::test]
async fn h3_a_mini_program_gets_no_more_than_its_host_may_pass_on() {
    let mut world = World::new().await;
    let host = world.host("bank", "teahouse");
    let scopes = Scopes::parse("openid email mediate").unwrap();
    world.put(ClientRegistration { default_scopes: scopes.clone(), scopes, ..host }).await;
    let subject = world.sign_in("bank", "alice").await;
    let form = world.code_form("teahouse", &subject, &Pkce::new());
    let answer = world.post("/challenge", "bank", &form).await.ok();
    assert_eq!(answer.text("scope"), "email openid");
}
