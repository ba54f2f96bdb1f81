//! One thread on which the calls into one port are made, in order. A host that keeps such a call
//! waiting holds up that port and nothing else.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::mpsc::{Sender, SyncSender, TrySendError, channel, sync_channel},
    thread::{Builder, JoinHandle},
};

/// Hands items to a lane's thread and never waits.
pub(super) struct Lane<T> {
    items: Queue<T>,
    thread: JoinHandle<()>,
}

enum Queue<T> {
    Unbounded(Sender<T>),
    Bounded(SyncSender<T>),
}

/// What became of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Handed {
    /// It will be taken in its turn.
    Queued,
    /// The lane is full or has ended.
    Dropped,
}

impl<T: Send + 'static> Lane<T> {
    /// A lane whose items are few because something else bounds them.
    pub(super) fn new(name: &str, take: impl FnMut(T) + Send + 'static) -> std::io::Result<Self> {
        let (sender, receiver) = channel();
        let thread = spawn(name, receiver.into_iter(), take)?;
        Ok(Self { items: Queue::Unbounded(sender), thread })
    }

    /// A lane that drops what exceeds its capacity.
    pub(super) fn bounded(
        name: &str,
        capacity: usize,
        take: impl FnMut(T) + Send + 'static,
    ) -> std::io::Result<Self> {
        let (sender, receiver) = sync_channel(capacity);
        let thread = spawn(name, receiver.into_iter(), take)?;
        Ok(Self { items: Queue::Bounded(sender), thread })
    }

    /// Puts an item at the end of the lane.
    pub(super) fn hand(&self, item: T) -> Handed {
        let sent = match &self.items {
            Queue::Unbounded(sender) => sender.send(item).is_ok(),
            Queue::Bounded(sender) => match sender.try_send(item) {
                Ok(()) => true,
                Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => false,
            },
        };
        if sent { Handed::Queued } else { Handed::Dropped }
    }

    /// Takes no more items. The thread ends after those it has, and drops its port then.
    pub(super) fn finish(self) -> JoinHandle<()> {
        self.thread
    }
}

fn spawn<T: Send + 'static>(
    name: &str,
    items: impl Iterator<Item = T> + Send + 'static,
    mut take: impl FnMut(T) + Send + 'static,
) -> std::io::Result<JoinHandle<()>> {
    let port = name.to_owned();
    Builder::new().name(format!("minihost-{name}")).spawn(move || {
        for item in items {
            if catch_unwind(AssertUnwindSafe(|| take(item))).is_err() {
                tracing::error!(port, "the host's port panicked; the call is lost");
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Barrier, Mutex};

    use super::*;

    #[test]
    fn items_are_taken_in_order_and_a_panic_costs_one_item() {
        let taken = Arc::new(Mutex::new(Vec::new()));
        let seen = taken.clone();
        let lane = Lane::new("test", move |item: u32| {
            assert!(item != 2, "a fault in the host");
            seen.lock().unwrap().push(item);
        })
        .unwrap();
        for item in 1..=4 {
            assert_eq!(lane.hand(item), Handed::Queued);
        }
        lane.finish().join().unwrap();
        assert_eq!(*taken.lock().unwrap(), [1, 3, 4]);
    }

    #[test]
    fn a_full_lane_drops_instead_of_waiting() {
        let barrier = Arc::new(Barrier::new(2));
        let gate = barrier.clone();
        let lane = Lane::bounded("test", 1, move |(): ()| {
            gate.wait();
        })
        .unwrap();
        let mut queued = 0;
        while lane.hand(()) == Handed::Queued {
            queued += 1;
        }
        assert!(queued <= 2);
        for _ in 0..queued {
            barrier.wait();
        }
        lane.finish().join().unwrap();
    }
}
