//! What the machine does besides, and what its disk can do.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::failure::Outcome;

/// A frame of SQLite's log: a page of 4 KiB and its header.
const FRAME: [u8; 4096 + 24] = [0x5a; 4096 + 24];

/// How often a second the disk takes an appended frame and says that it is safe.
pub(crate) fn fsyncs_per_second(directory: &Path, lasting: Duration) -> Outcome<f64> {
    let path = directory.join("fsync");
    let mut file = File::create(&path)?;
    let begin = Instant::now();
    let mut count = 0;
    while begin.elapsed() < lasting {
        file.write_all(&FRAME)?;
        file.sync_all()?;
        count += 1;
    }
    let rate = f64::from(count) / begin.elapsed().as_secs_f64();
    fs::remove_file(path)?;
    Ok(rate)
}

/// The kernel counts processor time for users in hundredths of a second, on every machine.
const TICK: Duration = Duration::from_millis(10);

/// What a process has used of the processors, the kernel's work for it included.
pub(crate) fn processor_time(process: u32) -> Outcome<Duration> {
    Ok(TICK * u32::try_from(ticks(process)?)?)
}

fn ticks(process: u32) -> Outcome<u64> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
    of_process(&stat).ok_or_else(|| "the operating system does not tell what a process uses".into())
}

/// Watches how much of the processors others use.
pub(crate) struct Watch<'a> {
    ours: &'a [u32],
    begin: Ticks,
}

/// Processor time since the start of the machine, in ticks of the kernel.
#[derive(Clone, Copy)]
struct Ticks {
    all: u64,
    idle: u64,
    ours: u64,
}

impl<'a> Watch<'a> {
    /// `ours` are the processes that belong to the measurement.
    pub(crate) fn begin(ours: &'a [u32]) -> Outcome<Self> {
        Ok(Self { ours, begin: Ticks::now(ours)? })
    }

    /// The share of all processors that went to others, the kernel's own work included.
    pub(crate) fn share_of_others(&self) -> Outcome<f64> {
        let now = Ticks::now(self.ours)?;
        Ok(now.share_of_others_since(self.begin))
    }
}

impl Ticks {
    fn now(ours: &[u32]) -> Outcome<Self> {
        let stat = fs::read_to_string("/proc/stat")?;
        let (all, idle) =
            of_machine(&stat).ok_or("the operating system does not tell what the processors do")?;
        let mut sum = 0;
        for id in ours {
            sum += ticks(*id)?;
        }
        Ok(Self { all, idle, ours: sum })
    }

    fn share_of_others_since(self, begin: Self) -> f64 {
        let all = self.all - begin.all;
        let used = all.saturating_sub(self.idle - begin.idle);
        let others = used.saturating_sub(self.ours - begin.ours);
        if all == 0 { 0.0 } else { others as f64 / all as f64 }
    }
}

/// All ticks, and those in which a processor was idle or waited for a disk.
fn of_machine(stat: &str) -> Option<(u64, u64)> {
    let line = stat.lines().next()?.strip_prefix("cpu ")?;
    // Time of guests, after the eighth field, is counted in that of users already.
    let ticks = line.split_ascii_whitespace().take(8).map(str::parse);
    let ticks: Vec<u64> = ticks.collect::<Result<_, _>>().ok()?;
    Some((ticks.iter().sum(), ticks.get(3)? + ticks.get(4)?))
}

/// User and system time. The name, which may hold anything, ends with the last parenthesis.
fn of_process(stat: &str) -> Option<u64> {
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_ascii_whitespace().skip(11);
    Some(fields.next()?.parse::<u64>().ok()? + fields.next()?.parse::<u64>().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_read_from_what_the_kernel_prints() {
        let machine = "cpu  100 5 20 700 50 1 2 3 9 9\ncpu0 1 1 1 1 1 1 1 1 1 1\n";
        assert_eq!(of_machine(machine), Some((881, 750)));
        let process = "42 (a) b (c) S 1 2 3 4 5 6 7 8 9 10 30 12 0 0 20 0 4";
        assert_eq!(of_process(process), Some(42));
        assert_eq!(of_machine("intr 1 2 3"), None);
        assert_eq!(of_process("42"), None);
    }

    #[test]
    fn others_have_what_is_neither_idle_nor_ours() {
        let begin = Ticks { all: 1000, idle: 500, ours: 100 };
        let end = Ticks { all: 1200, idle: 560, ours: 190 };
        assert_eq!(end.share_of_others_since(begin), 0.25);
        assert_eq!(begin.share_of_others_since(begin), 0.0);
    }

    #[test]
    fn the_disk_of_this_machine_can_be_measured() {
        let directory = tempfile::tempdir().unwrap();
        assert!(fsyncs_per_second(directory.path(), Duration::from_millis(1)).unwrap() > 0.0);
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
    }
}
