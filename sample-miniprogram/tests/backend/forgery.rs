use reqwest::{Method, header};
use sample_miniprogram::ProgramId::{Cinema, Teahouse};
use serde_json::{Value, json};

use crate::support::{ALL, Browser, World};

async fn begin(browser: &Browser) -> Value {
    browser.post("/api/sign-in/start", "{}").await.body
}

async fn finish(browser: &Browser, answer: &Value) -> String {
    let told = browser.post("/api/sign-in/finish", &answer.to_string()).await;
    if told.status == 200 { "accepted".to_owned() } else { told.reason().to_owned() }
}

#[tokio::test]
async fn the_page_learns_the_challenge_and_never_the_verifier() {
    let world = World::start().await;
    let request = begin(&world.browser(Teahouse)).await;
    let names: Vec<&String> = request.as_object().unwrap().keys().collect();
    assert_eq!(names, ["codeChallenge", "nonce", "redirectUri", "scopes", "state"]);
    let mut secrets: Vec<&str> =
        ["codeChallenge", "nonce", "state"].map(|n| request[n].as_str().unwrap()).into();
    secrets.dedup();
    assert!(secrets.len() == 3 && secrets.iter().all(|secret| secret.len() == 43));
}

#[tokio::test]
async fn an_answer_with_a_wrong_state_is_refused_and_leaves_the_attempt_whole() {
    let world = World::start().await;
    let browser = world.browser(Teahouse);
    let request = begin(&browser).await;
    let mut answer = world.host.code_for(&request, "teahouse", "alice", ALL).await;
    let state = answer["state"].take();
    for wrong in ["", "x", &"x".repeat(43)] {
        answer["state"] = json!(wrong);
        assert_eq!(finish(&browser, &answer).await, "state_mismatch");
    }
    answer["state"] = state;
    assert_eq!(finish(&browser, &answer).await, "accepted");
}

#[tokio::test]
async fn an_answer_of_another_issuer_is_refused_and_spends_the_attempt() {
    let world = World::start().await;
    let browser = world.browser(Teahouse);
    for issuer in ["http://127.0.0.1:1", &format!("{}/", world.issuer), ""] {
        let request = begin(&browser).await;
        let mut answer = world.host.code_for(&request, "teahouse", "alice", ALL).await;
        answer["iss"] = json!(issuer);
        assert_eq!(finish(&browser, &answer).await, "issuer_mismatch");
        answer["iss"] = json!(world.issuer);
        assert_eq!(finish(&browser, &answer).await, "state_mismatch");
    }
    assert_eq!(browser.get("/api/session").await.body, json!({"signedIn": false}));
}

#[tokio::test]
async fn an_answer_without_one_of_its_parts_is_no_answer() {
    let world = World::start().await;
    let browser = world.browser(Teahouse);
    let request = begin(&browser).await;
    let whole = world.host.code_for(&request, "teahouse", "alice", ALL).await;
    for name in ["code", "state", "iss"] {
        let mut answer = whole.clone();
        answer.as_object_mut().unwrap().remove(name);
        assert_eq!(finish(&browser, &answer).await, "invalid_request", "{name}");
    }
    assert_eq!(finish(&browser, &whole).await, "accepted");
}

#[tokio::test]
async fn an_answer_is_good_only_in_the_browser_that_asked() {
    let world = World::start().await;
    let (victim, thief) = (world.browser(Teahouse), world.browser(Teahouse));
    let request = begin(&victim).await;
    let answer = world.host.code_for(&request, "teahouse", "alice", ALL).await;
    assert_eq!(finish(&thief, &answer).await, "no_session");
    begin(&thief).await;
    assert_eq!(finish(&thief, &answer).await, "state_mismatch");
    assert_eq!(finish(&victim, &answer).await, "accepted");
}

#[tokio::test]
async fn a_stolen_code_under_the_thiefs_own_state_fails_for_want_of_the_verifier() {
    let world = World::start().await;
    let (victim, thief) = (world.browser(Teahouse), world.browser(Teahouse));
    let request = begin(&victim).await;
    let mut answer = world.host.code_for(&request, "teahouse", "alice", ALL).await;
    answer["state"] = begin(&thief).await["state"].take();
    assert_eq!(finish(&thief, &answer).await, "code_rejected");
    assert_eq!(thief.get("/api/session").await.body, json!({"signedIn": false}));
}

#[tokio::test]
async fn a_replayed_code_is_refused_and_ends_what_it_had_given() {
    let world = World::start().await;
    let browser = world.browser(Teahouse);
    let request = begin(&browser).await;
    let mut answer = world.host.code_for(&request, "teahouse", "alice", ALL).await;
    assert_eq!(finish(&browser, &answer).await, "accepted");
    assert_eq!(finish(&browser, &answer).await, "state_mismatch");

    let other = world.browser(Teahouse);
    answer["state"] = begin(&other).await["state"].take();
    assert_eq!(finish(&other, &answer).await, "code_rejected");
    assert_eq!(browser.post("/api/details", "{}").await.reason(), "login_required");
}

#[tokio::test]
async fn a_code_for_one_program_is_nothing_to_the_other() {
    let world = World::start().await;
    let (tea, cinema) = (world.browser(Teahouse), world.browser(Cinema));
    let request = begin(&tea).await;
    let mut answer = world.host.code_for(&request, "teahouse", "alice", ALL).await;
    answer["state"] = begin(&cinema).await["state"].take();
    assert_eq!(finish(&cinema, &answer).await, "code_rejected");
}

#[tokio::test]
async fn requests_that_no_page_of_the_program_makes_change_nothing() {
    let world = World::start().await;
    let browser = world.signed_in(Teahouse, "alice", ALL).await;
    let own = browser.origin().to_owned();
    let cinema = world.browser(Cinema).origin().to_owned();
    let json_type = "application/json";
    let forged = [
        (None, json_type, 403),
        (Some("null"), json_type, 403),
        (Some("https://evil.example"), json_type, 403),
        (Some(cinema.as_str()), json_type, 403),
        (Some("http://teahouse.sim.localhost"), json_type, 403),
        (Some(own.as_str()), "text/plain", 400),
        (Some(own.as_str()), "application/x-www-form-urlencoded", 400),
        (Some(own.as_str()), "", 400),
    ];
    for path in [
        "/api/sign-out",
        "/api/details",
        "/api/sign-in/start",
        "/api/sign-in/finish",
        "/api/orders",
    ] {
        for (origin, kind, status) in forged {
            let mut request = browser.request(Method::POST, path).body("{}");
            if let Some(origin) = origin {
                request = request.header(header::ORIGIN, origin);
            }
            if !kind.is_empty() {
                request = request.header(header::CONTENT_TYPE, kind);
            }
            let answer = browser.send(request).await;
            assert_eq!(answer.status, status, "{path} {origin:?} {kind}");
        }
    }
    assert_eq!(browser.get("/api/session").await.body, json!({"signedIn": true}));
}

#[tokio::test]
async fn the_cookie_is_hidden_from_scripts_and_from_other_sites() {
    let world = World::start().await;
    let answer = world.browser(Teahouse).post("/api/sign-in/start", "{}").await;
    let cookie = answer.headers[header::SET_COOKIE].to_str().unwrap();
    assert!(cookie.starts_with("teahouse_session="), "{cookie}");
    for attribute in ["; HttpOnly", "; SameSite=Lax", "; Path=/"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    assert!(!cookie.contains("Domain"), "{cookie}");
}
