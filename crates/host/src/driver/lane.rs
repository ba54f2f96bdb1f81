//! One thread on which the calls into one port are made, in order. A host that keeps such a call
//! waiting holds up that port and nothing else.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread::{Builder, JoinHandle},
};

use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
#[cfg(feature = "simulation")]
use tokio_util::task::TaskTracker;

/// Hands items to a lane's thread and never waits.
pub(crate) struct Lane<T> {
    items: UnboundedSender<T>,
    waiting: Arc<AtomicUsize>,
    thread: Option<JoinHandle<()>>,
}

/// What lanes run on.
pub(crate) enum Ground {
    /// A thread each, which a host may keep waiting.
    Threads,
    /// A task each, so that calls come in the same order in every run.
    #[cfg(feature = "simulation")]
    Tasks(TaskTracker),
}

/// What became of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Handed {
    /// It will be taken in its turn.
    Queued,
    /// Too many wait already, or the lane has ended.
    Dropped,
}

impl<T: Send + 'static> Lane<T> {
    /// Starts a lane.
    pub(crate) fn new(
        ground: &Ground,
        name: &str,
        mut take: impl FnMut(T) + Send + 'static,
    ) -> std::io::Result<Self> {
        let (items, mut queue) = unbounded_channel();
        let waiting = Arc::new(AtomicUsize::new(0));
        let (port, left) = (name.to_owned(), waiting.clone());
        let mut take = move |item| {
            if catch_unwind(AssertUnwindSafe(|| take(item))).is_err() {
                tracing::error!(port, "the host's port panicked; the call is lost");
            }
            left.fetch_sub(1, Ordering::Relaxed);
        };
        let thread = match ground {
            Ground::Threads => {
                let thread = Builder::new().name(format!("minihost-{name}"));
                Some(thread.spawn(move || {
                    while let Some(item) = queue.blocking_recv() {
                        take(item);
                    }
                })?)
            }
            #[cfg(feature = "simulation")]
            Ground::Tasks(tasks) => {
                tasks.spawn(async move {
                    while let Some(item) = queue.recv().await {
                        take(item);
                    }
                });
                None
            }
        };
        Ok(Self { items, waiting, thread })
    }

    /// Puts an item at the end of the lane, however many wait.
    pub(crate) fn hand(&self, item: T) -> Handed {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        match self.items.send(item) {
            Ok(()) => Handed::Queued,
            Err(_) => Handed::Dropped,
        }
    }

    /// Puts an item at the end of the lane, unless so many wait already.
    pub(crate) fn hand_below(&self, most: usize, item: T) -> Handed {
        if self.waiting.load(Ordering::Relaxed) >= most {
            return Handed::Dropped;
        }
        self.hand(item)
    }

    /// Takes no more items. The thread, where there is one, ends after those it has, and drops its
    /// port then.
    pub(crate) fn finish(self) -> Option<JoinHandle<()>> {
        self.thread
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Barrier, Mutex};

    use super::*;

    #[test]
    fn items_are_taken_in_order_and_a_panic_costs_one_item() {
        let taken = Arc::new(Mutex::new(Vec::new()));
        let seen = taken.clone();
        let lane = Lane::new(&Ground::Threads, "test", move |item: u32| {
            assert!(item != 2, "a fault in the host");
            seen.lock().unwrap().push(item);
        })
        .unwrap();
        for item in 1..=4 {
            assert_eq!(lane.hand(item), Handed::Queued);
        }
        lane.finish().unwrap().join().unwrap();
        assert_eq!(*taken.lock().unwrap(), [1, 3, 4]);
    }

    #[test]
    fn what_may_be_dropped_is_dropped_while_the_host_is_slow_and_nothing_else() {
        let barrier = Arc::new(Barrier::new(2));
        let gate = barrier.clone();
        let lane = Lane::new(&Ground::Threads, "test", move |(): ()| {
            gate.wait();
        })
        .unwrap();
        assert_eq!(lane.hand_below(2, ()), Handed::Queued);
        assert_eq!(lane.hand_below(2, ()), Handed::Queued);
        assert_eq!(lane.hand_below(2, ()), Handed::Dropped);
        assert_eq!(lane.hand(()), Handed::Queued);
        for _ in 0..3 {
            barrier.wait();
        }
        lane.finish().unwrap().join().unwrap();
    }
}
