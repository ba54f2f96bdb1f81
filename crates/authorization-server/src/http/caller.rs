//! Who is calling, as far as the request itself tells.

use std::net::IpAddr;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};

use super::cors::Asking;
use crate::server::Server;

/// What the connection, the request line and the headers say.
pub(crate) struct Caller {
    pub(crate) headers: HeaderMap,
    pub(crate) method: Method,
    /// Of the request URI, without the query.
    pub(crate) path: String,
    /// Known when the router is served with connection info; failures are then counted per
    /// address too, so that a caller elsewhere cannot use up another's attempts.
    pub(crate) address: Option<IpAddr>,
    /// Where it is noted which client this turns out to be.
    pub(crate) asking: Asking,
}

/// A header that may be there once was there more often.
pub(crate) struct Repeated;

impl Caller {
    /// The value of a header that may be there once.
    pub(crate) fn header(&self, name: &HeaderName) -> Result<Option<&HeaderValue>, Repeated> {
        only(&self.headers, name)
    }
}

/// The value of a header that may be there once.
pub(crate) fn only<'a>(
    headers: &'a HeaderMap,
    name: &HeaderName,
) -> Result<Option<&'a HeaderValue>, Repeated> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (value, None) => Ok(value),
        (_, Some(_)) => Err(Repeated),
    }
}

impl FromRequestParts<Server> for Caller {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        server: &Server,
    ) -> Result<Self, Self::Rejection> {
        Ok(Self {
            headers: parts.headers.clone(),
            method: parts.method.clone(),
            path: parts.uri.path().to_owned(),
            address: server.trusted_proxies.client_address(parts),
            asking: parts.extensions.get::<Asking>().cloned().unwrap_or_default(),
        })
    }
}
