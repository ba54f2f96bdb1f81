//! Where clients find the keys (RFC 7517 §5, OpenID Connect Discovery §3, `jwks_uri`).

use axum::Json;
use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse as _, Response};

use crate::http::Problem;
use crate::server::Server;

/// The path of the key set.
pub(crate) const PATH: &str = "/jwks";

/// How long anybody may keep the answer, in seconds. A new key signs when every copy of the set from
/// before it has grown old.
pub(crate) const MAX_AGE: u64 = 300;

/// The published keys.
pub(crate) async fn answer(State(server): State<Server>) -> Result<Response, Problem> {
    let keys = server.catalog.keys().await?.published(server.clock.now());
    Ok(([(CACHE_CONTROL, format!("public, max-age={MAX_AGE}"))], Json(keys)).into_response())
}
