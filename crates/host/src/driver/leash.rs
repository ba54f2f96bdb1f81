//! Calls into the host's own code that end with what wants them.

use std::future::{Future, pending};

use tokio::task::JoinError;
use tokio_util::{
    sync::CancellationToken,
    task::{AbortOnDropHandle, TaskTracker},
};

/// Holds the calls that are made for one thing. Clones hold the same.
#[derive(Clone)]
pub(super) struct Leash {
    abandoned: CancellationToken,
    tasks: TaskTracker,
}

impl Leash {
    pub(super) fn new(abandoned: CancellationToken, tasks: TaskTracker) -> Self {
        Self { abandoned, tasks }
    }

    /// Makes a call, on a task of its own, so that a panic in it still leads to an answer. Once it
    /// is abandoned it goes no step further, and this never returns.
    ///
    /// # Errors
    /// It panicked, or the runtime is going down.
    pub(super) async fn call<T: Send + 'static>(
        &self,
        call: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, JoinError> {
        let abandoned = self.abandoned.clone();
        let task = self.tasks.spawn(async move { unless(abandoned, call).await });
        match AbortOnDropHandle::new(task).await {
            Ok(Some(done)) => Ok(done),
            Ok(None) => pending().await,
            Err(stopped) => Err(stopped),
        }
    }

    /// Does something until it is abandoned.
    pub(super) async fn hold(&self, work: impl Future<Output = ()>) {
        unless(self.abandoned.clone(), work).await;
    }
}

/// Goes on until it is abandoned, and then not one step further: `run_until_cancelled` would let
/// what has just been woken take one.
async fn unless<T>(abandoned: CancellationToken, work: impl Future<Output = T>) -> Option<T> {
    tokio::select! {
        biased;
        () = abandoned.cancelled() => None,
        done = work => Some(done),
    }
}

#[cfg(test)]
mod tests {
    use std::{
        future::poll_fn,
        pin::pin,
        sync::{
            Arc,
            atomic::{AtomicBool, Ordering},
        },
        task::Poll,
    };

    use tokio::sync::Semaphore;

    use super::*;

    fn leash() -> Leash {
        Leash::new(CancellationToken::new(), TaskTracker::new())
    }

    #[tokio::test]
    async fn what_is_abandoned_before_its_turn_does_not_begin() {
        let (leash, begun) = (leash(), Arc::new(AtomicBool::new(false)));
        let begins = begun.clone();
        let mut call = pin!(leash.call(async move { begins.store(true, Ordering::SeqCst) }));
        // The call has its task from here on, and the task has not had its turn.
        let given = poll_fn(|context| Poll::Ready(call.as_mut().poll(context).is_pending())).await;
        assert!(given);
        leash.abandoned.cancel();
        leash.tasks.close();
        leash.tasks.wait().await;
        assert!(!begun.load(Ordering::SeqCst));
    }

    #[tokio::test]
    async fn what_is_abandoned_and_woken_at_once_goes_no_further() {
        let (leash, went_on) = (leash(), Arc::new(AtomicBool::new(false)));
        let (gate, goes_on) = (Arc::new(Semaphore::new(0)), went_on.clone());
        let opened = gate.clone();
        let call = leash.call(async move {
            opened.acquire().await.unwrap().forget();
            goes_on.store(true, Ordering::SeqCst);
        });
        let mut call = pin!(call);
        assert!(poll_fn(|context| Poll::Ready(call.as_mut().poll(context).is_pending())).await);
        tokio::task::yield_now().await;
        gate.add_permits(1);
        leash.abandoned.cancel();
        leash.tasks.close();
        leash.tasks.wait().await;
        assert!(!went_on.load(Ordering::SeqCst));
    }

    #[tokio::test]
    async fn a_panic_is_told_and_a_result_given() {
        let leash = leash();
        assert_eq!(leash.call(async { 7 }).await.unwrap(), 7);
        let panics = async { std::panic::resume_unwind(Box::new("a fault in the host")) };
        assert!(leash.call::<()>(panics).await.unwrap_err().is_panic());
    }
}
