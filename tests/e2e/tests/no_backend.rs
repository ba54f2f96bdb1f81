//! A mini-program that has no backend, in a real browser: everything that its backend would do, its
//! page does, and the authorization server answers the page where it is registered and nowhere else.
#![cfg(test)]

use std::{fs::File, net::SocketAddr, path::Path, sync::Mutex, time::Duration};

use axum::{Json, Router, http::header::CONTENT_TYPE, response::Html, routing::get};
use fantoccini::Locator;
use minihost_authorization_server::{
    AuthorizationServer, ClientAuthentication, ClientId, ClientKind, ClientRegistration,
    ClientSecret, Config, Lifetimes, Listener, Names, Password, RedirectUri, Scopes, ServeOptions,
    SigningAlgorithm, UserRegistration, WebOrigin,
};
use minihost_e2e::{
    browser::{Appearance, Browser, Screen},
    eventually,
    leaks::Minted,
};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

const CLIENT: &str = "tea-page";
const PKCE: &str = include_str!("../../../bindings/javascript/src/pkce.js");
const ERRORS: &str = include_str!("../../../bindings/javascript/src/errors.js");

#[tokio::test]
async fn a_page_without_a_backend_does_the_whole_story_and_no_other_origin_does_any_of_it() {
    let data = TempDir::new().unwrap();
    log_to(&data.path().join("log"));
    let listener = Listener::loopback(any_port(), None).await.unwrap();
    let issuer = format!("http://{}", listener.address().unwrap());
    let (page, elsewhere) = (serve_page(&issuer).await, serve_page(&issuer).await);
    let database = data.path().join("authorization-server.sqlite");
    let password = ClientSecret::generate().unwrap().expose().to_owned();
    let server = AuthorizationServer::open(Config::new(issuer.parse().unwrap(), &database));
    let server = server.await.unwrap();
    register(&server, &page, &password).await;
    let (stop, serving) = serve(&server, listener);

    let browser = Browser::start(Screen::Desktop, Appearance::Light).await;
    let window = Window { browser: &browser, issuer: &issuer };
    a_response_that_nobody_asked_for_is_refused(&window, &page).await;
    the_page_signs_its_user_in(&window, &page, &password).await;
    an_expired_access_token_is_refreshed(&window, &server).await;
    another_origin_is_refused_by_the_browser(&window, &page, &elsewhere).await;
    what_is_revoked_is_good_for_nothing(&window).await;
    a_rotated_refresh_token_ends_what_it_led_to(&window, &page, &server).await;
    browser.close().await;

    stop.send(()).unwrap();
    serving.await.unwrap();
    server.close().await;
    let log = std::fs::read_to_string(data.path().join("log")).unwrap();
    assert!(log.contains("token revoked"), "the server's log is what is searched");
    let mut minted = Minted::for_public_clients(&database);
    minted.learn(&password, "the password");
    assert!(minted.count() >= 10, "codes, challenges, tokens of two sign-ins, a session");
    assert_eq!(minted.found_below(data.path()), Vec::<String>::new());
}

async fn a_response_that_nobody_asked_for_is_refused(window: &Window<'_>, page: &str) {
    window.goto(page).await;
    window.click("button[name=sign-in]:enabled").await;
    window.at_server("/login").await;
    let forged = format!("{page}/?code=forged&state=forged&iss={}", window.issuer);
    window.goto(&forged).await;
    window.said(1, "return refused").await;
}

async fn the_page_signs_its_user_in(window: &Window<'_>, page: &str, password: &str) {
    window.goto(page).await;
    window.click("button[name=sign-in]:enabled").await;
    window.at_server("/login").await;
    window.fill("input[name=username]", "alice").await;
    window.fill("input[name=password]", password).await;
    window.click("button[value=password]").await;
    let id_token = window.allow(page).await;
    assert_eq!(id_token["alg"], "ES256");
    let details = window.press("details", "200").await;
    assert_eq!(details["preferred_username"], "alice");
    assert_eq!(details["email"], "alice@mail.example");
    assert_eq!(details["sub"], id_token["sub"]);
    assert_eq!(details.get("phone_number"), None, "it was not asked for");
}

async fn an_expired_access_token_is_refreshed(window: &Window<'_>, server: &AuthorizationServer) {
    let client = ClientId::new(CLIENT).unwrap();
    assert_eq!(server.steering().expire_access_tokens(&client).await.unwrap(), 1);
    let refused = window.press("details", "401").await;
    assert_eq!(refused["error"], "invalid_token");
    assert_eq!(refused["error_description"], "access token expired");
    let challenge = refused["challenge"].as_str().unwrap();
    assert!(challenge.contains("access token expired"), "pages may read it: {challenge}");
    let refreshed = window.press("refresh", "200").await;
    assert_eq!(refreshed["expires_in"], 60);
    window.press("details", "200").await;
    window.browser.screenshot("no-backend").await;
}

/// The same page at an origin that nobody registered, with an access token that is good.
async fn another_origin_is_refused_by_the_browser(
    window: &Window<'_>,
    page: &str,
    elsewhere: &str,
) {
    let script = "return JSON.parse(sessionStorage.getItem('tokens')).access_token";
    let token = window.browser.client.execute(script, vec![]).await.unwrap();
    let stolen = json!({ "access_token": token, "refresh_token": "none" }).to_string();
    // It reads the metadata, which is for everybody: the server can be reached from there.
    window.goto(elsewhere).await;
    let script = "sessionStorage.setItem('tokens', arguments[0]);
                  sessionStorage.setItem('before', arguments[0])";
    window.browser.client.execute(script, vec![stolen.into()]).await.unwrap();
    for action in ["details", "refresh", "replay", "revoke"] {
        assert_eq!(window.press(action, "TypeError").await, "Failed to fetch");
    }
    window.browser.screenshot("no-backend-elsewhere").await;
    window.goto(page).await;
    window.press("details", "200").await;
}

async fn what_is_revoked_is_good_for_nothing(window: &Window<'_>) {
    window.press("revoke", "200").await;
    let refused = window.press("details", "401").await;
    assert_eq!(refused["error_description"], "access token is not active");
    assert_eq!(window.press("refresh", "400").await["error"], "invalid_grant");
}

async fn a_rotated_refresh_token_ends_what_it_led_to(
    window: &Window<'_>,
    page: &str,
    server: &AuthorizationServer,
) {
    window.click("button[name=sign-in]:enabled").await;
    window.at_server("/authorize").await;
    window.allow(page).await;
    window.press("refresh", "200").await;
    window.press("details", "200").await;
    server.steering().advance_clock(Lifetimes::default().refresh_grace);
    let refused = window.press("replay", "400").await;
    assert_eq!(refused["error"], "invalid_grant");
    assert!(refused["error_description"].as_str().unwrap().contains("used before"), "{refused}");
    let refused = window.press("details", "401").await;
    assert_eq!(refused["error_description"], "access token is not active");
}

/// The browser's window, and what the page in it says: a list of an action, what came of it, and the
/// answer in JSON.
struct Window<'a> {
    browser: &'a Browser,
    issuer: &'a str,
}

impl Window<'_> {
    async fn goto(&self, address: &str) {
        self.browser.client.goto(address).await.unwrap();
    }

    async fn at(&self, begins: &str) {
        eventually(&format!("a page at {begins}"), async || {
            let current = self.browser.client.current_url().await.ok()?;
            current.as_str().starts_with(begins).then_some(())
        })
        .await;
    }

    async fn at_server(&self, path: &str) {
        self.at(&format!("{}{path}", self.issuer)).await;
    }

    async fn click(&self, css: &str) {
        eventually(&format!("`{css}` clickable"), async || {
            self.browser.client.find(Locator::Css(css)).await.ok()?.click().await.ok()
        })
        .await;
    }

    async fn fill(&self, css: &str, text: &str) {
        eventually(&format!("`{css}` takes text"), async || {
            self.browser.client.find(Locator::Css(css)).await.ok()?.send_keys(text).await.ok()
        })
        .await;
    }

    /// Allows what the page asks for this once, comes back to it, and gives the claims of the ID token.
    async fn allow(&self, page: &str) -> Value {
        self.click("button[value=allow]").await;
        self.at(&format!("{page}/")).await;
        self.said(1, "return accepted").await;
        let redeemed = self.said(2, "redeem 200").await;
        assert_eq!(redeemed["token_type"], "Bearer");
        self.said(3, "id-token verified").await
    }

    /// Presses a button of the page and waits for what comes of it; gives the answer.
    async fn press(&self, action: &str, outcome: &str) -> Value {
        let button = format!("button[name={action}]:enabled");
        let lines = Locator::Css("#said li");
        eventually("the page", async || self.browser.client.find(Locator::Css(&button)).await.ok())
            .await;
        let before = self.browser.client.find_all(lines).await.unwrap().len();
        self.click(&button).await;
        self.said(before + 1, &format!("{action} {outcome}")).await
    }

    /// Waits for the page's line of this number, which must begin so; gives the answer.
    async fn said(&self, number: usize, begins: &str) -> Value {
        let css = format!("#said li:nth-child({number})");
        let line = eventually(&format!("line {number}, {begins}"), async || {
            self.browser.client.find(Locator::Css(&css)).await.ok()?.text().await.ok()
        })
        .await;
        let answer = line.strip_prefix(begins).unwrap_or_else(|| panic!("{begins}: {line}"));
        serde_json::from_str(answer).unwrap()
    }
}

fn any_port() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

/// Serves the page at an origin of its own, as nothing but files, and gives that origin.
async fn serve_page(issuer: &str) -> String {
    let script =
        |text: &'static str| get(async move || ([(CONTENT_TYPE, "text/javascript")], text));
    let client = json!({ "id": CLIENT, "issuer": issuer });
    let router = Router::new()
        .route("/", get(async || Html(include_str!("no_backend/index.html"))))
        .route("/page.js", script(include_str!("no_backend/page.js")))
        .route("/sdk/pkce.js", script(PKCE))
        .route("/sdk/errors.js", script(ERRORS))
        .route("/client.json", get(async move || Json(client)));
    let listener = TcpListener::bind(any_port()).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://tea.localhost:{port}")
}

async fn register(server: &AuthorizationServer, page: &str, password: &str) {
    let registration = ClientRegistration {
        names: Names::new("Tea without a backend").unwrap(),
        redirect_uris: vec![RedirectUri::new(format!("{page}/")).unwrap()],
        origins: vec![WebOrigin::new(page).unwrap()],
        access_token_lifetime: Duration::from_secs(60),
        id_token_algorithm: SigningAlgorithm::Es256,
        ..ClientRegistration::new(
            ClientId::new(CLIENT).unwrap(),
            ClientKind::MiniProgram,
            ClientAuthentication::None,
            Scopes::parse("openid profile email phone").unwrap(),
        )
    };
    server.registry().put_client(registration).await.unwrap();
    let user = UserRegistration {
        email: Some("alice@mail.example".to_owned()),
        phone_number: Some("+15550100".to_owned()),
        ..UserRegistration::new("alice", Password::new(password))
    };
    server.registry().put_user(user).await.unwrap();
}

fn serve(
    server: &AuthorizationServer,
    listener: Listener,
) -> (oneshot::Sender<()>, JoinHandle<()>) {
    let (stop, stopped) = oneshot::channel();
    let server = server.clone();
    let serving = async move {
        let stopped = async move { stopped.await.unwrap_or_default() };
        server.serve(listener, ServeOptions::default(), stopped).await;
    };
    (stop, tokio::spawn(serving))
}

/// Writes all that the server logs into a file.
fn log_to(file: &Path) {
    tracing_subscriber::fmt()
        .with_env_filter("minihost_authorization_server=trace")
        .with_writer(Mutex::new(File::create(file).unwrap()))
        .init();
}
