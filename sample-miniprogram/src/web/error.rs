use axum::{
    Json,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;

use crate::oauth::ExchangeError;

/// Why the backend refused. The page decides on [`reason`](Self::reason).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ApiError {
    /// Not a request of this program's own page, or not one that it can make.
    #[error("the request is malformed")]
    InvalidRequest,
    /// Made by a page of another origin.
    #[error("the request comes from another origin")]
    ForeignOrigin,
    /// The browser has no session here, or it has ended.
    #[error("there is no session")]
    NoSession,
    /// The answer belongs to no sign-in that this browser began.
    #[error("the state belongs to no sign-in of this session")]
    StateMismatch,
    /// The answer is from another authorization server (RFC 9207 §2.4).
    #[error("the issuer is not the one that was asked")]
    IssuerMismatch,
    /// The code is spent, expired, or not for this program.
    #[error("the code was not accepted")]
    CodeRejected,
    /// Nobody is signed in, or the user must continue with the host again.
    #[error("the user must sign in")]
    LoginRequired,
    /// The user did not allow to be recognised, and without that there can be no account.
    #[error("the user did not allow to be recognised")]
    NotRecognised,
    /// The user said no at the authorization server.
    #[error("the user did not allow it")]
    UserDenied,
    /// The user is not the one whom this concerns, or there is no such thing.
    #[error("this is not the user's")]
    NotYours,
    /// Somebody else has the seat.
    #[error("the seat is taken")]
    SeatTaken,
    /// One person can hold only so many seats.
    #[error("too many seats")]
    TooManySeats,
    /// The authorization server cannot be reached.
    #[error("the authorization server cannot be reached")]
    Network,
    /// The authorization server asks to come back later.
    #[error("the authorization server is not available now")]
    Unavailable {
        /// Seconds, where it said so.
        retry_after: Option<u64>,
    },
    /// The authorization server failed.
    #[error("the authorization server's answer is not acceptable")]
    Server,
    /// A fault of this program.
    #[error("the program has a fault of its own")]
    Internal,
}

impl ApiError {
    /// The stable text that the page decides on.
    pub(crate) fn reason(&self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::ForeignOrigin => "untrusted_origin",
            Self::NoSession => "no_session",
            Self::StateMismatch => "state_mismatch",
            Self::IssuerMismatch => "issuer_mismatch",
            Self::CodeRejected => "code_rejected",
            Self::LoginRequired => "login_required",
            Self::NotRecognised => "not_recognised",
            Self::UserDenied => "user_denied",
            Self::NotYours => "not_yours",
            Self::SeatTaken => "seat_taken",
            Self::TooManySeats => "too_many_seats",
            Self::Network => "network",
            Self::Unavailable { .. } => "temporarily_unavailable",
            Self::Server => "server_error",
            Self::Internal => "internal",
        }
    }

    /// From the `error` of an authorization response (RFC 6749 §4.1.2.1).
    pub(crate) fn from_authorization(error: &str) -> Self {
        match error {
            "access_denied" => Self::UserDenied,
            "temporarily_unavailable" => Self::Unavailable { retry_after: None },
            "server_error" => Self::Server,
            // The server finds fault with this program itself, which no user can mend.
            _ => Self::Internal,
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::InvalidRequest
            | Self::StateMismatch
            | Self::IssuerMismatch
            | Self::CodeRejected => StatusCode::BAD_REQUEST,
            Self::ForeignOrigin | Self::NotRecognised | Self::UserDenied | Self::NotYours => {
                StatusCode::FORBIDDEN
            }
            Self::NoSession | Self::LoginRequired => StatusCode::UNAUTHORIZED,
            Self::SeatTaken | Self::TooManySeats => StatusCode::CONFLICT,
            Self::Network | Self::Server => StatusCode::BAD_GATEWAY,
            Self::Unavailable { .. } => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut error = json!({ "reason": self.reason() });
        if let Self::Unavailable { retry_after: Some(seconds) } = self {
            error["retryAfter"] = seconds.into();
        }
        tracing::info!(reason = self.reason(), "refused");
        let headers = [(header::CACHE_CONTROL, "no-store")];
        (self.status(), headers, Json(json!({ "error": error }))).into_response()
    }
}

impl From<ExchangeError> for ApiError {
    fn from(error: ExchangeError) -> Self {
        tracing::warn!(%error, "the exchange with the authorization server failed");
        match error {
            ExchangeError::Network => Self::Network,
            ExchangeError::Unavailable { retry_after } => Self::Unavailable { retry_after },
            ExchangeError::Unacceptable(_) => Self::Server,
            ExchangeError::Refused(code) if code == "invalid_grant" => Self::CodeRejected,
            ExchangeError::Refused(code) if code == "insufficient_scope" => Self::NotRecognised,
            // The server finds fault with this program itself, which no user can mend.
            ExchangeError::Refused(_) => Self::Internal,
        }
    }
}

impl From<rusqlite::Error> for ApiError {
    fn from(error: rusqlite::Error) -> Self {
        tracing::error!(%error, "the database failed");
        Self::Internal
    }
}
