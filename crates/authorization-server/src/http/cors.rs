//! Which pages may read answers in a browser (the Fetch standard's CORS protocol).
//!
//! The authorization endpoint has none of this: browsers go there, pages do not (RFC 9700 §2.6).

use std::time::Duration;

use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, DATE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderName, HeaderValue, Method};
use tower_http::cors::{AllowOrigin, Any, CorsLayer};

use crate::server::Server;

const DPOP: HeaderName = HeaderName::from_static("dpop");
const DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");
/// How long a browser may remember that it may ask.
const MAX_AGE: Duration = Duration::from_secs(600);

/// For pages that are public clients: those at the origins that some client is registered with.
/// Cookies are not among what a page may send along.
pub(crate) fn for_registered_pages(server: &Server, methods: &[Method]) -> CorsLayer {
    let server = server.clone();
    let is_registered =
        AllowOrigin::async_predicate(move |origin: HeaderValue, _: &_| async move {
            is_registered(&server, &origin).await
        });
    CorsLayer::new()
        .allow_origin(is_registered)
        .allow_methods(methods.to_vec())
        .allow_headers([AUTHORIZATION, CONTENT_TYPE, DPOP])
        .expose_headers([DATE, DPOP_NONCE, RETRY_AFTER, WWW_AUTHENTICATE])
        .max_age(MAX_AGE)
}

/// For what anybody may know.
pub(crate) fn for_all_pages() -> CorsLayer {
    CorsLayer::new().allow_origin(Any).allow_methods([Method::GET]).max_age(MAX_AGE)
}

async fn is_registered(server: &Server, origin: &HeaderValue) -> bool {
    match server.catalog.snapshot().await {
        Ok(registered) => registered
            .clients()
            .any(|client| client.origins.iter().any(|registered| registered.is(origin))),
        Err(error) => {
            tracing::error!(%error, "the clients cannot be read; no page may call now");
            false
        }
    }
}
