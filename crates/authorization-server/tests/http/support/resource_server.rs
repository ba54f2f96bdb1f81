//! An API apart from the authorization server: it knows nothing of tokens but what it is told by
//! introspection, and serves who has one that is for it, with the scope it takes.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use serde_json::Value;
use tokio::net::TcpListener;

use super::{Answer, World, http_client};

const SCOPE: &str = "profile";

struct Shared {
    http: reqwest::Client,
    introspection: String,
    id: String,
    secret: String,
    resource: String,
}

/// The running API.
pub(crate) struct ResourceServer {
    url: String,
    http: reqwest::Client,
}

impl ResourceServer {
    /// Starts the API that is registered in `world` as the client `id` for `resource`.
    pub(crate) async fn start(world: &World, id: &str, resource: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/tea", listener.local_addr().unwrap());
        let shared = Shared {
            http: http_client(),
            introspection: format!("{}/introspect", world.base),
            id: id.to_owned(),
            secret: world.secret(id).to_owned(),
            resource: resource.to_owned(),
        };
        let router = axum::Router::new().route("/tea", get(serve)).with_state(Arc::new(shared));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, http: http_client() }
    }

    pub(crate) async fn get(&self, token: Option<&str>) -> Answer {
        let mut request = self.http.get(&self.url);
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let body = response.bytes().await.unwrap();
        Answer { status, headers, json: serde_json::from_slice(&body).unwrap_or(Value::Null) }
    }
}

async fn serve(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Response {
    let bearer = headers
        .get(AUTHORIZATION)
        .and_then(|header| header.to_str().ok())
        .and_then(|header| header.strip_prefix("Bearer "));
    let Some(token) = bearer else {
        return (StatusCode::UNAUTHORIZED, [(WWW_AUTHENTICATE, "Bearer")]).into_response();
    };
    let told = shared
        .http
        .post(&shared.introspection)
        .basic_auth(&shared.id, Some(&shared.secret))
        .form(&[("token", token), ("token_type_hint", "access_token")])
        .send()
        .await
        .unwrap();
    assert_eq!(told.status(), 200);
    let told: Value = told.json().await.unwrap();
    let is_for_here =
        told["aud"].as_array().is_some_and(|aud| aud.iter().any(|uri| *uri == shared.resource));
    if told["active"] != true || !is_for_here {
        let challenge = r#"Bearer error="invalid_token""#;
        return (StatusCode::UNAUTHORIZED, [(WWW_AUTHENTICATE, challenge)]).into_response();
    }
    let scope = told["scope"].as_str().unwrap_or_default();
    if !scope.split(' ').any(|scope| scope == SCOPE) {
        let challenge = format!(r#"Bearer error="insufficient_scope", scope="{SCOPE}""#);
        return (StatusCode::FORBIDDEN, [(WWW_AUTHENTICATE, challenge)]).into_response();
    }
    axum::Json(serde_json::json!({ "for": told["sub"], "by": told["act"]["sub"] })).into_response()
}
