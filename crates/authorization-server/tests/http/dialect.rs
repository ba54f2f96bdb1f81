//! The dialect of Chinese open platforms, for the clients that are registered so.

use minihost_authorization_server::{
    ClientRegistration, Dialect, GrantType, RefreshPolicy, Requirement,
};
use reqwest::{Method, StatusCode};

use crate::authorize::allow;
use crate::support::browser::{Browser, authorize};
use crate::support::{Answer, Form, Pkce, WEEK, World, callback, program, redeem_form};

async fn world() -> World {
    spoken_in(World::new().await).await
}

/// The world in which `teahouse` speaks the dialect, and `cinema` does not.
pub(crate) async fn spoken_in(mut world: World) -> World {
    let authentication = world.new_secret("teahouse");
    let fixed = RefreshPolicy::Fixed { lifetime: WEEK };
    let dialect = Dialect::OpenPlatform;
    world.put(ClientRegistration { dialect, ..program("teahouse", authentication, fixed) }).await;
    world
}

/// The form with the client's credentials in it, as a query.
async fn get(world: &World, client: &str, form: &Form) -> Answer {
    let form = form.clone().with("client_id", client).with("client_secret", world.secret(client));
    by(world, Method::GET, &form).await
}

async fn by(world: &World, method: Method, form: &Form) -> Answer {
    world.send(world.request(method, &format!("/token?{}", form.as_query()))).await
}

/// A code request redeemed and refreshed by GET.
pub(crate) async fn story_by_query(world: &World) {
    let pkce = Pkce::new();
    let code = world.code("teahouse", "alice", &pkce).await;
    let form = redeem_form("teahouse", &code, &pkce);
    let tokens = get(world, "teahouse", &form).await.ok();
    world.userinfo(tokens.text("access_token")).await.ok();
    let form = refresh_form(tokens.text("refresh_token"));
    let refreshed = get(world, "teahouse", &form).await.ok();
    world.userinfo(refreshed.text("access_token")).await.ok();
    get(world, "teahouse", &redeem_form("teahouse", &code, &pkce))
        .await
        .refused(400, "invalid_grant");
}

fn refresh_form(token: &str) -> Form {
    Form::new(&[("grant_type", "refresh_token"), ("refresh_token", token)])
}

#[tokio::test]
async fn the_reply_has_commas_in_its_scope_the_open_id_and_how_long_the_refresh_token_lives() {
    let world = world().await;
    let tokens = world.tokens("teahouse", "alice").await;
    assert_eq!(tokens.text("scope"), "email,openid,phone,profile");
    assert_eq!(tokens.json["refresh_expires_in"], 7 * 24 * 60 * 60);
    let details = world.userinfo(tokens.text("access_token")).await.ok();
    assert_eq!(tokens.text("open_id"), details.text("open_id"));
    // The two members do no harm to others, who get them as well; commas would.
    let ordinary = world.tokens("cinema", "alice").await;
    assert_eq!(ordinary.text("scope"), "email openid phone profile");
    assert_eq!(ordinary.json["refresh_expires_in"], 7 * 24 * 60 * 60);
    assert!(ordinary.json["open_id"].is_string());
}

#[tokio::test]
async fn scopes_may_come_with_commas_or_with_spaces() {
    let world = world().await;
    let tokens = world.tokens("teahouse", "alice").await;
    for list in ["openid,email", "openid email", ",openid, email,"] {
        let form = refresh_form(tokens.text("refresh_token")).with("scope", list);
        let narrowed = world.post("/token", "teahouse", &form).await.ok();
        assert_eq!(narrowed.text("scope"), "email,openid", "{list}");
    }
    let wide = refresh_form(tokens.text("refresh_token")).with("scope", "openid,admin");
    world.post("/token", "teahouse", &wide).await.refused(400, "invalid_scope");
    // To everybody else a comma is a character of a scope like any other.
    let ordinary = world.tokens("cinema", "alice").await;
    let form = refresh_form(ordinary.text("refresh_token")).with("scope", "openid,email");
    world.post("/token", "cinema", &form).await.refused(400, "invalid_scope");
}

#[tokio::test]
async fn open_id_comes_whatever_the_scopes_and_an_id_token_only_with_openid() {
    let world = world().await;
    let narrowed = async |client: &str| {
        let tokens = world.tokens(client, "alice").await;
        let form = refresh_form(tokens.text("refresh_token")).with("scope", "email");
        let answer = world.post("/token", client, &form).await.ok();
        assert_eq!(answer.text("scope"), "email");
        assert_eq!(answer.json["id_token"], serde_json::Value::Null);
        (tokens, answer)
    };
    let (tokens, narrow) = narrowed("teahouse").await;
    assert_eq!(narrow.text("open_id"), tokens.text("open_id"));
    let (_, ordinary) = narrowed("cinema").await;
    assert_eq!(ordinary.json["open_id"], serde_json::Value::Null);
}

#[tokio::test]
async fn a_device_may_ask_with_commas_too() {
    let mut world = World::new().await;
    for dialect in [Dialect::OpenPlatform, Dialect::Standard] {
        let authentication = world.new_secret("teahouse");
        let fixed = RefreshPolicy::Fixed { lifetime: WEEK };
        let mut client =
            ClientRegistration { dialect, ..program("teahouse", authentication, fixed) };
        client.grants.insert(GrantType::DeviceCode);
        world.put(client).await;
        let form = Form::new(&[("scope", "openid,email")]);
        let answer = world.post("/device_authorization", "teahouse", &form).await;
        if dialect == Dialect::OpenPlatform {
            answer.ok();
        } else {
            answer.refused(400, "invalid_scope");
        }
    }
}

#[tokio::test]
async fn redirect_url_is_taken_for_redirect_uri() {
    let world = world().await;
    let pkce = Pkce::new();
    let url = |client: &str, code: &str, url: &str| {
        redeem_form(client, code, &pkce).without("redirect_uri").with("redirect_url", url)
    };
    let code = world.code("teahouse", "alice", &pkce).await;
    let twice = url("teahouse", &code, &callback("teahouse")).and("redirect_url", "again");
    world.post("/token", "teahouse", &twice).await.refused(400, "invalid_request");
    let both = url("teahouse", &code, "https://teahouse.example/back")
        .with("redirect_uri", callback("teahouse"));
    world.post("/token", "teahouse", &both).await.refused(400, "invalid_request");
    let form = url("teahouse", &code, &callback("teahouse"));
    world.post("/token", "teahouse", &form).await.ok();
    // It is compared as exactly as the other.
    let code = world.code("teahouse", "alice", &pkce).await;
    let form = url("teahouse", &code, "https://teahouse.example/back");
    world.post("/token", "teahouse", &form).await.refused(400, "invalid_grant");
    // To everybody else it is an unknown parameter.
    let code = world.code("cinema", "alice", &pkce).await;
    let form = url("cinema", &code, &callback("cinema"));
    world.post("/token", "cinema", &form).await.refused(400, "invalid_request");
}

#[tokio::test]
async fn a_program_of_the_dialect_may_ask_for_tokens_by_get() {
    let world = world().await;
    story_by_query(&world).await;
    let wrong =
        refresh_form("made-up").with("client_id", "teahouse").with("client_secret", "guess");
    by(&world, Method::GET, &wrong).await.refused(401, "invalid_client");
    let form = refresh_form("made-up").and("grant_type", "again");
    get(&world, "teahouse", &form).await.refused(400, "invalid_request");
}

#[tokio::test]
async fn c16_nobody_else_may_and_nothing_comes_of_it() {
    let world = world().await;
    let pkce = Pkce::new();
    let code = world.code("cinema", "alice", &pkce).await;
    let form = redeem_form("cinema", &code, &pkce);
    let ordinary =
        form.clone().with("client_id", "cinema").with("client_secret", world.secret("cinema"));
    let dialect_code = world.code("teahouse", "alice", &pkce).await;
    let dialect = redeem_form("teahouse", &dialect_code, &pkce)
        .with("client_id", "teahouse")
        .with("client_secret", world.secret("teahouse"));
    for (method, form) in [
        (Method::GET, ordinary),
        (Method::GET, form.clone()),
        (Method::GET, form.clone().with("client_id", "gallery")),
        (Method::GET, form.clone().with("client_id", "nobody")),
        (Method::GET, form.clone().with("client_id", "teahouse").and("client_id", "teahouse")),
        (Method::GET, Form::new(&[])),
        (Method::HEAD, dialect.clone()),
        (Method::PUT, dialect.clone()),
    ] {
        let answer = by(&world, method.clone(), &form).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{method}");
        assert!(answer.header("allow").unwrap().contains("POST"));
        assert_eq!(answer.json, serde_json::Value::Null);
    }
    world.redeem("cinema", &code, &pkce).await.ok();
    world.redeem("teahouse", &dialect_code, &pkce).await.ok();
}

#[tokio::test]
async fn c16_a_post_does_not_take_its_parameters_from_the_query() {
    let world = world().await;
    let form = refresh_form("made-up");
    let request = world
        .request(Method::POST, &format!("/token?{}", form.as_query()))
        .basic_auth("teahouse", Some(world.secret("teahouse")))
        .form(&[("unknown", "1")]);
    world.send(request).await.refused(400, "invalid_request");
}

#[tokio::test]
async fn a_program_of_an_open_platform_goes_its_whole_way_in_the_browser() {
    let mut world = World::new().await;
    let authentication = world.new_secret("teahouse");
    let fixed = RefreshPolicy::Fixed { lifetime: WEEK };
    world
        .put(ClientRegistration {
            dialect: Dialect::OpenPlatform,
            pkce: Requirement::Optional,
            ..program("teahouse", authentication, fixed)
        })
        .await;
    let without_pkce = |client: &str| {
        world
            .authorization(client, &Pkce::new())
            .without("code_challenge")
            .without("code_challenge_method")
            .without("redirect_uri")
            .with("redirect_url", callback(client))
            .with("scope", "openid,email")
    };
    let browser = Browser::new(&world);
    let form = without_pkce("teahouse");
    let page = allow(&browser, &form, "alice").await;
    assert!(page.location().unwrap().starts_with(&callback("teahouse")));
    let redeem = Form::new(&[
        ("grant_type", "authorization_code"),
        ("code", &page.sent_back("code").unwrap()),
        ("redirect_url", &callback("teahouse")),
    ]);
    let tokens = get(&world, "teahouse", &redeem).await.ok();
    assert_eq!(tokens.text("scope"), "email,openid");
    let details = world.userinfo(tokens.text("access_token")).await.ok();
    assert_eq!(details.text("open_id"), tokens.text("open_id"));

    let differing = form.clone().with("redirect_uri", "https://teahouse.example/back");
    browser.open(&authorize(&differing)).await.stops(400);
    let foreign = form.clone().with("redirect_url", "https://evil.example/");
    browser.open(&authorize(&foreign)).await.stops(400);
    let twice = form.and("redirect_url", "https://teahouse.example/back");
    browser.open(&authorize(&twice)).await.stops(400);
    // Who does not speak the dialect has named no redirect URI.
    browser.open(&authorize(&without_pkce("cinema"))).await.stops(400);
}
