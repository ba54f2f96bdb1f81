//! Many histories, on all cores.

use std::{
    io,
    num::NonZeroUsize,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread::{self, ScopedJoinHandle},
};

use crate::{
    history::{Broken, Reached, Verdict, play},
    log::Keep,
    rule::Violation,
    watch::Watch,
    world::{Disk, Writing},
};

/// What came of many histories.
#[derive(Debug, Default)]
pub struct Tally {
    /// How many were played.
    pub histories: u64,
    /// How far they came together.
    pub reached: Reached,
    /// The seeds whose histories broke a rule, smallest first, and which.
    pub violations: Vec<(u64, Violation)>,
}

/// Whether to go on after a rule was broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterViolation {
    /// What one needs to know is known.
    Stop,
    /// To see what else there is.
    GoOn,
}

/// Plays the history of one seed and keeps its log.
///
/// # Errors
/// The disk's directory cannot be made.
pub fn replay(seed: u64, broken: Broken) -> io::Result<Verdict> {
    let _writing = Writing::begin();
    Ok(play(seed, broken, Keep::Lines, Arc::new(Disk::new()?)))
}

/// Plays the histories of so many seeds from `start` on. `progress` hears of every one.
///
/// # Errors
/// A disk's directory cannot be made.
pub fn simulate(
    start: u64,
    histories: u64,
    broken: Broken,
    after: AfterViolation,
    progress: impl Fn(u64) + Sync,
) -> io::Result<Tally> {
    let (next, stop) = (AtomicU64::new(0), AtomicBool::new(false));
    let (tally, watch) = (Mutex::new(Tally::default()), Watch::default());
    let work = || -> io::Result<()> {
        let _writing = Writing::begin();
        let disk = Arc::new(Disk::new()?);
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= histories || stop.load(Ordering::Relaxed) {
                return Ok(());
            }
            let seed = start.wrapping_add(number);
            let verdict = watch.over(seed, || {
                let play = || play(seed, broken, Keep::Nothing, disk.clone());
                catch_unwind(AssertUnwindSafe(play)).unwrap_or_else(|_| Verdict::panicked())
            });
            let mut tally = tally.lock().unwrap_or_else(PoisonError::into_inner);
            tally.histories += 1;
            tally.reached += verdict.reached;
            if let Some(violation) = verdict.violation {
                tally.violations.push((seed, violation));
                stop.fetch_or(after == AfterViolation::Stop, Ordering::Relaxed);
            }
            progress(tally.histories);
        }
    };
    let workers = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    thread::scope(|scope| {
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        let watcher = scope.spawn(|| watch.keep());
        let ended: Vec<_> = workers.into_iter().map(ScopedJoinHandle::join).collect();
        watch.end();
        watcher.thread().unpark();
        let ended = ended.into_iter().map(|worker| worker.expect("panics end histories alone"));
        ended.collect::<io::Result<Vec<()>>>()
    })?;
    let mut tally = tally.into_inner().unwrap_or_else(PoisonError::into_inner);
    tally.violations.sort_by_key(|(seed, _)| *seed);
    Ok(tally)
}
