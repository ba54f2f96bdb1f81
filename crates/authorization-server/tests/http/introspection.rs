//! Token introspection (RFC 7662), and a resource server that lives by it.

use std::time::Duration;

use minihost_authorization_server::{
    ClientKind, ClientRegistration, RefreshPolicy, Resource, Scopes,
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::resource_server::ResourceServer;
use crate::support::{ALL, Answer, Form, Pkce, WEEK, World, client_id, program, redeem_form};

const TEA: &str = "https://tea.example/api";
const FILMS: &str = "urn:example:films";

/// The usual world with two resource servers, for which `teahouse` may ask tokens.
async fn world() -> World {
    let mut world = World::new().await;
    for (id, resource) in [("tea-api", TEA), ("film-api", FILMS)] {
        let kind = ClientKind::ResourceServer { resource: Resource::new(resource).unwrap() };
        let authentication = world.new_secret(id);
        let scopes = Scopes::default();
        world.put(ClientRegistration::new(client_id(id), kind, authentication, scopes)).await;
    }
    let authentication = world.new_secret("teahouse");
    let fixed = RefreshPolicy::Fixed { lifetime: WEEK };
    let resources = [TEA, FILMS].map(|uri| Resource::new(uri).unwrap()).to_vec();
    world.put(ClientRegistration { resources, ..program("teahouse", authentication, fixed) }).await;
    world
}

/// Tokens of `teahouse` for these resources, with this scope.
async fn tokens_for(world: &World, resources: &[&str], scope: &str) -> Answer {
    let subject = world.sign_in("bank", "alice").await;
    let pkce = Pkce::new();
    let form = world.code_form("teahouse", &subject, &pkce).with("scope", scope);
    let form = resources.iter().fold(form, |form, uri| form.and("resource", uri));
    let code = world.post("/challenge", "bank", &form).await.ok();
    world.redeem("teahouse", code.text("authorization_code"), &pkce).await.ok()
}

async fn introspect(world: &World, client: &str, token: &str) -> Value {
    world.post("/introspect", client, &Form::new(&[("token", token)])).await.ok().json
}

fn inactive() -> Value {
    json!({ "active": false })
}

#[tokio::test]
async fn an_active_token_is_described_to_its_client_with_who_got_the_code_for_it() {
    let world = world().await;
    let tokens = world.tokens("teahouse", "alice").await;
    let details = world.userinfo(tokens.text("access_token")).await.ok();
    let now = world.clock.seconds();
    let described = introspect(&world, "teahouse", tokens.text("access_token")).await;
    let expected = json!({
        "active": true,
        "iss": world.base,
        "sub": details.text("sub"),
        "aud": [world.base],
        "client_id": "teahouse",
        "scope": "email openid phone profile",
        "exp": now + 60,
        "iat": now,
        "token_type": "Bearer",
        "act": { "sub": "bank" },
    });
    assert_eq!(described, expected);
    let described = introspect(&world, "teahouse", tokens.text("refresh_token")).await;
    let expected = json!({
        "active": true,
        "iss": world.base,
        "sub": details.text("sub"),
        "aud": [world.base],
        "client_id": "teahouse",
        "scope": "email openid phone profile",
        "exp": now + 7 * 24 * 60 * 60,
        "act": { "sub": "bank" },
    });
    assert_eq!(described, expected);
}

#[tokio::test]
async fn g5_the_chain_shows_where_a_host_mediated_and_nowhere_else() {
    let world = world().await;
    let program = world.tokens("teahouse", "alice").await;
    let refreshed = world.refresh("teahouse", program.text("refresh_token")).await.ok();
    for token in [program.text("access_token"), refreshed.text("access_token")] {
        let described = introspect(&world, "teahouse", token).await;
        assert_eq!(described["act"], json!({ "sub": "bank" }));
    }
    let host = world.sign_in("bank", "alice").await;
    assert_eq!(introspect(&world, "bank", &host).await.get("act"), None);
}

#[tokio::test]
async fn what_is_over_unknown_or_another_clients_is_inactive_and_nothing_more() {
    let world = world().await;
    let spent = world.tokens("cinema", "alice").await;
    let newer = world.refresh("cinema", spent.text("refresh_token")).await.ok();
    let code = world.code("cinema", "alice", &Pkce::new()).await;
    for token in ["made-up", spent.text("refresh_token"), &code] {
        assert_eq!(introspect(&world, "cinema", token).await, inactive());
    }
    for (other, kind) in
        [("teahouse", "access_token"), ("bank", "refresh_token"), ("tea-api", "access_token")]
    {
        assert_eq!(introspect(&world, other, newer.text(kind)).await, inactive(), "{other}");
    }
    assert_eq!(introspect(&world, "cinema", newer.text("access_token")).await["active"], true);
    world.clock.advance(Duration::from_secs(60));
    assert_eq!(introspect(&world, "cinema", newer.text("access_token")).await, inactive());
    let revoked = Form::new(&[("token", newer.text("refresh_token"))]);
    world.post("/revoke", "cinema", &revoked).await;
    assert_eq!(introspect(&world, "cinema", newer.text("refresh_token")).await, inactive());
    let expired = world.tokens("cinema", "alice").await;
    world.clock.advance(WEEK);
    assert_eq!(introspect(&world, "cinema", expired.text("refresh_token")).await, inactive());
}

#[tokio::test]
async fn a_resource_server_learns_only_of_access_tokens_that_are_for_it() {
    let world = world().await;
    let tea = tokens_for(&world, &[TEA], "profile").await;
    let both = tokens_for(&world, &[TEA, FILMS], "profile").await;
    let own = world.tokens("teahouse", "alice").await;
    let described = introspect(&world, "tea-api", tea.text("access_token")).await;
    assert_eq!(described["aud"], json!([TEA]));
    assert_eq!(described["client_id"], "teahouse");
    let described = introspect(&world, "film-api", both.text("access_token")).await;
    assert_eq!(described["aud"], json!([TEA, FILMS]));
    for token in [tea.text("access_token"), own.text("access_token"), both.text("refresh_token")] {
        assert_eq!(introspect(&world, "film-api", token).await, inactive());
    }
}

#[tokio::test]
async fn t8_a_token_for_one_api_is_refused_by_another() {
    let world = world().await;
    let tea = ResourceServer::start(&world, "tea-api", TEA).await;
    let films = ResourceServer::start(&world, "film-api", FILMS).await;
    let challenge = |answer: &Answer| answer.header("www-authenticate").unwrap().to_owned();

    let tokens = tokens_for(&world, &[TEA], "openid profile").await;
    let token = tokens.text("access_token");
    let served = tea.get(Some(token)).await.ok();
    assert_eq!(served.text("by"), "bank");
    let refused = films.get(Some(token)).await;
    assert_eq!(refused.status.as_u16(), 401);
    assert_eq!(challenge(&refused), r#"Bearer error="invalid_token""#);
    world.userinfo(token).await.refused(401, "invalid_token");
    // Nor is a token for the authorization server one for an API.
    let own = world.tokens("teahouse", "alice").await;
    assert_eq!(tea.get(Some(own.text("access_token"))).await.status.as_u16(), 401);
    // The client may ask for less at the redemption and at each refresh, never for another.
    let form = Form::new(&[
        ("grant_type", "refresh_token"),
        ("refresh_token", tokens.text("refresh_token")),
        ("resource", FILMS),
    ]);
    world.post("/token", "teahouse", &form).await.refused(400, "invalid_target");

    let narrow = tokens_for(&world, &[TEA], "openid").await;
    let refused = tea.get(Some(narrow.text("access_token"))).await;
    assert_eq!(refused.status.as_u16(), 403);
    assert_eq!(challenge(&refused), r#"Bearer error="insufficient_scope", scope="profile""#);
    let refused = tea.get(None).await;
    assert_eq!((refused.status.as_u16(), &*challenge(&refused)), (401, "Bearer"));

    world.clock.advance(Duration::from_secs(60));
    assert_eq!(tea.get(Some(token)).await.status.as_u16(), 401);
    let fresh = world.refresh("teahouse", tokens.text("refresh_token")).await.ok();
    tea.get(Some(fresh.text("access_token"))).await.ok();
    let over = Form::new(&[("token", fresh.text("access_token"))]);
    world.post("/revoke", "teahouse", &over).await;
    assert_eq!(tea.get(Some(fresh.text("access_token"))).await.status.as_u16(), 401);
}

#[tokio::test]
async fn a_redemption_may_take_less_than_the_code_allows() {
    let world = world().await;
    let subject = world.sign_in("bank", "alice").await;
    let pkce = Pkce::new();
    let form = world.code_form("teahouse", &subject, &pkce).with("scope", ALL);
    let form = form.and("resource", TEA).and("resource", FILMS);
    let code = world.post("/challenge", "bank", &form).await.ok();
    let redeem = redeem_form("teahouse", code.text("authorization_code"), &pkce);
    let tokens = world.post("/token", "teahouse", &redeem.and("resource", TEA)).await.ok();
    let described = introspect(&world, "teahouse", tokens.text("access_token")).await;
    assert_eq!(described["aud"], json!([TEA]));
}

#[tokio::test]
async fn who_proves_nothing_may_not_ask() {
    let world = world().await;
    let tokens = world.tokens("gallery", "alice").await;
    let form = Form::new(&[("token", tokens.text("access_token"))]);
    world.post("/introspect", "gallery", &form).await.refused(400, "unauthorized_client");
    world.post_unauthenticated("/introspect", &form).await.refused(401, "invalid_client");
    let unproven = form.with("client_id", "tea-api").with("client_secret", "guess");
    let answer = world.post_unauthenticated("/introspect", &unproven).await;
    answer.refused(401, "invalid_client");
}

#[tokio::test]
async fn a_resource_server_gets_no_tokens_itself() {
    let world = world().await;
    let form = Form::new(&[("grant_type", "client_credentials")]);
    world.post("/token", "tea-api", &form).await.refused(400, "unsupported_grant_type");
    let pkce = Pkce::new();
    let code = world.code("teahouse", "alice", &pkce).await;
    let form = redeem_form("teahouse", &code, &pkce);
    world.post("/token", "tea-api", &form).await.refused(400, "invalid_grant");
    let form = world.code_form("teahouse", &world.sign_in("bank", "alice").await, &pkce);
    world.post("/challenge", "tea-api", &form).await.refused(400, "unauthorized_client");
}

#[tokio::test]
async fn c15_c16_introspection_takes_each_parameter_once_and_only_by_post() {
    let world = world().await;
    let tokens = world.tokens("teahouse", "alice").await;
    let form =
        Form::new(&[("token", tokens.text("access_token")), ("token_type_hint", "refresh_token")]);
    for name in ["token", "token_type_hint"] {
        let twice = form.clone().and(name, "again");
        world.post("/introspect", "teahouse", &twice).await.refused(400, "invalid_request");
    }
    for bad in [form.clone().without("token"), form.clone().with("token", "")] {
        world.post("/introspect", "teahouse", &bad).await.refused(400, "invalid_request");
    }
    let get = world.send(world.request(Method::GET, "/introspect?token=x")).await;
    assert_eq!((get.status.as_u16(), get.header("allow")), (405, Some("POST")));
    let unknown = form.and("unknown", "1").and("unknown", "2");
    let answer = world.post("/introspect", "teahouse", &unknown).await.ok();
    assert_eq!(answer.json["active"], true, "a wrong hint changes nothing");
}
