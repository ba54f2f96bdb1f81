//! What can go wrong in the SDK, few and stable. Each variant tells the caller what to do; the texts are for
//! developers and may change.

use minihost::Stopped;

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

/// Why the SDK does not take the host app's word for who is signed in. Nothing has changed then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, uniffi::Error)]
#[uniffi(flat_error)]
pub enum UserChangeError {
    /// The SDK signs users in: start the host with a session of the host app's own.
    #[error("the SDK signs users in; start the host with a session of the host app's own")]
    SdkSignsIn,
    /// This sign-in is over, or two have one epoch; nobody is signed in any more, until the host app tells of
    /// a higher epoch: let it grow with every sign-in.
    #[error("{}", minihost::session::SignInOver)]
    SignInOver,
    /// The host was shut down: start a new one.
    #[error("{ShutDown}")]
    ShutDown,
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
