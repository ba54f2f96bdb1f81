//! Ports that cannot be async, as in other languages: asked now, answered later by a call of their
//! own.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use minihost_core::Ticket;
use tokio::{
    runtime::Handle,
    sync::oneshot,
    task::{JoinHandle, spawn_blocking},
};

/// What was asked of a port and has not been answered yet, by ticket. Clones are the same.
pub struct Later<T>(Arc<Mutex<BTreeMap<Ticket, oneshot::Sender<T>>>>);

impl<T> Clone for Later<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> Default for Later<T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

/// A port could not be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAsked;

impl<T: Send + 'static> Later<T> {
    /// Asks and waits for the answer, on a thread that may be kept waiting itself. Where the future is
    /// dropped before the answer is there, `abandon` is called, and never before `ask` has returned.
    /// Must be awaited within a tokio runtime.
    ///
    /// # Errors
    /// [`NotAsked`], where `ask` fails or panics.
    pub async fn ask(
        &self,
        ticket: Ticket,
        ask: impl FnOnce() -> Result<(), NotAsked> + Send + 'static,
        abandon: impl FnOnce() + Send + 'static,
    ) -> Result<T, NotAsked> {
        let (sender, mut answer) = oneshot::channel();
        self.waiting().insert(ticket, sender);
        let mut asking = Asking {
            later: self,
            ticket,
            runtime: Handle::current(),
            begun: Some(spawn_blocking(ask)),
            abandon: Some(abandon),
        };
        // Answered already where the port answers before it returns.
        if let Some(begun) = asking.begun.as_mut() {
            tokio::select! {
                biased;
                answer = &mut answer => return asking.over(answer.map_err(|_| NotAsked)),
                asked = begun => {
                    asking.begun = None;
                    if !matches!(asked, Ok(Ok(()))) {
                        return asking.over(Err(NotAsked));
                    }
                }
            }
        }
        let answer = answer.await.map_err(|_| NotAsked);
        asking.over(answer)
    }

    /// Takes the answer. Says whether somebody waited for it.
    pub fn answer(&self, ticket: Ticket, answer: T) -> bool {
        let sender = self.waiting().remove(&ticket);
        sender.is_some_and(|sender| sender.send(answer).is_ok())
    }

    fn waiting(&self) -> MutexGuard<'_, BTreeMap<Ticket, oneshot::Sender<T>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One question, until its answer.
struct Asking<'a, T: Send + 'static, A: FnOnce() + Send + 'static> {
    later: &'a Later<T>,
    ticket: Ticket,
    runtime: Handle,
    begun: Option<JoinHandle<Result<(), NotAsked>>>,
    abandon: Option<A>,
}

impl<T: Send + 'static, A: FnOnce() + Send + 'static> Asking<'_, T, A> {
    fn over(mut self, answer: Result<T, NotAsked>) -> Result<T, NotAsked> {
        self.abandon = None;
        answer
    }
}

impl<T: Send + 'static, A: FnOnce() + Send + 'static> Drop for Asking<'_, T, A> {
    fn drop(&mut self) {
        self.later.waiting().remove(&self.ticket);
        let Some(abandon) = self.abandon.take() else { return };
        let begun = self.begun.take();
        self.runtime.spawn(async move {
            if let Some(begun) = begun {
                let _ = begun.await;
            }
            let _ = spawn_blocking(abandon).await;
        });
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    const TICKET: Ticket = Ticket(1);

    #[tokio::test]
    async fn an_answer_comes_from_elsewhere_once() {
        let later = Later::default();
        let elsewhere = later.clone();
        let ask = move || {
            assert!(elsewhere.answer(TICKET, "yes"), "while it is asked");
            Ok(())
        };
        assert_eq!(later.ask(TICKET, ask, || panic!("not abandoned")).await, Ok("yes"));
        assert!(!later.answer(TICKET, "again"));
    }

    #[tokio::test]
    async fn a_port_that_fails_or_panics_is_not_waited_for() {
        let later = Later::<()>::default();
        assert_eq!(later.ask(TICKET, || Err(NotAsked), || panic!()).await, Err(NotAsked));
        let panics = || panic!("a fault in the host");
        assert_eq!(later.ask(TICKET, panics, || panic!()).await, Err(NotAsked));
        assert!(!later.answer(TICKET, ()), "nobody waits any more");
    }

    #[tokio::test]
    async fn an_answer_counts_though_the_port_has_not_returned() {
        let (let_go, held) = mpsc::channel::<()>();
        let later = Later::default();
        let elsewhere = later.clone();
        let ask = move || {
            elsewhere.answer(TICKET, 7);
            let _ = held.recv();
            Ok(())
        };
        assert_eq!(later.ask(TICKET, ask, || {}).await, Ok(7));
        drop(let_go);
    }

    #[tokio::test]
    async fn what_nobody_waits_for_is_abandoned_after_it_was_asked() {
        let (asked_late, may_return) = mpsc::channel::<()>();
        let (calls, mut called) = tokio::sync::mpsc::unbounded_channel();
        let begun = calls.clone();
        let later = Later::<()>::default();
        let waiting = later.clone();
        let task = tokio::spawn(async move {
            let ask = move || {
                let _ = begun.send("began");
                let _ = may_return.recv();
                let _ = begun.send("asked");
                Ok(())
            };
            waiting
                .ask(TICKET, ask, move || {
                    let _ = calls.send("abandoned");
                })
                .await
        });
        assert_eq!(called.recv().await, Some("began"));
        task.abort();
        assert!(task.await.unwrap_err().is_cancelled());
        assert!(!later.answer(TICKET, ()));
        drop(asked_late);
        assert_eq!(called.recv().await, Some("asked"));
        assert_eq!(called.recv().await, Some("abandoned"));
    }
}
