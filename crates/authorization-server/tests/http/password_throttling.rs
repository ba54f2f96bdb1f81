//! Whose guesses at passwords count together: those at the token endpoint and those on the sign-in
//! page, for the user and for the address.

use std::net::IpAddr;
use std::time::Duration;

use minihost_authorization_server::{
    Application, ClientAuthentication, ClientRegistration, RefreshPolicy,
};
use serde_json::json;

use crate::private_key_jwt::key_set;
use crate::support::browser::Browser;
use crate::support::jwt::{Jwt, Key, jti};
use crate::support::{Answer, Form, WEEK, World, http_client_at};

fn address(n: u8) -> IpAddr {
    IpAddr::from([127, 0, 1, n])
}

fn guess(username: &str) -> Form {
    Form::new(&[("grant_type", "password"), ("username", username), ("password", "guess")])
}

/// A password request of `bank`, from another address of this machine.
async fn ask_from(world: &World, http: &reqwest::Client, form: &Form) -> Answer {
    let request = http.post(format!("{}/token", world.base));
    let request = request.basic_auth("bank", Some(world.secret("bank")));
    world.send(request.form(&form.0)).await
}

#[tokio::test]
async fn h6_guesses_at_one_user_count_together_from_wherever_and_by_whatever_they_come() {
    let world = World::new().await;
    for n in 1..=9 {
        let http = http_client_at(address(n));
        for _ in 0..10 {
            ask_from(&world, &http, &guess("alice")).await.refused(400, "invalid_grant");
        }
    }
    let browser = Browser::new(&world).at(address(10));
    let page = browser.visit("/login").await;
    for _ in 0..10 {
        assert_eq!(browser.press(&page.login_form("alice", "guess")).await.status, 400);
    }
    // A hundred failed; the right password from a new address is not looked at either.
    let elsewhere = http_client_at(address(11));
    let answer = ask_from(&world, &elsewhere, &world.password_form("alice")).await;
    answer.refused(429, "temporarily_unavailable");
    assert_eq!(answer.header("retry-after"), Some("60"));
    let browser = Browser::new(&world).at(address(12));
    let page = browser.visit("/login").await;
    assert_eq!(browser.sign_in(&page, "alice").await.status, 429);

    ask_from(&world, &elsewhere, &world.password_form("bob")).await.ok();
    world.clock.advance(Duration::from_secs(60));
    ask_from(&world, &elsewhere, &world.password_form("alice")).await.ok();
}

#[tokio::test]
async fn h6_guesses_through_a_hosts_backend_lock_out_no_other_user_of_it() {
    let world = World::new().await;
    for n in 0..60 {
        world
            .post("/token", "bank", &guess(&format!("user-{n}")))
            .await
            .refused(400, "invalid_grant");
    }
    world.sign_in("bank", "alice").await;
    // Nor do they count for a browser that happens to be at the same address.
    let browser = Browser::new(&world);
    let page = browser.visit("/login").await;
    assert_eq!(browser.sign_in(&page, "bob").await.status, 200);
}

#[tokio::test]
async fn h6_guesses_from_an_installed_host_count_for_the_address_of_the_device() {
    let mut world = World::new().await;
    let key = Key::p256();
    let authentication = ClientAuthentication::Keys(key_set(vec![key.jwk()]));
    let host = world.host("wallet", "teahouse");
    world
        .put(ClientRegistration {
            authentication,
            application: Application::Native,
            refresh: RefreshPolicy::Rotating { lifetime: WEEK },
            ..host
        })
        .await;
    let ask = async |form: Form| {
        let now = world.clock.seconds();
        let claims = json!({
            "iss": "wallet", "sub": "wallet", "aud": world.base, "jti": jti(),
            "iat": now, "exp": now + 60,
        });
        let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
        let form = form.with("client_assertion_type", kind);
        let form = form.with("client_assertion", Jwt::new(&key, "JWT", claims).sign(&key));
        world.post_unauthenticated("/token", &form).await
    };
    for n in 0..50 {
        ask(guess(&format!("user-{n}"))).await.refused(400, "invalid_grant");
    }
    ask(world.password_form("alice")).await.refused(429, "temporarily_unavailable");
    // The sign-in page at the same address is tried by the same people.
    let browser = Browser::new(&world);
    let page = browser.visit("/login").await;
    assert_eq!(browser.sign_in(&page, "alice").await.status, 429);
    world.sign_in("bank", "alice").await;
}

#[tokio::test]
async fn h6_right_passwords_use_up_nothing_of_any_limit() {
    let world = World::new().await;
    for _ in 0..60 {
        world.sign_in("bank", "alice").await;
    }
    let browser = Browser::new(&world);
    for _ in 0..60 {
        let page = browser.visit("/login").await;
        assert_eq!(browser.sign_in(&page, "bob").await.status, 200);
    }
}
