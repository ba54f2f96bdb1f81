//! Which error of the SDK for Rust is which here.

use minihost::{Stopped, ports::SecretStoreError};

use crate::{
    accounts::OwnSignIn,
    device_error::DeviceRequestError,
    error::{
        AnswerError, HostError, LogError, MethodResultError, OpenError, RestoreError, ShutDown,
        SignInError, SignOutError, StartError, UserChangeError,
    },
};

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
    SignOutError,
    StartError,
    UserChangeError
);
may_be_stopped!(DeviceRequestError, HostError, RestoreError, SignInError, SignOutError, StartError);

impl From<minihost::session::SignInOver> for UserChangeError {
    fn from(minihost::session::SignInOver: minihost::session::SignInOver) -> Self {
        Self::SignInOver
    }
}

impl From<OwnSignIn> for SignInError {
    fn from(OwnSignIn: OwnSignIn) -> Self {
        Self::Configuration { detail: OwnSignIn.to_string() }
    }
}

impl From<OwnSignIn> for DeviceRequestError {
    fn from(OwnSignIn: OwnSignIn) -> Self {
        Self::NotAllowed
    }
}
