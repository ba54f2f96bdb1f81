//! Giving up what was begun.

use std::sync::Arc;

use crate::error::HostError;

/// Gives up an async call that was begun with it, from whichever thread: its work on the threads of the
/// SDK ends, and the call fails with `Cancelled`. For languages in which a call that nobody awaits any more
/// goes on, and for whoever wants to be explicit. One handle may be given to several calls.
#[derive(uniffi::Object)]
pub struct Cancellation(minihost::Cancellation);

#[uniffi::export]
impl Cancellation {
    /// A handle that has cancelled nothing yet.
    ///
    /// # Errors
    /// None today.
    #[uniffi::constructor]
    pub fn new() -> Result<Self, HostError> {
        Ok(Self(minihost::Cancellation::default()))
    }

    /// Gives up the calls that were begun with this, and those that will be.
    ///
    /// # Errors
    /// None today.
    pub fn cancel(&self) -> Result<(), HostError> {
        self.0.cancel();
        Ok(())
    }
}

pub(crate) fn inner(handle: Option<Arc<Cancellation>>) -> Option<minihost::Cancellation> {
    handle.map(|handle| handle.0.clone())
}
