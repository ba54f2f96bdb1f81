//! What waits for a lane, and waking who takes it.

use std::{collections::VecDeque, sync::Mutex, thread::Thread};

use crate::sync::lock;

/// Items in order, for one who takes them.
pub(super) struct Queue<T>(Mutex<State<T>>);

struct State<T> {
    items: VecDeque<T>,
    /// Those that wait, and the one that is being taken.
    waiting: usize,
    ended: bool,
}

/// Whether anything may come yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum More {
    Perhaps,
    Never,
}

/// Wakes who takes. Clones wake the same; one call that comes too early is not lost.
#[derive(Clone)]
pub(crate) enum Wake {
    Thread(Thread),
    #[cfg(feature = "simulation")]
    Task(std::sync::Arc<tokio::sync::Notify>),
}

impl<T> Queue<T> {
    pub(super) fn new() -> Self {
        Self(Mutex::new(State { items: VecDeque::new(), waiting: 0, ended: false }))
    }

    /// Puts an item at the end, unless so many wait already or nobody takes any more.
    pub(super) fn put(&self, most: usize, item: T) -> bool {
        let mut state = lock(&self.0);
        let room = !state.ended && state.waiting < most;
        if room {
            state.waiting += 1;
            state.items.push_back(item);
        }
        room
    }

    /// Takes what waits, item by item.
    pub(super) fn take(&self, mut take: impl FnMut(T)) -> More {
        loop {
            let item = {
                let mut state = lock(&self.0);
                match state.items.pop_front() {
                    Some(item) => item,
                    None if state.ended => return More::Never,
                    None => return More::Perhaps,
                }
            };
            take(item);
            lock(&self.0).waiting -= 1;
        }
    }

    /// Takes no more.
    pub(super) fn end(&self) {
        lock(&self.0).ended = true;
    }
}

impl Wake {
    pub(crate) fn call(&self) {
        match self {
            Self::Thread(thread) => thread.unpark(),
            #[cfg(feature = "simulation")]
            Self::Task(task) => task.notify_one(),
        }
    }
}
