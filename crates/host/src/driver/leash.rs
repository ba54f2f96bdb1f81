//! Calls into the host's own code that end with what wants them.

use std::{
    future::{Future, pending, poll_fn},
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    task::Poll,
};

use tokio_util::sync::CancellationToken;

/// Holds the calls that are made for one thing. Clones hold the same.
#[derive(Clone)]
pub(super) struct Leash {
    abandoned: CancellationToken,
}

/// A call has panicked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Panicked;

impl Leash {
    pub(super) fn new(abandoned: CancellationToken) -> Self {
        Self { abandoned }
    }

    /// Makes a call, in which a panic still leads to an answer. Once it is abandoned it goes no step
    /// further, and this never returns.
    ///
    /// # Errors
    /// [`Panicked`].
    pub(super) fn call<T>(
        &self,
        call: impl Future<Output = T>,
    ) -> impl Future<Output = Result<T, Panicked>> {
        // It is large, and each future around it would have room for it twice.
        let call = Box::pin(caught(call));
        async move {
            match unless(self.abandoned.clone(), call).await {
                Some(done) => done,
                None => pending().await,
            }
        }
    }

    /// Does something until it is abandoned.
    pub(super) fn hold(&self, work: impl Future<Output = ()>) -> impl Future<Output = ()> {
        let held = unless(self.abandoned.clone(), Box::pin(work));
        async move {
            held.await;
        }
    }
}

/// A future whose panic is a result. It is not polled again.
async fn caught<T>(call: impl Future<Output = T>) -> Result<T, Panicked> {
    let mut call = pin!(call);
    let polled = poll_fn(|context| {
        let step = catch_unwind(AssertUnwindSafe(|| call.as_mut().poll(context)));
        match step {
            Ok(step) => step.map(Ok),
            Err(_) => Poll::Ready(Err(Panicked)),
        }
    });
    polled.await
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
    use std::sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    };

    use tokio::sync::Semaphore;

    use super::*;

    fn leash() -> Leash {
        Leash::new(CancellationToken::new())
    }

    /// Whether it waits still.
    async fn waits(call: std::pin::Pin<&mut impl Future>) -> bool {
        let mut call = call;
        poll_fn(|context| Poll::Ready(call.as_mut().poll(context).is_pending())).await
    }

    #[tokio::test]
    async fn what_is_abandoned_before_its_turn_does_not_begin() {
        let (leash, begun) = (leash(), AtomicBool::new(false));
        let mut call = pin!(leash.call(async { begun.store(true, Ordering::SeqCst) }));
        leash.abandoned.cancel();
        assert!(waits(call.as_mut()).await);
        assert!(!begun.load(Ordering::SeqCst));
    }

    #[tokio::test]
    async fn what_is_abandoned_and_woken_at_once_goes_no_further() {
        let (leash, went_on) = (leash(), AtomicBool::new(false));
        let gate = Arc::new(Semaphore::new(0));
        let mut call = pin!(leash.call(async {
            gate.acquire().await.unwrap().forget();
            went_on.store(true, Ordering::SeqCst);
        }));
        assert!(waits(call.as_mut()).await);
        gate.add_permits(1);
        leash.abandoned.cancel();
        assert!(waits(call.as_mut()).await);
        assert!(!went_on.load(Ordering::SeqCst));
    }

    #[tokio::test]
    async fn a_panic_at_whatever_step_is_told_and_a_result_given() {
        let leash = leash();
        assert_eq!(leash.call(async { 7 }).await, Ok(7));
        for steps in 0..3 {
            let panics = async move {
                for _ in 0..steps {
                    tokio::task::yield_now().await;
                }
                std::panic::resume_unwind(Box::new("a fault in the host"))
            };
            assert_eq!(leash.call::<()>(panics).await, Err(Panicked), "{steps}");
        }
    }
}
