//! What can go wrong, few and stable. Each variant tells the caller what to do; the texts are for
//! developers and may change.

use minihost::{Stopped, ports::SecretStoreError};

use crate::device_error::DeviceRequestError;

/// Why a host did not start. Nothing runs then.
#[derive(Debug, thiserror::Error, uniffi::Error)]
#[uniffi(flat_error)]
pub enum StartError {
    /// Something in the configuration is not acceptable: mend it.
    #[error("the configuration is not acceptable: {0}")]
    Configuration(String),
    /// What the host keeps cannot be read just now: try again.
    #[error("{0}")]
    Storage(String),
    /// The host's threads could not be started, or ended at once: try again.
    #[error("{0}")]
    Threads(String),
    /// The call was given up. It may have had its effect all the same.
    #[error("{}", Stopped::Cancelled)]
    Cancelled,
    /// A fault of the SDK itself, kept to this call: report it.
    #[error("{}", Stopped::Panicked)]
    Internal,
}

/// Nothing can be asked of a host that was shut down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the host has been shut down; start a new one")]
pub(crate) struct ShutDown;

/// Why a host did not do what it was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, uniffi::Error)]
#[uniffi(flat_error)]
pub enum HostError {
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

/// Why a mini-program was not opened.
#[derive(Debug, thiserror::Error, uniffi::Error)]
#[uniffi(flat_error)]
pub enum OpenError {
    /// The manifest is not acceptable: its publisher must mend it.
    #[error("{0}")]
    Manifest(String),
    /// A pinned key is none: the host must pin another.
    #[error("a pinned key cannot be used: {0}")]
    Key(String),
    /// The host was shut down: start a new one.
    #[error("{ShutDown}")]
    ShutDown,
}

/// Why an answer to a prompt does not count. Nothing has changed then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, uniffi::Error)]
#[uniffi(flat_error)]
pub enum AnswerError {
    /// Nobody waits for it: take the prompt off the screen.
    #[error("{}", minihost::AnswerError::NotWaiting)]
    NotWaiting,
    /// The user saw another view: present the prompt again.
    #[error("{}", minihost::AnswerError::OtherView)]
    OtherView,
    /// A scope in the answer is not in the view: answer with the view's own.
    #[error("{}", minihost::AnswerError::OtherScopes)]
    OtherScopes,
    /// The view does not offer to remember the answer in this way: answer with one that it offers.
    #[error("{}", minihost::AnswerError::OtherRemember)]
    OtherRemember,
    /// The host was shut down: start a new one.
    #[error("{ShutDown}")]
    ShutDown,
}

/// Why nobody was signed in. Whoever was signed in before still is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum SignInError {
    /// The username or the password is wrong: let the user try again.
    #[error("the username or the password is wrong")]
    WrongCredentials,
    /// The user, or the server, did not agree in the browser: let the user try again.
    #[error("the sign-in was declined")]
    Denied,
    /// What the browser brought back is not the answer to this sign-in: begin anew.
    #[error("{detail}")]
    WrongAnswer {
        /// For the host's log.
        detail: String,
    },
    /// Something in the configuration is not acceptable: mend it.
    #[error("{detail}")]
    Configuration {
        /// For the host's log.
        detail: String,
    },
    /// The server cannot be reached or did not answer in time: let the user try again.
    #[error("{detail}")]
    Network {
        /// For the host's log.
        detail: String,
    },
    /// The server wants to be left alone for a while: let the user try again later.
    #[error("{detail}")]
    TryLater {
        /// For the host's log.
        detail: String,
        /// Seconds to wait, where the server says.
        retry_after: Option<u64>,
    },
    /// The server does not accept the host itself: check client id, secret and registration.
    #[error("{detail}")]
    HostRejected {
        /// For the host's log.
        detail: String,
    },
    /// The server failed or gave an answer that cannot be used: its operator must look into it.
    #[error("{detail}")]
    Server {
        /// For the host's log.
        detail: String,
    },
    /// Another sign-in or a sign-out ended first and counts instead: look who is signed in now.
    #[error("another sign-in or a sign-out was faster")]
    Overtaken,
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

/// Why a sign-out is not complete.
#[derive(Debug, thiserror::Error, uniffi::Error)]
#[uniffi(flat_error)]
pub enum SignOutError {
    /// Nobody is signed in any more, but the tokens still lie in the secret store: call again.
    #[error("{0}")]
    Storage(String),
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

/// Why nobody was signed in of whom the secret store may know.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, uniffi::Error)]
#[uniffi(flat_error)]
pub enum RestoreError {
    /// The secret store gives no access now: try again once it is unlocked.
    #[error("{0}")]
    Locked(String),
    /// The secret store cannot be used, or what lies in it cannot be read: have the user sign in.
    #[error("{0}")]
    Storage(String),
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

/// Why the log does not go to a sink.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, uniffi::Error)]
#[uniffi(flat_error)]
pub enum LogError {
    /// The process has a subscriber of its own, which hears the SDK too.
    #[error("{}", minihost::log::LogTaken)]
    Taken,
}

/// What a foreign secret store may throw. Anything else that it throws counts as `Unavailable`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum SecretError {
    /// It is there but gives no access now.
    #[error("the secret store is locked")]
    Locked,
    /// It cannot be used.
    #[error("the secret store cannot be used")]
    Unavailable,
}

/// Why the answer of a method of the host app's own was not taken. The call waits on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, uniffi::Error)]
#[uniffi(flat_error)]
pub enum MethodResultError {
    /// The result is no JSON: give another.
    #[error("the result is not JSON")]
    NotJson,
    /// There is no such reason: give one of the bridge's.
    #[error("there is no such reason; the bridge's description lists them")]
    UnknownReason,
    /// The host was shut down: start a new one.
    #[error("{ShutDown}")]
    ShutDown,
}

/// What the foreign side of a port may throw.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, uniffi::Error)]
pub enum PortError {
    /// It did not do what it was asked. Anything else that it throws counts as this.
    #[error("the host's implementation of a port failed")]
    Failed,
}

impl PortError {
    /// Notes a call that failed. What an exception says is left out: it may repeat the arguments.
    pub(crate) fn note(call: &'static str, outcome: Result<(), Self>) {
        if outcome.is_err() {
            tracing::warn!(call, "the host's implementation of a port failed; the call is lost");
        }
    }
}

impl From<uniffi::UnexpectedUniFFICallbackError> for PortError {
    fn from(_: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Failed
    }
}

impl From<uniffi::UnexpectedUniFFICallbackError> for SecretError {
    fn from(_: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Unavailable
    }
}

impl From<SecretError> for SecretStoreError {
    fn from(error: SecretError) -> Self {
        match error {
            SecretError::Locked => Self::Locked,
            SecretError::Unavailable => Self::Unavailable("the host's own has failed".to_owned()),
        }
    }
}

impl From<SecretStoreError> for RestoreError {
    fn from(error: SecretStoreError) -> Self {
        match error {
            SecretStoreError::Locked => Self::Locked(error.to_string()),
            _ => Self::Storage(error.to_string()),
        }
    }
}

impl From<SecretStoreError> for StartError {
    fn from(error: SecretStoreError) -> Self {
        Self::Storage(error.to_string())
    }
}

impl From<minihost::log::LogTaken> for LogError {
    fn from(minihost::log::LogTaken: minihost::log::LogTaken) -> Self {
        Self::Taken
    }
}

impl From<minihost::StartError> for StartError {
    fn from(error: minihost::StartError) -> Self {
        match error {
            minihost::StartError::Grants(_) => Self::Storage(error.to_string()),
            minihost::StartError::MethodNamedTwice(_) => Self::Configuration(error.to_string()),
            minihost::StartError::Threads(_) => Self::Threads(error.to_string()),
        }
    }
}

impl From<minihost::manifest::KeyError> for OpenError {
    fn from(error: minihost::manifest::KeyError) -> Self {
        Self::Key(error.to_string())
    }
}

impl From<minihost::ManifestError> for OpenError {
    fn from(error: minihost::ManifestError) -> Self {
        Self::Manifest(error.to_string())
    }
}

impl From<minihost::OpenError> for OpenError {
    fn from(error: minihost::OpenError) -> Self {
        match error {
            minihost::OpenError::NotOpened(_) => Self::Manifest(error.to_string()),
            minihost::OpenError::ShutDown => Self::ShutDown,
        }
    }
}

impl From<minihost::AnswerError> for AnswerError {
    fn from(error: minihost::AnswerError) -> Self {
        match error {
            minihost::AnswerError::NotWaiting => Self::NotWaiting,
            minihost::AnswerError::OtherView => Self::OtherView,
            minihost::AnswerError::OtherScopes => Self::OtherScopes,
            minihost::AnswerError::OtherRemember => Self::OtherRemember,
        }
    }
}

impl From<minihost::session::SignInError> for SignInError {
    fn from(error: minihost::session::SignInError) -> Self {
        use minihost::session::SignInError as Inner;
        let detail = error.to_string();
        match error {
            Inner::WrongCredentials => Self::WrongCredentials,
            Inner::Denied => Self::Denied,
            Inner::WrongAnswer(_) => Self::WrongAnswer { detail },
            Inner::Network(_) | Inner::TimedOut => Self::Network { detail },
            Inner::Throttled { retry_after } | Inner::TemporarilyUnavailable { retry_after } => {
                Self::TryLater { detail, retry_after }
            }
            Inner::HostRejected { .. } | Inner::Credentials(_) => Self::HostRejected { detail },
            Inner::Overtaken => Self::Overtaken,
            // What a later version of the SDK tells apart.
            _ => Self::Server { detail },
        }
    }
}

impl From<minihost::session::InvalidRedirectUri> for SignInError {
    fn from(error: minihost::session::InvalidRedirectUri) -> Self {
        Self::Configuration { detail: error.to_string() }
    }
}

impl From<minihost::ports::SessionError> for SignOutError {
    fn from(error: minihost::ports::SessionError) -> Self {
        Self::Storage(error.to_string())
    }
}

/// What is wrong with the settings that a host app gives; each says in its own sentence what it is.
macro_rules! are_wrong_settings {
    ($($error:ty),*) => {$(
        impl From<$error> for StartError {
            fn from(error: $error) -> Self {
                Self::Configuration(error.to_string())
            }
        }
    )*};
}

/// What every call may come to.
macro_rules! may_be_shut_down {
    ($($error:ty),*) => {$(
        impl From<ShutDown> for $error {
            fn from(ShutDown: ShutDown) -> Self {
                Self::ShutDown
            }
        }
    )*};
}

/// What every call that takes its time may come to.
macro_rules! may_be_stopped {
    ($($error:ty),*) => {$(
        impl From<Stopped> for $error {
            fn from(stopped: Stopped) -> Self {
                match stopped {
                    Stopped::Cancelled => Self::Cancelled,
                    Stopped::ShutDown => ShutDown.into(),
                    Stopped::Panicked => Self::Internal,
                }
            }
        }
    )*};
}

are_wrong_settings!(
    minihost::InvalidKey,
    minihost::InvalidMethodName,
    minihost::WordsError,
    minihost::http::InvalidNetwork,
    minihost::issuer::InvalidIssuer,
    minihost::issuer::InvalidSettings,
    minihost::issuer::StaticSecretInApp,
    minihost::session::InvalidRedirectUri
);
may_be_shut_down!(
    AnswerError,
    DeviceRequestError,
    HostError,
    MethodResultError,
    OpenError,
    RestoreError,
    SignInError,
    SignOutError
);
may_be_stopped!(DeviceRequestError, HostError, RestoreError, SignInError, SignOutError, StartError);

impl From<ShutDown> for StartError {
    fn from(ShutDown: ShutDown) -> Self {
        Self::Threads(ShutDown.to_string())
    }
}
