//! The machine behind its lock.

use std::{
    convert::Infallible,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use minihost_core::{Effect, Input, Mediator, Moment, RevokeCall, SessionId};
use tokio::{sync::Notify, task::AbortHandle};

use super::{afterwards::Afterwards, effects::Outlets};
use crate::{clock::Clock, sync::lock};

/// What the host's parts share.
pub(super) struct Inner {
    pub(super) machine: Mutex<Machine>,
    pub(super) outlets: Mutex<Option<Outlets>>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) deadline_changed: Arc<Notify>,
    pub(super) timer: Mutex<Option<AbortHandle>>,
    last_session: AtomicU64,
    last_revoke: AtomicU64,
    #[cfg(feature = "simulation")]
    breakage: Option<minihost_core::Breakage>,
}

/// The mediator, for which time never runs backwards.
pub(super) struct Machine {
    pub(super) mediator: Mediator,
    latest: Duration,
    /// When the timer calls next; it calls too early rather than too late.
    timer_calls: Option<Duration>,
}

impl Machine {
    /// The clock is read before the lock is had, so that whoever read it first may come second.
    fn handle(&mut self, now: Moment, input: Input<'_>) -> Vec<Effect> {
        self.latest = self.latest.max(now.uptime);
        self.mediator.handle(Moment { uptime: self.latest, ..now }, input)
    }

    /// Whether the mediator wants to be called before the timer calls. Most requests move no deadline
    /// forward, and waking the timer for each would cost them a change of threads.
    fn is_due_sooner(&self) -> bool {
        let deadline = self.mediator.next_deadline();
        deadline.is_some_and(|deadline| self.timer_calls.is_none_or(|calls| deadline < calls))
    }
}

impl Inner {
    /// A machine that nothing drives yet.
    pub(super) fn new(mediator: Mediator, clock: Arc<dyn Clock>) -> Self {
        Self {
            machine: Mutex::new(Machine { mediator, latest: Duration::ZERO, timer_calls: None }),
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
        let Ok(()) = self.check_and_apply(|_| Ok::<(), Infallible>(()), input, keep);
    }

    /// The same, where the mediator accepts the input; else nothing has changed.
    pub(super) fn check_and_apply<E>(
        &self,
        check: impl FnOnce(&Mediator) -> Result<(), E>,
        input: Input<'_>,
        keep: impl FnMut(Effect) -> Option<Effect>,
    ) -> Result<(), E> {
        let now = self.clock.now();
        let mut machine = lock(&self.machine);
        check(&machine.mediator)?;
        let effects = machine.handle(now, input);
        self.carry_out(machine, effects, keep);
        Ok(())
    }

    /// Queues effects while the machine is still locked, so that they leave in the order in which
    /// the machine decided them. Queuing does not wait, and nothing of the host's is called before
    /// the locks are let go.
    fn carry_out(
        &self,
        machine: MutexGuard<'_, Machine>,
        effects: Vec<Effect>,
        keep: impl FnMut(Effect) -> Option<Effect>,
    ) {
        let mut afterwards = Vec::new();
        {
            let outlets = lock(&self.outlets);
            for effect in effects.into_iter().filter_map(keep) {
                if let Some(outlets) = outlets.as_ref() {
                    outlets.carry_out(effect, &mut afterwards);
                }
            }
        }
        let due_sooner = machine.is_due_sooner();
        drop(machine);
        for stuck in afterwards.into_iter().filter_map(Afterwards::run) {
            self.apply(Input::GivenUp { session: stuck });
        }
        #[cfg(feature = "simulation")]
        if self.breakage == Some(minihost_core::Breakage::Deadline) {
            return;
        }
        if due_sooner {
            self.deadline_changed.notify_one();
        }
    }

    /// How long until the mediator wants to be called, where it does. The timer must call then.
    pub(super) fn time_to_deadline(&self) -> Option<Duration> {
        let mut machine = lock(&self.machine);
        machine.timer_calls = machine.mediator.next_deadline();
        let deadline = machine.timer_calls?;
        drop(machine);
        Some(deadline.saturating_sub(self.clock.now().uptime))
    }
}

impl Drop for Inner {
    /// Nobody holds the host any more, and its documents may live: what waits is answered before
    /// the lanes end.
    fn drop(&mut self) {
        if let Some(timer) = lock(&self.timer).take() {
            timer.abort();
        }
        self.apply(Input::ShutDown);
    }
}
