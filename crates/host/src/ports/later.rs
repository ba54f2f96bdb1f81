//! Ports that cannot be async, as in other languages: asked now, answered later by a call of their
//! own.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use minihost_core::Ticket;
use tokio::sync::oneshot;

use crate::{
    driver::{Ground, Lane},
    sync::lock,
};

/// What was asked of a port and has not been answered yet, by ticket. The port is called on a thread of
/// its own, in order, so that one which does not return holds up nothing but itself. Clones are the
/// same.
pub struct Later<T>(Arc<Shared<T>>);

struct Shared<T> {
    waiting: Mutex<BTreeMap<Ticket, oneshot::Sender<T>>>,
    /// Started with the first question.
    calls: Mutex<Option<Lane<Call>>>,
}

type Call = Box<dyn FnOnce() + Send>;

impl<T> Clone for Later<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> Default for Later<T> {
    fn default() -> Self {
        Self(Arc::new(Shared { waiting: Mutex::default(), calls: Mutex::default() }))
    }
}

/// A port could not be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAsked;

impl<T: Send + 'static> Later<T> {
    /// Asks and waits for the answer. Where the future is dropped before the answer is there,
    /// `abandon` is called, and never before `ask` has returned.
    ///
    /// # Errors
    /// [`NotAsked`], where `ask` fails or panics.
    pub async fn ask(
        &self,
        ticket: Ticket,
        ask: impl FnOnce() -> Result<(), NotAsked> + Send + 'static,
        abandon: impl FnOnce() + Send + 'static,
    ) -> Result<T, NotAsked> {
        let (sender, answer) = oneshot::channel();
        lock(&self.0.waiting).insert(ticket, sender);
        let mut asking = Asking { later: self.clone(), ticket, abandon: Some(Box::new(abandon)) };
        let mut unasked = Unasked { later: self.clone(), ticket, is_asked: false };
        self.call(Box::new(move || unasked.note(ask())));
        let answer = answer.await.map_err(|_| NotAsked);
        asking.abandon = None;
        answer
    }

    /// Takes the answer. Says whether somebody waited for it.
    pub fn answer(&self, ticket: Ticket, answer: T) -> bool {
        let sender = lock(&self.0.waiting).remove(&ticket);
        sender.is_some_and(|sender| sender.send(answer).is_ok())
    }

    fn call(&self, call: Call) {
        let mut calls = lock(&self.0.calls);
        if calls.is_none() {
            let started = Lane::new(&Ground::Threads, "asking", |call: Call| call());
            *calls = started
                .inspect_err(|error| tracing::error!(%error, "no thread to call a port on"))
                .ok();
        }
        if let Some(lane) = calls.as_ref() {
            lane.hand(call);
        }
    }

    fn forget(&self, ticket: Ticket) {
        lock(&self.0.waiting).remove(&ticket);
    }
}

/// One question, until its answer.
struct Asking<T: Send + 'static> {
    later: Later<T>,
    ticket: Ticket,
    abandon: Option<Call>,
}

impl<T: Send + 'static> Drop for Asking<T> {
    fn drop(&mut self) {
        self.later.forget(self.ticket);
        if let Some(abandon) = self.abandon.take() {
            self.later.call(abandon);
        }
    }
}

/// A question that nobody need wait for, unless it is asked.
struct Unasked<T: Send + 'static> {
    later: Later<T>,
    ticket: Ticket,
    is_asked: bool,
}

impl<T: Send + 'static> Unasked<T> {
    fn note(&mut self, asked: Result<(), NotAsked>) {
        self.is_asked = asked.is_ok();
    }
}

impl<T: Send + 'static> Drop for Unasked<T> {
    fn drop(&mut self) {
        if !self.is_asked {
            self.later.forget(self.ticket);
        }
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
    async fn a_port_that_does_not_return_is_not_asked_anew_and_its_questions_can_be_dropped() {
        let (let_go, held) = mpsc::channel::<()>();
        let later = Later::<()>::default();
        let mut hung = Box::pin(later.ask(
            TICKET,
            move || {
                let _ = held.recv();
                Ok(())
            },
            || {},
        ));
        assert!(now(hung.as_mut()).is_none());
        let mut behind = Box::pin(later.ask(Ticket(2), || Ok(()), || {}));
        assert!(now(behind.as_mut()).is_none(), "it waits for its turn");
        drop((hung, behind));
        drop(let_go);
        assert!(!later.answer(TICKET, ()) && !later.answer(Ticket(2), ()));
    }

    /// What a future has to say without waiting.
    fn now<F: Future>(future: std::pin::Pin<&mut F>) -> Option<F::Output> {
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        match future.poll(&mut context) {
            std::task::Poll::Ready(output) => Some(output),
            std::task::Poll::Pending => None,
        }
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
