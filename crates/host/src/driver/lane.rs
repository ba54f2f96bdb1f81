//! One thread on which the calls into one port are made, in order. A host that keeps such a call
//! waiting holds up that port and nothing else.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    thread::{Builder, JoinHandle, park},
};

#[cfg(feature = "simulation")]
use {tokio::sync::Notify, tokio_util::task::TaskTracker};

use super::queue::{More, Queue, Wake};

/// Hands items to a lane's thread and never waits.
pub(crate) struct Lane<T> {
    items: Arc<Queue<T>>,
    wake: Wake,
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
        let items = Arc::new(Queue::new());
        let port = name.to_owned();
        let mut take = move |item| {
            if catch_unwind(AssertUnwindSafe(|| take(item))).is_err() {
                tracing::error!(port, "the host's port panicked; the call is lost");
            }
        };
        let queue = items.clone();
        match ground {
            Ground::Threads => {
                let thread = Builder::new().name(format!("minihost-{name}"));
                let thread = thread.spawn(move || {
                    while queue.take(&mut take) == More::Perhaps {
                        park();
                    }
                })?;
                let wake = Wake::Thread(thread.thread().clone());
                Ok(Self { items, wake, thread: Some(thread) })
            }
            #[cfg(feature = "simulation")]
            Ground::Tasks(tasks) => {
                let woken = Arc::new(Notify::new());
                let wake = Wake::Task(woken.clone());
                tasks.spawn(async move {
                    while queue.take(&mut take) == More::Perhaps {
                        woken.notified().await;
                    }
                });
                Ok(Self { items, wake, thread: None })
            }
        }
    }

    /// Puts an item at the end of the lane, however many wait.
    pub(crate) fn hand(&self, item: T) -> Handed {
        self.hand_below(usize::MAX, item)
    }

    /// Puts an item at the end of the lane, unless so many wait already.
    pub(crate) fn hand_below(&self, most: usize, item: T) -> Handed {
        let handed = self.put(most, item);
        self.wake.call();
        handed
    }

    /// The same, but who takes it is yet to be woken.
    pub(crate) fn put(&self, most: usize, item: T) -> Handed {
        if self.items.put(most, item) { Handed::Queued } else { Handed::Dropped }
    }

    /// Wakes who takes. That is a call of the system, which may take as long as everything else that is
    /// done under a lock: it is for afterwards.
    pub(crate) fn wake(&self) -> Wake {
        self.wake.clone()
    }

    /// Takes no more items. The thread, where there is one, ends after those it has, and drops its
    /// port then.
    pub(crate) fn finish(mut self) -> Option<JoinHandle<()>> {
        self.thread.take()
    }
}

impl<T> Drop for Lane<T> {
    fn drop(&mut self) {
        self.items.end();
        self.wake.call();
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
    fn what_is_put_there_waits_until_the_lane_is_woken() {
        let taken = Arc::new(Mutex::new(Vec::new()));
        let seen = taken.clone();
        let lane = Lane::new(&Ground::Threads, "test", move |item: u32| {
            seen.lock().unwrap().push(item);
        })
        .unwrap();
        for item in 1..=3 {
            assert_eq!(lane.put(3, item), Handed::Queued);
        }
        lane.wake().call();
        lane.finish().unwrap().join().unwrap();
        assert_eq!(*taken.lock().unwrap(), [1, 2, 3]);
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
