//! What every request passes before an endpoint sees it.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, HttpBody as _, to_bytes};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use tokio::time::{Instant, timeout};

use super::ServeOptions;
use super::hosts::{Hosts, NotForUs};
use super::limits::BODY;
use crate::http::Problem;

/// The rules for requests, the same on all connections.
pub(super) struct Guard {
    hosts: Hosts,
    patience: Duration,
}

impl Guard {
    pub(super) fn new(issuer: &str, options: &ServeOptions) -> Self {
        let hosts = Hosts::new(issuer, &options.hosts);
        Self { hosts, patience: options.limits.request }
    }

    /// The request with its body read whole, so that an endpoint waits for no caller.
    async fn admit(&self, request: Request) -> Result<Request, Problem> {
        self.hosts.check(request.uri(), request.headers()).map_err(|reason| match reason {
            NotForUs::Unclear => Problem::invalid_request("the request names no one host"),
            NotForUs::Another => Problem::misdirected(),
        })?;
        let (parts, body) = request.into_parts();
        if body.size_hint().lower() > BODY as u64 {
            return Err(Problem::too_large());
        }
        match timeout(self.patience, to_bytes(body, BODY)).await {
            Ok(Ok(body)) => Ok(Request::from_parts(parts, Body::from(body))),
            Ok(Err(error)) if is_limit(&error) => Err(Problem::too_large()),
            Ok(Err(_)) => Err(Problem::invalid_request("the body broke off")),
            Err(_) => Err(Problem::too_slow()),
        }
    }
}

/// Checks a request, has it answered, and tells the log. Queries, headers and bodies may hold codes,
/// tokens and passwords: they are not logged.
pub(super) async fn attend(
    State(guard): State<Arc<Guard>>,
    request: Request,
    next: Next,
) -> Response {
    let begun = Instant::now();
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let response = match guard.admit(request).await {
        Ok(request) => timeout(guard.patience, next.run(request))
            .await
            .unwrap_or_else(|_| Problem::unavailable().into_response()),
        Err(problem) => problem.into_response(),
    };
    let (status, micros) = (response.status().as_u16(), begun.elapsed().as_micros());
    tracing::debug!(%method, path, status, micros, "request");
    response
}

fn is_limit(error: &axum::Error) -> bool {
    std::error::Error::source(error)
        .is_some_and(|source| source.is::<http_body_util::LengthLimitError>())
}
