//! One piece of work at a time, for all who want its result.

use std::{
    future::Future,
    sync::{Arc, Mutex, OnceLock},
};

use tokio::sync::Semaphore;

use crate::sync::lock;

/// Lets whoever comes while the work runs wait for the same result; who has waited longest goes on
/// first. The work is a task of its own: a caller that stops waiting stops nothing.
pub(crate) struct SingleFlight<T> {
    running: Mutex<Option<Arc<Flight<T>>>>,
}

/// The work ended without a result: it panicked, or the runtime is going down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Abandoned;

struct Flight<T> {
    result: OnceLock<T>,
    /// Has no permits; closed when the work has ended, with or without a result.
    ended: Semaphore,
}

/// The one who works.
struct Pilot<T>(Arc<Flight<T>>);

impl<T> Drop for Pilot<T> {
    fn drop(&mut self) {
        self.0.ended.close();
    }
}

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
        let flight = self.running_or(work);
        // That it is closed is what was waited for.
        let _ = flight.ended.acquire().await;
        flight.result.get().cloned().ok_or(Abandoned)
    }

    fn running_or<W>(&self, work: impl FnOnce() -> W) -> Arc<Flight<T>>
    where
        W: Future<Output = T> + Send + 'static,
    {
        let mut running = lock(&self.running);
        if let Some(flight) = running.as_ref().filter(|flight| !flight.ended.is_closed()) {
            return flight.clone();
        }
        let flight = Arc::new(Flight { result: OnceLock::new(), ended: Semaphore::new(0) });
        let (pilot, work) = (Pilot(flight.clone()), work());
        tokio::spawn(async move {
            let done = work.await;
            // Nobody else sets it.
            let _ = pilot.0.result.set(done);
        });
        *running = Some(flight.clone());
        flight
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
