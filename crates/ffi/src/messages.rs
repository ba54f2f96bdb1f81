//! What documents send, for Kotlin: there every object and every text that goes along with a call costs a
//! call of its own. So the host goes by number, and everything else in one record. Swift, which pays for
//! records and not for calls, has [`MiniHost::receive`](crate::MiniHost::receive) for the same.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, PoisonError, RwLock, Weak,
        atomic::{AtomicU64, Ordering},
    },
};

use minihost::SessionId;

use crate::{
    context::CallContext,
    error::{HostError, ShutDown},
    running::Running,
};

/// One message of a document. What the page says may be private, and must not be logged.
#[derive(Clone, uniffi::Record)]
pub struct DocumentMessage {
    /// Which host, as [`MiniHost::number`](crate::MiniHost::number) says.
    pub host: u64,
    /// Which session of that host.
    pub session: u64,
    /// What the platform knows of its sender.
    pub context: CallContext,
    /// What the page sent.
    pub text: String,
}

/// Takes one message of a document, as [`MiniHost::receive`](crate::MiniHost::receive) does.
///
/// # Errors
/// [`HostError`].
#[uniffi::export]
pub fn receive(message: DocumentMessage) -> Result<Option<String>, HostError> {
    let DocumentMessage { host, session, context, text } = message;
    let running = HOSTS.find(host)?;
    Ok(running.host.receive(SessionId(session), context.into(), &text))
}

/// The hosts that run in this process.
static HOSTS: Hosts = Hosts { last: AtomicU64::new(0), running: RwLock::new(BTreeMap::new()) };

struct Hosts {
    last: AtomicU64,
    running: RwLock<BTreeMap<u64, Weak<Running>>>,
}

impl Hosts {
    fn find(&self, host: u64) -> Result<Arc<Running>, ShutDown> {
        let running = self.running.read().unwrap_or_else(PoisonError::into_inner);
        running.get(&host).and_then(Weak::upgrade).ok_or(ShutDown)
    }
}

/// A host's place among those that run, until it is given up or dropped.
pub(crate) struct Listed(u64);

impl Listed {
    pub(crate) fn new(host: &Arc<Running>) -> Self {
        let number = HOSTS.last.fetch_add(1, Ordering::Relaxed) + 1;
        let mut running = HOSTS.running.write().unwrap_or_else(PoisonError::into_inner);
        running.insert(number, Arc::downgrade(host));
        Self(number)
    }

    pub(crate) fn number(&self) -> u64 {
        self.0
    }

    /// Has messages for the host fail with [`ShutDown`] from now on.
    pub(crate) fn give_up(&self) {
        HOSTS.running.write().unwrap_or_else(PoisonError::into_inner).remove(&self.0);
    }
}

impl Drop for Listed {
    fn drop(&mut self) {
        self.give_up();
    }
}
