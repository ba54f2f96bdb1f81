//! What is under way for requests that wait, each with the means to give it up.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use minihost_core::Ticket;
use tokio_util::sync::CancellationToken;

/// Code requests and calls of the host's methods. Clones are the same list.
#[derive(Clone, Default)]
pub(super) struct UnderWay(Arc<Mutex<BTreeMap<Ticket, CancellationToken>>>);

impl UnderWay {
    pub(super) fn begin(&self, ticket: Ticket, abandoned: CancellationToken) {
        self.lock().insert(ticket, abandoned);
    }

    pub(super) fn abandon(&self, ticket: Ticket) {
        if let Some(abandoned) = self.lock().remove(&ticket) {
            abandoned.cancel();
        }
    }

    pub(super) fn end(&self, ticket: Ticket) {
        self.lock().remove(&ticket);
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Ticket, CancellationToken>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
