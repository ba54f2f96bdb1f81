//! Errors as clients see them: RFC 6749 §5.2 and the few codes of the extensions.

use std::time::Duration;

use axum::Json;
use axum::http::header::{CACHE_CONTROL, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::accounts::AccountServiceError;
use crate::error::{RandomnessError, StoreError};
use crate::jose::KeyError;
use crate::password::Overloaded;

const RETRY_SOON: Duration = Duration::from_secs(1);

/// The `error` member of an answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum ErrorCode {
    /// RFC 6749 §5.2.
    InvalidRequest,
    /// RFC 6749 §5.2.
    InvalidClient,
    /// RFC 6749 §5.2.
    InvalidGrant,
    /// RFC 6749 §5.2.
    UnauthorizedClient,
    /// RFC 6749 §5.2.
    UnsupportedGrantType,
    /// RFC 6749 §4.1.2.1.
    UnsupportedResponseType,
    /// RFC 6749 §5.2.
    InvalidScope,
    /// RFC 8628 §3.5.
    AuthorizationPending,
    /// RFC 8628 §3.5.
    SlowDown,
    /// RFC 6749 §4.1.2.1, RFC 8628 §3.5.
    AccessDenied,
    /// RFC 8628 §3.5.
    ExpiredToken,
    /// RFC 8707 §2.
    InvalidTarget,
    /// RFC 9449 §5.
    InvalidDpopProof,
    /// RFC 9449 §8.
    UseDpopNonce,
    /// draft-ietf-oauth-attestation-based-client-auth-11 §7.4.
    UseAttestationChallenge,
    /// draft-ietf-oauth-attestation-based-client-auth-11 §7.4.
    UseFreshAttestation,
    /// draft-ietf-oauth-first-party-apps §5.2.2.
    InsufficientAuthorization,
    /// draft-ietf-oauth-first-party-apps §5.2.2.
    InvalidSession,
    /// OpenID Connect Core §3.1.2.6.
    ConsentRequired,
    /// OpenID Connect Core §3.1.2.6.
    LoginRequired,
    /// OpenID Connect Core §3.1.2.6.
    RequestNotSupported,
    /// OpenID Connect Core §3.1.2.6.
    RequestUriNotSupported,
    /// OpenID Connect Core §3.1.2.6.
    RegistrationNotSupported,
    /// RFC 6749 §4.1.2.1.
    TemporarilyUnavailable,
    /// RFC 6749 §4.1.2.1.
    ServerError,
}

impl ErrorCode {
    /// The value of `error`.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::UnsupportedResponseType => "unsupported_response_type",
            Self::InvalidScope => "invalid_scope",
            Self::AuthorizationPending => "authorization_pending",
            Self::SlowDown => "slow_down",
            Self::AccessDenied => "access_denied",
            Self::ExpiredToken => "expired_token",
            Self::InvalidTarget => "invalid_target",
            Self::InsufficientAuthorization => "insufficient_authorization",
            Self::InvalidSession => "invalid_session",
            Self::ConsentRequired => "consent_required",
            Self::LoginRequired => "login_required",
            Self::RequestNotSupported => "request_not_supported",
            Self::RequestUriNotSupported => "request_uri_not_supported",
            Self::RegistrationNotSupported => "registration_not_supported",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
            Self::InvalidDpopProof => "invalid_dpop_proof",
            Self::UseDpopNonce => "use_dpop_nonce",
            Self::UseAttestationChallenge => "use_attestation_challenge",
            Self::UseFreshAttestation => "use_fresh_attestation",
            Self::ServerError => "server_error",
        }
    }

    fn status(self) -> StatusCode {
        match self {
            Self::InvalidClient => StatusCode::UNAUTHORIZED,
            Self::InsufficientAuthorization => StatusCode::FORBIDDEN,
            Self::TemporarilyUnavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::ServerError => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        }
    }
}

/// An error answer. Its description is fixed text, so nothing a caller sent can come back in it.
#[derive(Debug)]
pub(crate) struct Problem {
    code: ErrorCode,
    status: StatusCode,
    description: &'static str,
    retry_after: Option<Duration>,
}

impl Problem {
    /// `description` is for developers, in the characters of RFC 6749 §5.2.
    pub(crate) fn new(code: ErrorCode, description: &'static str) -> Self {
        Self { code, status: code.status(), description, retry_after: None }
    }

    pub(crate) fn code(&self) -> ErrorCode {
        self.code
    }

    /// Fixed text in the characters of RFC 6749 §5.2.
    pub(crate) fn description(&self) -> &'static str {
        self.description
    }

    /// How long to wait, where too many attempts failed or too many requests are open.
    pub(crate) fn is_throttling(&self) -> Option<Duration> {
        self.retry_after.filter(|_| self.status == StatusCode::TOO_MANY_REQUESTS)
    }

    pub(crate) fn invalid_request(description: &'static str) -> Self {
        Self::new(ErrorCode::InvalidRequest, description)
    }

    pub(crate) fn invalid_grant(description: &'static str) -> Self {
        Self::new(ErrorCode::InvalidGrant, description)
    }

    pub(crate) fn too_large() -> Self {
        Self {
            status: StatusCode::PAYLOAD_TOO_LARGE,
            ..Self::invalid_request("the body is larger than 64 KiB")
        }
    }

    pub(crate) fn not_found(description: &'static str) -> Self {
        Self { status: StatusCode::NOT_FOUND, ..Self::invalid_request(description) }
    }

    /// Too many attempts failed; RFC 6585 §4.
    pub(crate) fn too_many_failures(retry_after: Duration) -> Self {
        Self {
            status: StatusCode::TOO_MANY_REQUESTS,
            retry_after: Some(retry_after),
            ..Self::new(
                ErrorCode::TemporarilyUnavailable,
                "too many attempts failed; wait before trying again",
            )
        }
    }

    /// Too many requests wait for their users; RFC 9126 §2.3, RFC 6585 §4.
    pub(crate) fn too_many_open(retry_after: Duration) -> Self {
        Self {
            status: StatusCode::TOO_MANY_REQUESTS,
            retry_after: Some(retry_after),
            ..Self::new(
                ErrorCode::TemporarilyUnavailable,
                "too many requests wait for their users; let some be answered or expire",
            )
        }
    }

    /// RFC 9110 §15.5.20.
    pub(crate) fn misdirected() -> Self {
        Self {
            status: StatusCode::MISDIRECTED_REQUEST,
            ..Self::invalid_request("this server does not answer for that host")
        }
    }

    /// RFC 9110 §15.5.9.
    pub(crate) fn too_slow() -> Self {
        Self {
            status: StatusCode::REQUEST_TIMEOUT,
            ..Self::invalid_request("the body took too long")
        }
    }

    /// For now.
    pub(crate) fn unavailable() -> Self {
        Self {
            retry_after: Some(RETRY_SOON),
            ..Self::new(
                ErrorCode::TemporarilyUnavailable,
                "the server cannot do this now; try again later",
            )
        }
    }

    fn internal() -> Self {
        Self::new(ErrorCode::ServerError, "the server failed")
    }
}

/// For how many seconds a caller is told to wait. Rounded up: who waits as long as told must not come too
/// early, and nobody is told to come at once.
pub(crate) fn wait_seconds(span: Duration) -> u64 {
    let seconds = span.as_secs() + u64::from(span.subsec_nanos() > 0);
    seconds.max(1)
}

/// The value of `Retry-After`.
pub(crate) fn retry_after(span: Duration) -> HeaderValue {
    HeaderValue::from(wait_seconds(span))
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the database did not answer");
        match error {
            StoreError::Unavailable(_) => Self::unavailable(),
            StoreError::Failed(_) => Self::internal(),
        }
    }
}

impl From<RandomnessError> for Problem {
    fn from(error: RandomnessError) -> Self {
        tracing::error!(%error, "no code or token could be made");
        Self::unavailable()
    }
}

impl From<KeyError> for Problem {
    fn from(error: KeyError) -> Self {
        tracing::error!(%error, "an ID token was not signed");
        Self::internal()
    }
}

impl From<AccountServiceError> for Problem {
    fn from(error: AccountServiceError) -> Self {
        tracing::error!(%error, "a sign-in could not be checked");
        Self::unavailable()
    }
}

impl From<Overloaded> for Problem {
    fn from(_: Overloaded) -> Self {
        Self::unavailable()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        #[derive(Serialize)]
        struct Body {
            error: &'static str,
            error_description: &'static str,
        }
        let body = Json(Body { error: self.code.as_str(), error_description: self.description });
        let mut response = (self.status, [(CACHE_CONTROL, "no-store")], body).into_response();
        let headers = response.headers_mut();
        if let Some(span) = self.retry_after {
            headers.insert(RETRY_AFTER, retry_after(span));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(
                WWW_AUTHENTICATE,
                HeaderValue::from_static(r#"Basic realm="minihost", charset="UTF-8""#),
            );
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_waits_as_long_as_told_comes_neither_too_early_nor_at_once() {
        for (millis, seconds) in [(0, "1"), (1, "1"), (1_000, "1"), (1_001, "2"), (59_999, "60")] {
            assert_eq!(retry_after(Duration::from_millis(millis)), seconds, "{millis} ms");
        }
    }
}
