//! The programs outside a host: the backend's part of the authorization code flow in a browser.

use reqwest::header;
use sample_miniprogram::ProgramId::{Cinema, Teahouse};
use serde_json::json;
use url::Url;

use crate::support::{ALL, Answer, Browser, Fault, ServerPages, World};

fn location(answer: &Answer) -> &str {
    assert_eq!(answer.status, 303, "RFC 9700 section 4.12");
    answer.headers[header::LOCATION].to_str().unwrap()
}

fn parameter(address: &str, name: &str) -> Option<String> {
    let base = Url::parse("http://program").unwrap();
    let url = base.join(address).unwrap();
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// The path and query of an address at the program.
fn local(address: &str) -> String {
    let url = Url::parse(address).unwrap();
    format!("{}?{}", url.path(), url.query().unwrap_or_default())
}

/// A visitor on the way back from the server; gives the address of the callback.
async fn returning(browser: &Browser, path: &str, user: &str, scopes: &[&str]) -> String {
    let request = location(&browser.get(path).await).to_owned();
    local(&ServerPages::new().answer(&request, user, scopes).await)
}

async fn is_signed_in(browser: &Browser) -> bool {
    browser.get("/api/session").await.body == json!({ "signedIn": true })
}

#[tokio::test]
async fn a_page_for_members_sends_strangers_to_the_server_and_back_to_itself() {
    let world = World::start().await;
    let browser = world.browser(Cinema);
    let sent = browser.get("/tickets").await;
    let request = location(&sent).to_owned();
    assert!(request.starts_with(&format!("{}/authorize?", world.issuer)), "{request}");
    let origin = browser.origin();
    for (name, expected) in [
        ("response_type", "code"),
        ("client_id", "cinema"),
        ("redirect_uri", &format!("{origin}/callback")),
        ("scope", "openid profile email phone"),
        ("code_challenge_method", "S256"),
    ] {
        assert_eq!(parameter(&request, name).as_deref(), Some(expected), "{name}");
    }
    let random: Vec<String> =
        ["state", "nonce", "code_challenge"].map(|name| parameter(&request, name).unwrap()).into();
    assert!(random.iter().all(|value| value.len() == 43));

    let before = browser.cookie();
    let callback = local(&ServerPages::new().answer(&request, "bob", ALL).await);
    assert_eq!(location(&browser.get(&callback).await), "/tickets");
    assert!(before.is_some() && browser.cookie() != before, "a new session id");
    assert_eq!(browser.get("/tickets").await.status, 200);
    let account = browser.get("/api/account").await.body;
    assert_eq!(account["user"]["username"], "bob");
    assert_eq!(account["signIns"], 1);
    // The session holds tokens, too.
    assert_eq!(browser.post("/api/details", "{}").await.body["user"], account["user"]);
}

#[tokio::test]
async fn a_page_keeps_its_query_over_the_sign_in_where_it_is_a_plain_one() {
    let world = World::start().await;
    for (asked, reached) in [
        ("/orders?page=2&of=black%20tea", "/orders?page=2&of=black%20tea"),
        ("/orders/1?from=mail", "/orders/1?from=mail"),
        ("/orders?next=//evil.example", "/orders"),
    ] {
        let browser = world.browser(Teahouse);
        let callback = returning(&browser, asked, "bob", ALL).await;
        assert_eq!(location(&browser.get(&callback).await), reached);
    }
}

#[tokio::test]
async fn details_of_somebody_else_than_the_id_tokens_subject_sign_nobody_in() {
    let world = World::start().await;
    let says = Fault::Says(r#"{"sub":"somebody-else","open_id":"somebody-else"}"#);
    world.faults.set("/userinfo", says);
    let browser = world.browser(Cinema);
    let callback = returning(&browser, "/tickets", "bob", ALL).await;
    let told = browser.get(&callback).await;
    assert_eq!(parameter(location(&told), "error").as_deref(), Some("server_error"));
    assert!(!is_signed_in(&browser).await);
    let in_host = world.browser(Cinema);
    assert_eq!(world.sign_in(&in_host, "bob", ALL).await.reason(), "server_error");
    assert!(!is_signed_in(&in_host).await);
}

#[tokio::test]
async fn where_openid_was_granted_nobody_is_signed_in_without_an_id_token() {
    let world = World::start().await;
    for tokens in [
        r#"{"access_token":"a","token_type":"Bearer","scope":"email openid"}"#,
        r#"{"access_token":"a","token_type":"Bearer"}"#,
        r#"{"access_token":"a","token_type":"Bearer","scope":"email"}"#,
    ] {
        let browser = world.browser(Cinema);
        let callback = returning(&browser, "/tickets", "bob", ALL).await;
        world.faults.set("/token", Fault::Says(tokens));
        world.faults.set("/userinfo", Fault::Says(r#"{"sub":"bob"}"#));
        let told = browser.get(&callback).await;
        assert_eq!(
            parameter(location(&told), "error").as_deref(),
            Some("server_error"),
            "{tokens}"
        );
        assert!(!is_signed_in(&browser).await);
        world.faults.clear();
    }
}

#[tokio::test]
async fn the_same_user_is_the_same_account_in_a_host_and_in_a_browser() {
    let world = World::start().await;
    let in_host = world.signed_in(Teahouse, "bob", ALL).await;
    let order = in_host.post("/api/orders", r#"{"tea":"puer","cups":2}"#).await;
    assert_eq!(order.status, 201);
    let browser = world.browser(Teahouse);
    let callback = returning(&browser, "/orders/1", "bob", ALL).await;
    assert_eq!(location(&browser.get(&callback).await), "/orders/1");
    assert_eq!(browser.get("/orders/1").await.status, 200);
    assert_eq!(browser.get("/api/orders/1").await.body["order"]["tea"], "puer");
    // The program's own check, of which the server knows nothing.
    for path in ["/orders/2", "/orders/x", "/orders/-1"] {
        assert_eq!(browser.get(path).await.status, 403, "{path}");
        assert_eq!(browser.get(&format!("/api{path}")).await.reason(), "not_yours");
    }
}

#[tokio::test]
async fn the_customer_with_a_verified_address_is_asked_and_nobody_else() {
    let world = World::start().await;
    // The server has not verified Bob's address.
    let bob = world.browser(Teahouse);
    let callback = returning(&bob, "/orders", "bob", ALL).await;
    assert_eq!(location(&bob.get(&callback).await), "/orders");
    // Alice does not share hers.
    let shy = world.browser(Cinema);
    let callback = returning(&shy, "/tickets", "alice", &["openid", "profile"]).await;
    assert_eq!(location(&shy.get(&callback).await), "/tickets");

    let alice = world.browser(Teahouse);
    let callback = returning(&alice, "/orders", "alice", ALL).await;
    assert_eq!(location(&alice.get(&callback).await), "/link");
    assert!(!is_signed_in(&alice).await, "not before the answer");
    assert_eq!(alice.get("/api/account").await.reason(), "login_required");
    assert_eq!(alice.get("/link").await.status, 200);
    let asked = alice.get("/api/link").await.body;
    assert_eq!(asked["customer"]["email"], "alice@example.com");
    let before = alice.cookie();
    let answered = alice.post("/api/link", r#"{"link":true}"#).await;
    assert_eq!(answered.body, json!({ "returnTo": "/orders" }));
    assert_ne!(alice.cookie(), before);
    assert!(is_signed_in(&alice).await);
    assert_eq!(alice.get("/api/account").await.body["signIns"], 2, "the customer's account");
    assert_eq!(alice.post("/api/link", r#"{"link":true}"#).await.reason(), "no_session");

    let again = world.browser(Teahouse);
    let callback = returning(&again, "/orders", "alice", ALL).await;
    assert_eq!(location(&again.get(&callback).await), "/orders");
}

#[tokio::test]
async fn who_is_not_the_customer_gets_an_account_of_their_own() {
    let world = World::start().await;
    let alice = world.browser(Teahouse);
    let callback = returning(&alice, "/orders", "alice", ALL).await;
    alice.get(&callback).await;
    // No other site answers in the user's place.
    let forged = alice
        .request(reqwest::Method::POST, "/api/link")
        .header(header::ORIGIN, "https://evil.example")
        .header(header::CONTENT_TYPE, "application/json")
        .body(r#"{"link":true}"#);
    assert_eq!(alice.send(forged).await.status, 403);
    alice.post("/api/link", r#"{"link":false}"#).await;
    assert_eq!(alice.get("/api/account").await.body["signIns"], 1);
    assert_eq!(world.browser(Teahouse).get("/link").await.status, 303);
}

#[tokio::test]
async fn an_answer_that_does_not_fit_signs_nobody_in() {
    let world = World::start().await;
    let browser = world.browser(Cinema);
    let failed = async |callback: &str| {
        let answer = browser.get(callback).await;
        let reason = parameter(location(&answer), "error").unwrap();
        assert!(!is_signed_in(&browser).await);
        reason
    };
    let fresh = async || returning(&browser, "/tickets", "bob", ALL).await;

    let callback = fresh().await;
    let (state, iss) =
        (parameter(&callback, "state").unwrap(), parameter(&callback, "iss").unwrap());
    let wrong = callback.replace(&state, &"x".repeat(43));
    assert_eq!(failed(&wrong).await, "state_mismatch");
    assert_eq!(failed("/callback?code=x").await, "state_mismatch");
    assert_eq!(failed(&format!("{callback}&code=again")).await, "invalid_request");
    let of_another = callback.replace(
        &url::form_urlencoded::byte_serialize(iss.as_bytes()).collect::<String>(),
        "https%3A%2F%2Fevil.example",
    );
    assert_ne!(of_another, callback);
    assert_eq!(failed(&of_another).await, "issuer_mismatch");
    // The attempt is spent by now.
    assert_eq!(failed(&callback).await, "state_mismatch");

    let without_iss: String = fresh()
        .await
        .split('&')
        .filter(|pair| !pair.contains("iss="))
        .collect::<Vec<_>>()
        .join("&");
    assert!(parameter(&without_iss, "code").is_some());
    assert_eq!(failed(&without_iss).await, "issuer_mismatch");

    let callback = fresh().await;
    let elsewhere = world.browser(Cinema);
    assert_eq!(
        parameter(location(&elsewhere.get(&callback).await), "error").unwrap(),
        "no_session"
    );
    elsewhere.get("/tickets").await;
    let stolen = elsewhere.get(&callback).await;
    assert_eq!(parameter(location(&stolen), "error").unwrap(), "state_mismatch");

    // The page over the bridge takes no answer that was meant for the browser.
    let code = parameter(&callback, "code").unwrap();
    let state = parameter(&callback, "state").unwrap();
    let answer = json!({ "code": code, "state": state, "iss": world.issuer });
    let bridged = browser.post("/api/sign-in/finish", &answer.to_string()).await;
    assert_eq!(bridged.reason(), "state_mismatch");
    assert_eq!(location(&browser.get(&callback).await), "/tickets");
}

#[tokio::test]
async fn a_denial_and_a_server_that_fails_are_told_on_the_first_page() {
    let world = World::start().await;
    let browser = world.browser(Cinema);
    let callback = returning(&browser, "/tickets", "bob", &[]).await;
    let told = browser.get(&callback).await;
    let told = location(&told);
    assert!(told.starts_with("/?"), "{told}");
    assert_eq!(parameter(told, "error").as_deref(), Some("user_denied"));
    assert_eq!(parameter(told, "return_to").as_deref(), Some("/tickets"));

    let callback = returning(&browser, "/tickets", "bob", ALL).await;
    world.faults.set("/token", Fault::Busy);
    let told = browser.get(&callback).await;
    assert_eq!(parameter(location(&told), "error").as_deref(), Some("temporarily_unavailable"));
    assert!(!is_signed_in(&browser).await);
}

#[tokio::test]
async fn c9_a_sign_in_leads_nowhere_else() {
    let world = World::start().await;
    for elsewhere in
        ["//evil.example", "https://evil.example", "/%5Cevil.example", "/orders?x=//evil", "evil"]
    {
        let browser = world.browser(Teahouse);
        let query: String = url::form_urlencoded::byte_serialize(elsewhere.as_bytes()).collect();
        let callback =
            returning(&browser, &format!("/sign-in?return_to={query}"), "bob", ALL).await;
        assert_eq!(location(&browser.get(&callback).await), "/", "{elsewhere}");
    }
}

#[tokio::test]
async fn in_a_frame_the_host_is_the_way_in() {
    let world = World::start().await;
    let browser = world.browser(Teahouse);
    for path in ["/orders", "/sign-in"] {
        let framed = browser.request(reqwest::Method::GET, path).header("sec-fetch-dest", "iframe");
        assert_eq!(location(&browser.send(framed).await), "/", "{path}");
    }
    assert_eq!(world.faults.count("/authorize"), 0);
}

#[tokio::test]
async fn signing_out_here_leaves_the_server_and_the_other_way_round() {
    let world = World::start().await;
    let (browser, server) = (world.browser(Cinema), ServerPages::new());
    let request = location(&browser.get("/tickets").await).to_owned();
    let callback = local(&server.answer(&request, "bob", ALL).await);
    browser.get(&callback).await;
    browser.post("/api/sign-out", "{}").await;
    assert!(!is_signed_in(&browser).await);
    // The server asks for nothing: neither name, nor consent.
    let request = location(&browser.get("/tickets").await).to_owned();
    assert!(server.passes(&request).await, "still signed in there, and the consent is remembered");

    let callback = local(&server.answer(&request, "bob", ALL).await);
    browser.get(&callback).await;
    server.sign_out(&world.issuer).await;
    assert_eq!(browser.get("/tickets").await.status, 200, "still signed in here");
    let request = location(&world.browser(Cinema).get("/tickets").await).to_owned();
    assert!(!server.passes(&request).await);
}
