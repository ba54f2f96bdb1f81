//! The machine behind its lock.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use minihost_core::{Effect, Input, Mediator, RevokeCall, SessionId};
use tokio::{sync::Notify, task::AbortHandle};

use super::effects::Outlets;
use crate::clock::Clock;

/// What the host's parts share.
pub(super) struct Inner {
    pub(super) mediator: Mutex<Mediator>,
    pub(super) outlets: Mutex<Option<Outlets>>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) deadline_changed: Arc<Notify>,
    pub(super) timer: Mutex<Option<AbortHandle>>,
    last_session: AtomicU64,
    last_revoke: AtomicU64,
    #[cfg(feature = "simulation")]
    breakage: Option<minihost_core::Breakage>,
}

impl Inner {
    /// A machine that nothing drives yet.
    pub(super) fn new(mediator: Mediator, clock: Arc<dyn Clock>) -> Self {
        Self {
            mediator: Mutex::new(mediator),
            outlets: Mutex::new(None),
            clock,
            deadline_changed: Arc::new(Notify::new()),
            timer: Mutex::new(None),
            last_session: AtomicU64::new(0),
            last_revoke: AtomicU64::new(0),
            #[cfg(feature = "simulation")]
            breakage: None,
        }
    }

    /// The same with one of its parts broken.
    #[cfg(feature = "simulation")]
    pub(super) fn breaking(mut self, breakage: Option<minihost_core::Breakage>) -> Self {
        self.breakage = breakage;
        self
    }

    /// The id of the next session; ids are never used again.
    pub(super) fn next_session(&self) -> SessionId {
        SessionId(self.last_session.fetch_add(1, Ordering::Relaxed) + 1)
    }

    /// The id of the next taking back.
    pub(super) fn next_revoke(&self) -> RevokeCall {
        RevokeCall(self.last_revoke.fetch_add(1, Ordering::Relaxed) + 1)
    }

    /// Hands the mediator one input and carries out what it wants.
    pub(super) fn apply(&self, input: Input<'_>) {
        self.apply_and(input, Some);
    }

    /// The same, but lets the caller keep effects for itself.
    pub(super) fn apply_and(&self, input: Input<'_>, keep: impl FnMut(Effect) -> Option<Effect>) {
        let mut mediator = lock(&self.mediator);
        let effects = mediator.handle(self.clock.now(), input);
        self.carry_out(mediator, effects, keep);
    }

    /// Queues effects while the machine is still locked, so that they leave in the order in which
    /// the machine decided them. Queuing does not wait.
    pub(super) fn carry_out(
        &self,
        mediator: MutexGuard<'_, Mediator>,
        effects: Vec<Effect>,
        mut keep: impl FnMut(Effect) -> Option<Effect>,
    ) {
        {
            let outlets = lock(&self.outlets);
            for effect in effects.into_iter().filter_map(&mut keep) {
                if let Some(outlets) = outlets.as_ref() {
                    outlets.carry_out(effect);
                }
            }
        }
        drop(mediator);
        #[cfg(feature = "simulation")]
        if self.breakage == Some(minihost_core::Breakage::Deadline) {
            return;
        }
        self.deadline_changed.notify_one();
    }

    /// How long until the mediator wants to be called, where it does.
    pub(super) fn time_to_deadline(&self) -> Option<Duration> {
        let deadline = lock(&self.mediator).next_deadline()?;
        Some(deadline.saturating_sub(self.clock.now().uptime))
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        if let Some(timer) = lock(&self.timer).take() {
            timer.abort();
        }
    }
}

/// Locks, whoever panicked before.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic elsewhere must not take the host down: every state behind these locks is whole
    // between two statements.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
