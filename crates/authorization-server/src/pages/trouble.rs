//! The pages that say what went wrong, to a person who can do something about it or nothing.

use std::time::Duration;

use askama::Template;
use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use axum::response::{IntoResponse as _, Response};

use super::{Frame, Language, Texts, page};
use crate::error::{RandomnessError, StoreError};
use crate::http::{Problem, retry_after};
use crate::password::Overloaded;

/// What went wrong where there is nobody to redirect to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Trouble {
    /// The parameters cannot be read, or name the client twice.
    Malformed,
    /// No such client.
    UnknownClient,
    /// The redirect URI is not the client's, or is missing where it must be there.
    RedirectUri,
    /// The pushed request is unknown, was used, or has expired.
    PushedRequest,
    /// A form did not come from a page of this server that this browser was shown.
    Forged,
    /// Somebody else than this server's own authentication system answered, or too late.
    ExternalLogin,
    /// Too many attempts failed, or too many requests are open; how long to wait.
    TooMany(Duration),
    /// The database or the password check cannot take more now.
    Unavailable,
    /// The server failed.
    Failed,
}

#[derive(Template)]
#[template(path = "trouble.html")]
struct TroublePage<'a> {
    frame: &'a Frame,
    heading: &'static str,
    explanation: &'static str,
}

const RETRY_SOON: Duration = Duration::from_secs(1);

impl Trouble {
    /// The page in this language.
    pub(crate) fn into_page(self, language: Language) -> Response {
        let Ok(frame) = Frame::new(language) else {
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        };
        let (heading, explanation) = self.words(frame.texts);
        let mut response =
            page(self.status(), &frame, &TroublePage { frame: &frame, heading, explanation });
        let wait = match self {
            Self::TooMany(wait) => Some(wait),
            Self::Unavailable => Some(RETRY_SOON),
            _ => None,
        };
        if let Some(wait) = wait {
            response.headers_mut().insert(RETRY_AFTER, retry_after(wait));
        }
        response
    }

    fn status(self) -> StatusCode {
        match self {
            Self::Forged => StatusCode::FORBIDDEN,
            Self::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Failed => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    fn words(self, texts: &'static Texts) -> (&'static str, &'static str) {
        match self {
            Self::Malformed => (texts.bad_link, texts.malformed),
            Self::UnknownClient => (texts.bad_link, texts.unknown_client),
            Self::RedirectUri => (texts.bad_link, texts.bad_redirect_uri),
            Self::PushedRequest => (texts.expired, texts.expired_request),
            Self::Forged => (texts.expired, texts.forged),
            Self::ExternalLogin => (texts.not_signed_in, texts.external_login_failed),
            Self::TooMany(_) | Self::Unavailable => (texts.busy, texts.busy_explanation),
            Self::Failed => (texts.failed, texts.failed_explanation),
        }
    }
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Problem::from(error).into()
    }
}

impl From<RandomnessError> for Trouble {
    fn from(error: RandomnessError) -> Self {
        Problem::from(error).into()
    }
}

impl From<Overloaded> for Trouble {
    fn from(_: Overloaded) -> Self {
        Self::Unavailable
    }
}

/// Of a problem that no redirect can carry.
impl From<Problem> for Trouble {
    fn from(problem: Problem) -> Self {
        use crate::http::ErrorCode::{ServerError, TemporarilyUnavailable};
        if let Some(wait) = problem.is_throttling() {
            return Self::TooMany(wait);
        }
        match problem.code() {
            TemporarilyUnavailable => Self::Unavailable,
            ServerError => Self::Failed,
            _ => Self::Malformed,
        }
    }
}
