//! What holds for the parameters of every endpoint that takes a form.

mod mistakes;

use minihost_authorization_server::{ClientRegistration, GrantType, RefreshPolicy, Scopes};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use reqwest::Method;

use crate::support::{Answer, Form, Pkce, WEEK, World, program, redeem_form};

/// The usual world, in which every grant is in use by some client.
async fn world() -> World {
    let mut world = World::new().await;
    let authentication = world.new_secret("teahouse");
    let scopes = Scopes::parse("openid profile email phone stock").unwrap();
    world
        .put(ClientRegistration {
            grants: [GrantType::AuthorizationCode, GrantType::ClientCredentials].into(),
            default_scopes: scopes.clone(),
            scopes,
            ..program("teahouse", authentication, RefreshPolicy::Fixed { lifetime: WEEK })
        })
        .await;
    world
}

/// One good request for each endpoint and grant.
async fn good_requests(world: &World) -> Vec<(&'static str, &'static str, Form)> {
    let pkce = Pkce::new();
    let subject = world.sign_in("bank", "alice").await;
    let code = world.code("teahouse", "alice", &pkce).await;
    let tokens = world.tokens("teahouse", "alice").await;
    let token = |kind: &str| Form::new(&[("token", tokens.text(kind)), ("token_type_hint", kind)]);
    vec![
        ("/token", "teahouse", redeem_form("teahouse", &code, &pkce)),
        (
            "/token",
            "teahouse",
            Form::new(&[
                ("grant_type", "refresh_token"),
                ("refresh_token", tokens.text("refresh_token")),
                ("scope", "openid"),
            ]),
        ),
        ("/token", "bank", world.password_form("alice").with("scope", "openid")),
        (
            "/token",
            "teahouse",
            Form::new(&[("grant_type", "client_credentials"), ("scope", "stock")]),
        ),
        (
            "/challenge",
            "bank",
            world
                .code_form("teahouse", &subject, &Pkce::new())
                .with("nonce", "n")
                .with("max_age", 60)
                .with("acr_values", "1 2"),
        ),
        ("/introspect", "teahouse", token("access_token")),
        ("/revoke", "teahouse", token("refresh_token")),
    ]
}

/// With the credentials among the parameters, so that they are tried too.
fn with_credentials(world: &World, client: &str, form: &Form) -> Form {
    form.clone().with("client_id", client).with("client_secret", world.secret(client))
}

#[tokio::test]
async fn c15_no_parameter_may_be_there_twice_not_even_with_the_same_value() {
    let world = world().await;
    for (path, client, form) in good_requests(&world).await {
        let form = with_credentials(&world, client, &form);
        for (name, value) in form.0.clone() {
            for again in [value.as_str(), "another", ""] {
                let twice = form.clone().and(&name, again);
                let answer = world.post_unauthenticated(path, &twice).await;
                assert_eq!(
                    (answer.status.as_u16(), answer.text("error")),
                    (400, "invalid_request"),
                    "{name} at {path}"
                );
            }
        }
        let answer = world.post_unauthenticated(path, &form).await;
        assert!(answer.status.is_success(), "none of this cost anything: {:?}", answer.json);
    }
}

#[tokio::test]
async fn c15_an_empty_parameter_is_none_at_all() {
    let world = world().await;
    for (path, client, form) in good_requests(&world).await {
        let form = with_credentials(&world, client, &form);
        for (name, _) in form.0.clone() {
            let absent = form.clone().without(&name);
            // Each for itself, or a code that one of them spends would be missing for the other.
            let verdict = |answer: Answer| (answer.status, answer.json["error"].clone());
            let (mut absent, mut empty) = (absent.clone(), absent.with(&name, ""));
            if path == "/token" && name == "scope" || path == "/revoke" {
                // Good without it. What it gives is not the same twice.
                continue;
            }
            if path == "/challenge" {
                absent = absent.without("consent");
                empty = empty.without("consent");
            }
            let absent = verdict(world.post_unauthenticated(path, &absent).await);
            let empty = verdict(world.post_unauthenticated(path, &empty).await);
            assert_eq!(absent, empty, "{name} at {path}");
        }
    }
    let form =
        with_credentials(&world, "teahouse", &Form::new(&[("grant_type", "client_credentials")]));
    let empty = form.clone().with("scope", "");
    for form in [form, empty] {
        assert_eq!(world.post_unauthenticated("/token", &form).await.ok().text("scope"), "stock");
    }
}

#[tokio::test]
async fn c15_unknown_parameters_change_nothing() {
    let world = world().await;
    for (path, client, form) in good_requests(&world).await {
        let form = form.and("unknown", "1").and("unknown", "2").and("\u{8336}", "\u{9986}");
        let answer = world.post(path, client, &form).await;
        assert!(answer.status.is_success(), "{path}: {:?}", answer.json);
    }
}

#[tokio::test]
async fn c16_forms_are_taken_by_post_alone_and_no_answer_is_stored() {
    let world = world().await;
    for (path, client, form) in good_requests(&world).await {
        for method in [Method::GET, Method::PUT, Method::DELETE, Method::PATCH, Method::HEAD] {
            let request = world
                .request(method.clone(), path)
                .basic_auth(client, Some(world.secret(client)))
                .form(&form.0);
            let answer = world.send(request).await;
            assert_eq!(answer.status.as_u16(), 405, "{method} {path}");
            assert!(answer.header("allow").unwrap().contains("POST"), "{method} {path}");
        }
        let good = world.post(path, client, &form).await;
        assert!(good.status.is_success(), "{path}: {:?}", good.json);
        assert_eq!(good.header("cache-control"), Some("no-store"), "{path}");
        let bad = world.post(path, client, &Form::new(&[])).await;
        assert_eq!(bad.header("cache-control"), Some("no-store"), "{path}");
        assert_eq!(bad.status.as_u16(), 400, "{path}");
    }
}

#[test]
fn c17_no_text_that_comes_in_goes_out_again_in_an_error() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let world = runtime.block_on(world());
    let requests = runtime.block_on(good_requests(&world));
    let places: Vec<_> = requests
        .iter()
        .flat_map(|(path, client, form)| {
            let names = form.0.iter().map(|(name, _)| name.clone());
            names.map(move |name| (*path, *client, form.clone(), name))
        })
        .filter(|(_, _, _, name)| name != "password" && name != "username")
        .collect();
    let mut runner = TestRunner::new(ProptestConfig {
        cases: crate::support::cases(64, 2_000),
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let case = (0..places.len(), "\\PC{1,20}|[\"\\\\\u{7f}\u{0}-\u{1f}\u{e9}\u{8336}]{1,20}");
    runner
        .run(&case, |(place, text)| {
            let (path, client, form, name) = &places[place];
            let form = form.clone().with(name, &text);
            // Every answer's description is held to the alphabet there.
            let answer = runtime.block_on(world.post(path, client, &form));
            if let Some(description) = answer.json["error_description"].as_str() {
                let is_fixed = text.chars().count() < 4 || !description.contains(&text);
                prop_assert!(is_fixed, "{description}");
            }
            prop_assert!(!answer.status.is_server_error(), "{:?}", answer.json);
            Ok(())
        })
        .unwrap();
}
