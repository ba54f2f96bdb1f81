//! What a caller hears when there is no code (RFC 9457).

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use minihost::{Reason, issuer::IssueError};
use serde_json::json;

/// A refusal, of which nothing is the server's own text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    status: StatusCode,
    reason: Reason,
    detail: &'static str,
    retry_after: Option<u64>,
    lacks: Lacks,
}

/// What would be accepted in the place of what came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lacks {
    /// A token that is good.
    Token,
    /// A proof of the token's key (RFC 9449 §7.1).
    Proof,
}

impl Problem {
    pub(crate) fn new(status: StatusCode, reason: Reason, detail: &'static str) -> Self {
        Self { status, reason, detail, retry_after: None, lacks: Lacks::Token }
    }

    pub(crate) fn invalid_request(detail: &'static str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, Reason::InvalidRequest, detail)
    }

    /// The user's token will not do.
    pub(crate) fn login_required(detail: &'static str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, Reason::LoginRequired, detail)
    }

    /// The proof that came with the user's token will not do.
    pub(crate) fn unproven(detail: &'static str) -> Self {
        Self { lacks: Lacks::Proof, ..Self::login_required(detail) }
    }

    pub(crate) fn unavailable(detail: &'static str) -> Self {
        let status = StatusCode::SERVICE_UNAVAILABLE;
        Self::new(status, Reason::TemporarilyUnavailable, detail).after(1)
    }

    pub(crate) fn after(self, seconds: u64) -> Self {
        Self { retry_after: Some(seconds), ..self }
    }

    pub(crate) fn reason(&self) -> Reason {
        self.reason
    }

    pub(crate) fn status(&self) -> StatusCode {
        self.status
    }
}

impl From<&IssueError> for Problem {
    fn from(error: &IssueError) -> Self {
        let failure = error.failure();
        let (status, detail) = match (error, failure.reason) {
            // The app has a refresh token and can come again.
            (IssueError::UserTokenRejected | IssueError::Session(_), Reason::LoginRequired) => (
                StatusCode::UNAUTHORIZED,
                "the authorization server does not take the user's token",
            ),
            (_, Reason::InvalidScope) => (StatusCode::BAD_REQUEST, "no scope can be granted"),
            (_, Reason::Internal) => {
                (StatusCode::INTERNAL_SERVER_ERROR, "the relay is not set up for this")
            }
            (_, Reason::TemporarilyUnavailable) => (
                StatusCode::SERVICE_UNAVAILABLE,
                "the authorization server is not available just now",
            ),
            (_, Reason::Timeout) => {
                (StatusCode::GATEWAY_TIMEOUT, "the authorization server did not answer in time")
            }
            (_, Reason::ServerError | Reason::Network) => (
                StatusCode::BAD_GATEWAY,
                "the authorization server gave no answer that can be used",
            ),
            _ => (StatusCode::FORBIDDEN, "the authorization server gave no code"),
        };
        let retry_after = failure.retry_after;
        Self { retry_after, ..Self::new(status, failure.reason, detail) }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let Self { status, reason, detail, retry_after, .. } = self;
        let mut body = json!({
            "type": "about:blank",
            "title": status.canonical_reason().unwrap_or("refused"),
            "status": status.as_u16(),
            "reason": reason,
            "detail": detail,
        });
        if let Some(seconds) = retry_after {
            body["retryAfter"] = seconds.into();
        }
        let mut response = (status, body.to_string()).into_response();
        let headers = response.headers_mut();
        let problem = HeaderValue::from_static("application/problem+json");
        headers.insert(header::CONTENT_TYPE, problem);
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if status == StatusCode::UNAUTHORIZED {
            let challenge = match self.lacks {
                Lacks::Token => "Bearer error=\"invalid_token\"",
                Lacks::Proof => "DPoP error=\"invalid_dpop_proof\", algs=\"ES256 EdDSA\"",
            };
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_token_that_the_app_can_renew_is_unauthorized() {
        let status = |error: IssueError| Problem::from(&error).status.as_u16();
        assert_eq!(status(IssueError::UserTokenRejected), 401);
        assert_eq!(status(IssueError::LoginRequired), 403);
        assert_eq!(status(IssueError::AccessDenied), 403);
        assert_eq!(status(IssueError::InvalidScope), 400);
        assert_eq!(status(IssueError::HostRejected { error: "invalid_client" }), 500);
        assert_eq!(status(IssueError::Unreachable(String::new())), 502);
        assert_eq!(status(IssueError::Deadline), 504);
        let busy = IssueError::TemporarilyUnavailable { status: 429, retry_after: Some(7) };
        assert_eq!(Problem::from(&busy).retry_after, Some(7));
        assert_eq!(status(busy), 503);
    }
}
