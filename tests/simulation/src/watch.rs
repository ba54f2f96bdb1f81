//! A history that does not end: a lock is held across a call into the host, and the host calls back.

use std::{
    collections::BTreeMap,
    process,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

/// Far longer than any history takes on any machine.
const HANGS: Duration = Duration::from_secs(300);

/// Knows which histories are being played, and since when.
#[derive(Default)]
pub(crate) struct Watch {
    playing: Mutex<BTreeMap<u64, Instant>>,
    done: AtomicBool,
}

impl Watch {
    /// Watches one history.
    pub(crate) fn over<T>(&self, seed: u64, play: impl FnOnce() -> T) -> T {
        let mut playing = self.playing.lock().unwrap_or_else(PoisonError::into_inner);
        playing.insert(seed, Instant::now());
        drop(playing);
        let played = play();
        self.playing.lock().unwrap_or_else(PoisonError::into_inner).remove(&seed);
        played
    }

    /// There is nothing to watch any more.
    pub(crate) fn end(&self) {
        self.done.store(true, Ordering::Relaxed);
    }

    /// Ends the process where a history hangs: nobody can end a thread.
    #[expect(clippy::print_stderr, reason = "there is nobody left to return anything to")]
    pub(crate) fn keep(&self) {
        while !self.done.load(Ordering::Relaxed) {
            thread::park_timeout(Duration::from_millis(200));
            let playing = self.playing.lock().unwrap_or_else(PoisonError::into_inner);
            let hanging = playing.iter().find(|(_, since)| since.elapsed() > HANGS);
            if let Some((seed, _)) = hanging {
                eprintln!("rule 11 (TheHostNeverWaits): the history of seed {seed} does not end");
                eprintln!("    cargo xtask simulate --seed {seed}");
                process::exit(1);
            }
        }
    }
}
