//! Ports whose calls block, as in other languages.

use std::time::Duration;

use tokio::{sync::oneshot, time::timeout};

use crate::driver::{Ground, Handed, Lane};

/// A store that waits for its user, or for hardware, must not seem to hang.
const TIME_ALLOWED: Duration = Duration::from_secs(10);
/// The most calls that wait behind one that hangs.
const CAPACITY: usize = 64;

/// One thread on which calls that may block are made, in order. A call that hangs holds up this thread
/// and nothing else; who waits for an answer is told so after ten seconds.
pub struct OwnThread(Lane<Box<dyn FnOnce() + Send>>);

/// There is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoAnswer {
    /// Not within ten seconds, or too many calls wait already. The call may still be made.
    InTime,
    /// The call panicked, or the thread has ended.
    AtAll,
}

impl OwnThread {
    /// Starts the thread.
    ///
    /// # Errors
    /// The operating system gave none.
    pub fn start(name: &str) -> std::io::Result<Self> {
        Lane::new(&Ground::Threads, name, |call: Box<dyn FnOnce() + Send>| call()).map(Self)
    }

    /// Makes a call and waits for its answer. It is made though the future is dropped: those behind it
    /// were asked for in the belief that it comes first.
    ///
    /// # Errors
    /// [`NoAnswer`].
    pub async fn call<T: Send + 'static>(
        &self,
        call: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, NoAnswer> {
        let (sender, answer) = oneshot::channel();
        let answering = Box::new(move || drop(sender.send(call())));
        if self.0.hand_below(CAPACITY, answering) == Handed::Dropped {
            return Err(NoAnswer::InTime);
        }
        match timeout(TIME_ALLOWED, answer).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(_)) => Err(NoAnswer::AtAll),
            Err(_) => Err(NoAnswer::InTime),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    #[tokio::test]
    async fn calls_are_made_in_order_and_a_panic_costs_one_of_them() {
        let thread = OwnThread::start("test").unwrap();
        assert_eq!(thread.call(|| 1).await, Ok(1));
        assert_eq!(thread.call(|| panic!("a fault")).await, Err::<(), _>(NoAnswer::AtAll));
        assert_eq!(thread.call(|| 2).await, Ok(2));
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_that_hangs_is_told_of_and_those_behind_it_are_bounded() {
        let (let_go, held) = channel::<()>();
        let thread = OwnThread::start("test").unwrap();
        let hangs = thread.call(move || held.recv().is_err());
        assert_eq!(hangs.await, Err(NoAnswer::InTime));
        for _ in 1..CAPACITY {
            assert_eq!(thread.call(|| ()).await, Err(NoAnswer::InTime));
        }
        let before = tokio::time::Instant::now();
        assert_eq!(thread.call(|| ()).await, Err(NoAnswer::InTime));
        assert!(before.elapsed().is_zero(), "what finds the queue full does not wait");
        drop(let_go);
    }
}
