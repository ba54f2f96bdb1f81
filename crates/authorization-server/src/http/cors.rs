//! Which pages may read answers in a browser (the Fetch standard's CORS protocol).
//!
//! The authorization endpoint has none of this: browsers go there, pages do not (RFC 9700 §2.6).

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::extract::Request;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, AUTHORIZATION, CONTENT_TYPE, DATE, ORIGIN, RETRY_AFTER,
    WWW_AUTHENTICATE,
};
use axum::http::{HeaderName, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::Response;
use tower_http::cors::{AllowOrigin, Any, CorsLayer};

use crate::client::Client;
use crate::server::Server;

const DPOP: HeaderName = HeaderName::from_static("dpop");
const DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");
/// How long a browser may remember that it may ask.
const MAX_AGE: Duration = Duration::from_secs(600);

/// For pages that are public clients: those at the origins that some client is registered with.
/// Cookies are not among what a page may send along. A preflight does not tell which client will ask;
/// whether the page may read the answer, [`only_its_own_pages`] decides.
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

/// The client that a request turns out to come from. Clones are for the same request.
#[derive(Clone, Default)]
pub(crate) struct Asking(Arc<OnceLock<Arc<Client>>>);

impl Asking {
    /// Notes that the request comes from this client, or brings a token of it.
    pub(crate) fn is(&self, client: &Arc<Client>) {
        self.0.get_or_init(|| Arc::clone(client));
    }

    fn is_at(&self, origin: &HeaderValue) -> bool {
        self.0.get().is_some_and(|client| client.origins.iter().any(|own| own.is(origin)))
    }
}

/// Lets a page read an answer only where its origin is one of the client that the answer is for: the
/// page of one client has nothing to do with the secrets and tokens of another.
pub(crate) async fn only_its_own_pages(mut request: Request, next: Next) -> Response {
    if request.method() == Method::OPTIONS {
        return next.run(request).await;
    }
    let origin = request.headers().get(ORIGIN).cloned();
    let asking = Asking::default();
    request.extensions_mut().insert(asking.clone());
    let mut response = next.run(request).await;
    if !origin.is_some_and(|origin| asking.is_at(&origin)) {
        response.headers_mut().remove(ACCESS_CONTROL_ALLOW_ORIGIN);
    }
    response
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
