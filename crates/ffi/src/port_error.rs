//! What a port that the host app brings may throw, and what becomes of it.

use minihost::ports::{NotAsked, SecretStoreError};

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

/// Notes a call that failed, and that its answer need not be waited for.
pub(crate) fn asked(call: &'static str, outcome: Result<(), PortError>) -> Result<(), NotAsked> {
    PortError::note(call, outcome);
    outcome.map_err(|_| NotAsked)
}
