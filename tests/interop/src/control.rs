//! The stage over HTTP, for tests in other languages.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use minihost_authorization_server::{ClientId, ClientSecret, KeyRotation};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::failure::Failure;
use crate::host::{Approval, CodeRequest, IssuedCode};
use crate::registration::{ClientMetadata, RegisteredClient};
use crate::stage::Shared;
use crate::user_agent::{Arrival, Visit};
use crate::users::User;

type Stage = State<Arc<Shared>>;
type Answer<T = Value> = Result<Json<T>, Failure>;

/// Serves the control and returns its address.
pub(crate) async fn serve(stage: Arc<Shared>) -> Result<(String, JoinHandle<()>), Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    // It makes users and clients at will, so other users of the machine must not find it.
    let path = format!("/{}", ClientSecret::generate()?.expose());
    let address = format!("http://{}{path}", listener.local_addr()?);
    let control = Router::new()
        .route("/about", get(about))
        .route("/clients", post(register))
        .route("/users", post(new_user))
        .route("/visits", post(visit))
        .route("/codes", post(code))
        .route("/approvals", post(approve))
        .route("/expiries", post(expire))
        .route("/rotations", post(rotate))
        .with_state(stage);
    let router = Router::new().nest(&path, control);
    let serving = tokio::spawn(async move {
        // It ends with the task, or with the listener, which every test then notices.
        let _ = axum::serve(listener, router).await;
    });
    Ok((address, serving))
}

async fn about(State(stage): Stage) -> Json<Value> {
    Json(json!({ "issuer": stage.issuer, "authority": stage.authority }))
}

async fn register(
    State(stage): Stage,
    Json(client): Json<ClientMetadata>,
) -> Answer<RegisteredClient> {
    stage.register(client).await.map(Json)
}

async fn new_user(State(stage): Stage) -> Answer<User> {
    stage.new_user().await.map(Json)
}

async fn visit(State(stage): Stage, Json(visit): Json<Visit>) -> Answer<Arrival> {
    stage.visit(visit).await.map(Json)
}

async fn code(State(stage): Stage, Json(request): Json<CodeRequest>) -> Answer<IssuedCode> {
    stage.code(request).await.map(Json)
}

async fn approve(State(stage): Stage, Json(approval): Json<Approval>) -> Answer {
    stage.answer(approval).await?;
    Ok(Json(json!({})))
}

/// What is to expire now.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expiry {
    client_id: String,
    tokens: Tokens,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Tokens {
    Access,
    Refresh,
}

async fn expire(State(stage): Stage, Json(expiry): Json<Expiry>) -> Answer {
    let (steering, client) = (stage.server.steering(), ClientId::new(expiry.client_id)?);
    let expired = match expiry.tokens {
        Tokens::Access => steering.expire_access_tokens(&client).await?,
        Tokens::Refresh => steering.expire_refresh_tokens(&client).await?,
    };
    Ok(Json(json!({ "expired": expired })))
}

/// When new keys are to sign.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rotation {
    at_once: bool,
}

async fn rotate(State(stage): Stage, Json(Rotation { at_once }): Json<Rotation>) -> Answer {
    let rotation = if at_once { KeyRotation::AtOnce } else { KeyRotation::default() };
    let algorithms = stage.server.registry().rotate_keys(rotation).await?;
    Ok(Json(json!({ "algorithms": algorithms })))
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        (StatusCode::UNPROCESSABLE_ENTITY, self.to_string()).into_response()
    }
}
