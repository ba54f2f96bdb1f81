//! Who is signed in, as it changes.

use std::sync::Arc;

use minihost::ports;

use crate::{config::User, port_error::PortError};

/// Hears who is signed in. Called in order, on a thread of the SDK; returns at once.
#[uniffi::export(foreign)]
pub trait UserObserver: Send + Sync {
    /// This user is signed in from now on, or nobody, whoever brought it about. Of changes that follow
    /// one another closely only the last may be told.
    ///
    /// # Errors
    /// [`PortError`]; nothing follows from it.
    fn user_changed(&self, user: Option<User>) -> Result<(), PortError>;
}

/// A foreign observer as a port of the SDK.
pub(crate) struct ForeignUserObserver(pub(crate) Arc<dyn UserObserver>);

impl ports::UserObserver for ForeignUserObserver {
    fn user_changed(&self, user: Option<minihost::User>) {
        let heard = self.0.user_changed(user.map(User::from));
        PortError::note("UserObserver.user_changed", heard);
    }
}
