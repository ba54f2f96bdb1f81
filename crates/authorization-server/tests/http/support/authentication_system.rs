//! A company's authentication system, apart from the authorization server: it takes requests that
//! the server signed, lets its users sign in, and sends them back with an answer that it signs.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::response::{Html, IntoResponse as _, Response};
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use minihost_authorization_server::{AuthenticationSystem, Names, PublicKeys};
use ring::signature::{ED25519, UnparsedPublicKey};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::TestClock;
use super::jwt::{Jwt, Key, claims, jti};

pub(crate) const ID: &str = "https://login.company.example";

struct Shared {
    key: Key,
    clock: Arc<TestClock>,
    seen: Mutex<HashSet<String>>,
}

/// The running system.
#[derive(Clone)]
pub(crate) struct Company {
    pub(crate) url: String,
    shared: Arc<Shared>,
}

impl Company {
    pub(crate) async fn start(clock: Arc<TestClock>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/login", listener.local_addr().unwrap());
        let shared = Arc::new(Shared { key: Key::p256(), clock, seen: Mutex::default() });
        let service =
            Router::new().route("/login", get(show).post(sign_in)).with_state(Arc::clone(&shared));
        tokio::spawn(async move { axum::serve(listener, service).await.unwrap() });
        Self { url, shared }
    }

    /// How the authorization server knows it.
    pub(crate) fn registration(&self) -> AuthenticationSystem {
        let keys = json!({ "keys": [self.shared.key.named_jwk("company-1")] });
        AuthenticationSystem {
            id: ID.to_owned(),
            names: Names::new("Company Login").unwrap().with("zh-Hans", "公司登录").unwrap(),
            url: self.url.parse().unwrap(),
            keys: PublicKeys::from_json(&keys.to_string()).unwrap(),
        }
    }

    /// Goes where the server sends its browser, signs in there as this user, and returns the address
    /// that the browser is sent back to.
    pub(crate) async fn visit(&self, location: &str, user: &str) -> Result<String, StatusCode> {
        assert!(location.starts_with(&self.url), "{location}");
        let http = super::http_client_without_redirects();
        let page = http.get(location).send().await.unwrap();
        if !page.status().is_success() {
            return Err(page.status());
        }
        let page = page.text().await.unwrap();
        let request = page.split("value=\"").nth(1).unwrap().split('"').next().unwrap();
        let form = [("request", request), ("user", user)];
        let back = http.post(&self.url).form(&form).send().await.unwrap();
        assert_eq!(back.status(), StatusCode::SEE_OTHER);
        Ok(back.headers()[LOCATION].to_str().unwrap().to_owned())
    }

    /// The answer to a request, for tests that change it.
    pub(crate) fn answer(&self, request: &Value, user: &str) -> Jwt {
        answer(&self.shared, request, user)
    }

    pub(crate) fn key(&self) -> &Key {
        &self.shared.key
    }
}

/// Checks the request as a stranger has to: against the keys that its issuer publishes.
async fn check(shared: &Shared, token: &str) -> Option<Value> {
    let (signed, signature) = token.rsplit_once('.')?;
    let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).ok();
    let header: Value = serde_json::from_slice(&decode(signed.split('.').next()?)?).ok()?;
    let request = claims(token);
    let issuer = request["iss"].as_str()?;
    let keys = super::http_client_without_redirects().get(format!("{issuer}/jwks"));
    let keys: Value = keys.send().await.ok()?.json().await.ok()?;
    let key = keys["keys"].as_array()?.iter().find(|key| key["kid"] == header["kid"])?;
    let key = UnparsedPublicKey::new(&ED25519, decode(key["x"].as_str()?)?);
    key.verify(signed.as_bytes(), &decode(signature)?).ok()?;
    let now = shared.clock.seconds();
    let sound = header["typ"] == "minihost-login-request+jwt"
        && header["alg"] == "EdDSA"
        && request["aud"] == ID
        && request["exp"].as_i64()? > now
        && request["iat"].as_i64()? <= now
        && request["callback"].as_str()?.starts_with(&format!("{issuer}/"));
    sound.then_some(request)
}

async fn show(
    State(shared): State<Arc<Shared>>,
    Query(query): Query<Vec<(String, String)>>,
) -> Response {
    let Some((_, token)) = query.iter().find(|(name, _)| name == "request") else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let Some(request) = check(&shared, token).await else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let id = request["jti"].as_str().unwrap().to_owned();
    if !shared.seen.lock().unwrap().insert(id) {
        return StatusCode::CONFLICT.into_response();
    }
    Html(format!(
        "<form method=post><input type=hidden name=request value=\"{token}\"><input name=user></form>"
    ))
    .into_response()
}

async fn sign_in(
    State(shared): State<Arc<Shared>>,
    axum::Form(form): axum::Form<Vec<(String, String)>>,
) -> Response {
    let field = |name: &str| form.iter().find(|(key, _)| key == name).unwrap().1.clone();
    let Some(request) = check(&shared, &field("request")).await else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let answer = answer(&shared, &request, &field("user")).sign(&shared.key);
    let callback = request["callback"].as_str().unwrap();
    (StatusCode::SEE_OTHER, [(LOCATION, format!("{callback}?answer={answer}"))]).into_response()
}

fn answer(shared: &Shared, request: &Value, user: &str) -> Jwt {
    let now = shared.clock.seconds();
    let claims = json!({
        "iss": ID,
        "aud": request["iss"],
        "iat": now,
        "exp": now + 60,
        "jti": jti(),
        "in_response_to": request["jti"],
        "sub": format!("employee-{user}"),
        "auth_time": now,
        "preferred_username": user,
        "email": format!("{user}@company.example"),
        "email_verified": true,
    });
    Jwt::new(&shared.key, "minihost-login-answer+jwt", claims).with_header("kid", "company-1")
}
