//! One piece of work at a time, for all who want its result.

use std::{
    future::Future,
    sync::{Mutex, PoisonError},
};

use tokio::sync::watch;

/// Lets whoever comes while the work runs wait for the same result. The work is a task of its own:
/// a caller that stops waiting stops nothing.
pub(crate) struct SingleFlight<T> {
    running: Mutex<Option<watch::Receiver<Option<T>>>>,
}

/// The work ended without a result: it panicked, or the runtime is going down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Abandoned;

impl<T: Clone + Send + Sync + 'static> SingleFlight<T> {
    pub(crate) fn new() -> Self {
        Self { running: Mutex::new(None) }
    }

    /// Joins the work that runs, or starts it. Work should look again whether it is still needed:
    /// another piece may have ended just before.
    pub(crate) async fn join<W>(&self, work: impl FnOnce() -> W) -> Result<T, Abandoned>
    where
        W: Future<Output = T> + Send + 'static,
    {
        let mut result = self.running_or(work);
        let result = result.wait_for(Option::is_some).await.map_err(|_| Abandoned)?;
        result.clone().ok_or(Abandoned)
    }

    fn running_or<W>(&self, work: impl FnOnce() -> W) -> watch::Receiver<Option<T>>
    where
        W: Future<Output = T> + Send + 'static,
    {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let joinable = running.as_ref().filter(|result| {
            // An error means that the sender is gone, whether or not it left a result.
            result.borrow().is_none() && result.has_changed().is_ok()
        });
        if let Some(result) = joinable {
            return result.clone();
        }
        let (sender, result) = watch::channel(None);
        let work = work();
        tokio::spawn(async move {
            let done = work.await;
            sender.send_replace(Some(done));
        });
        *running = Some(result.clone());
        result
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    use tokio::{sync::Semaphore, task::JoinSet};

    use super::*;

    struct Bench {
        flight: SingleFlight<usize>,
        runs: AtomicUsize,
        gate: Semaphore,
    }

    fn bench() -> Arc<Bench> {
        let flight = SingleFlight::new();
        Arc::new(Bench { flight, runs: AtomicUsize::new(0), gate: Semaphore::new(0) })
    }

    impl Bench {
        async fn call(self: Arc<Self>) -> Result<usize, Abandoned> {
            let bench = self.clone();
            self.flight
                .join(|| async move {
                    let run = bench.runs.fetch_add(1, Ordering::SeqCst) + 1;
                    bench.gate.acquire().await.unwrap().forget();
                    run
                })
                .await
        }
    }

    #[tokio::test]
    async fn callers_share_one_run_and_later_ones_start_another() {
        let bench = bench();
        let mut callers = JoinSet::new();
        for _ in 0..100 {
            callers.spawn(bench.clone().call());
        }
        bench.gate.add_permits(1);
        assert!(callers.join_all().await.iter().all(|run| *run == Ok(1)));
        bench.gate.add_permits(1);
        assert_eq!(bench.clone().call().await, Ok(2));
    }

    #[tokio::test]
    async fn who_started_it_may_leave_without_stranding_the_others() {
        let bench = bench();
        let leader = tokio::spawn(bench.clone().call());
        while bench.runs.load(Ordering::SeqCst) == 0 {
            tokio::task::yield_now().await;
        }
        let follower = tokio::spawn(bench.clone().call());
        tokio::task::yield_now().await;
        leader.abort();
        assert!(leader.await.unwrap_err().is_cancelled());
        bench.gate.add_permits(1);
        assert_eq!(follower.await.unwrap(), Ok(1));
    }

    #[tokio::test]
    async fn work_that_panics_answers_everybody_and_the_next_call_works() {
        let bench = bench();
        bench.gate.close();
        assert_eq!(bench.clone().call().await, Err(Abandoned));
        assert_eq!(bench.flight.join(|| async { 7 }).await, Ok(7));
    }
}
