//! Where clients find the keys (RFC 7517 §5, OpenID Connect Discovery §3, `jwks_uri`).

use axum::Json;
use axum::extract::State;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse as _, Response};

use crate::http::Problem;
use crate::server::Server;

/// The path of the key set.
pub(crate) const PATH: &str = "/jwks";

/// The published keys. Short enough in caches that a rotation is soon everywhere.
pub(crate) async fn answer(State(server): State<Server>) -> Result<Response, Problem> {
    let keys = server.catalog.keys().await?.published(server.clock.now());
    Ok(([(CACHE_CONTROL, "public, max-age=300")], Json(keys)).into_response())
}
