//! Why what another device asks was not found, or not answered.

use minihost::Stopped;

use crate::error::ShutDown;

/// Why what another device asks was not found, or not answered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum DeviceRequestError {
    /// There is no open request with this code: let the user look again, or the device ask anew.
    #[error("no open request has this code")]
    Unknown,
    /// The server does not let this host answer what asks: say so.
    #[error("the authorization server does not let this host answer what asks")]
    NotAllowed,
    /// This request was answered already: look the code up again.
    #[error("this request was answered already; look the code up again")]
    Answered,
    /// Nobody is signed in, or another user is: look the code up again once the user is there.
    #[error("{detail}")]
    UserChanged {
        /// For the host's log.
        detail: String,
    },
    /// Too many wrong codes were tried, or the server wants to be left alone for a while.
    #[error("{detail}")]
    TryLater {
        /// For the host's log.
        detail: String,
        /// Seconds to wait, where the server says.
        retry_after: Option<u64>,
    },
    /// The server could not be reached, or its answer cannot be used: let the user try again.
    #[error("{detail}")]
    Server {
        /// For the host's log.
        detail: String,
    },
    /// The host was shut down: start a new one.
    #[error("{ShutDown}")]
    ShutDown,
    /// The call was given up. It may have had its effect all the same.
    #[error("{}", Stopped::Cancelled)]
    Cancelled,
    /// A fault of the SDK itself, kept to this call: report it.
    #[error("{}", Stopped::Panicked)]
    Internal,
}

impl From<minihost::session::DeviceRequestError> for DeviceRequestError {
    fn from(error: minihost::session::DeviceRequestError) -> Self {
        use minihost::{ports::SessionError, session::DeviceRequestError as Inner};
        let detail = error.to_string();
        match error {
            Inner::Unknown => Self::Unknown,
            Inner::NotAllowed | Inner::NotSupported => Self::NotAllowed,
            Inner::Throttled { retry_after }
            | Inner::Session(SessionError::TemporarilyUnavailable { retry_after }) => {
                Self::TryLater { detail, retry_after }
            }
            Inner::Session(
                SessionError::NotSignedIn
                | SessionError::SignInEnded
                | SessionError::AccountChanged,
            ) => Self::UserChanged { detail },
            // What a later version of the SDK tells apart.
            _ => Self::Server { detail },
        }
    }
}
