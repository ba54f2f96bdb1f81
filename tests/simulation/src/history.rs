//! One history, from its seed to its verdict.

use std::{ops::AddAssign, sync::Arc};

use minihost::Breakage;

use crate::{
    life::{End, live},
    log::Keep,
    page::Numbers,
    rule::{Rule, Violation},
    world::{Disk, World},
};

/// What is broken on purpose; nothing, but where the checker itself is tested.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Broken(pub Option<Breakage>);

/// What came of a history.
#[derive(Debug, PartialEq, Eq)]
pub struct Verdict {
    /// What did not hold, where something did not.
    pub violation: Option<Violation>,
    /// What happened, where it was kept.
    pub lines: Vec<String>,
    /// How far it came.
    pub reached: Reached,
}

/// How much happened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reached {
    /// What the outside did.
    pub steps: u64,
    /// Processes of the host.
    pub processes: u64,
    /// Those that died.
    pub deaths: u64,
    /// Answers of the user that counted.
    pub answers: u64,
    /// Codes that came to the page that asked.
    pub codes: u64,
}

impl AddAssign for Reached {
    fn add_assign(&mut self, other: Self) {
        self.steps += other.steps;
        self.processes += other.processes;
        self.deaths += other.deaths;
        self.answers += other.answers;
        self.codes += other.codes;
    }
}

impl Verdict {
    /// The host panicked where nobody but its caller could catch it.
    pub(crate) fn panicked() -> Self {
        let what = "the host panicked; the words are on the terminal".to_owned();
        let violation = Violation { rule: Rule::BadInputCostsNothing, what };
        Self { violation: Some(violation), lines: Vec::new(), reached: Reached::default() }
    }
}

/// Plays the history of a seed. The same seed gives the same history.
pub(crate) fn play(seed: u64, broken: Broken, keep: Keep, disk: Arc<Disk>) -> Verdict {
    let world = World::new(seed, keep, disk);
    let mut numbers = Numbers::default();
    let mut left = world.state().temper.steps;
    let mut reached = Reached::default();
    loop {
        // A process that dies takes some of the steps with it; the last one lives to its end.
        let share = if left > 20 { 10 + world.state().chance.below(left) } else { left };
        let share = share.min(left);
        let end = live(&world, &mut numbers, broken, share);
        left -= share;
        reached.steps += share;
        reached.processes += 1;
        reached.deaths += u64::from(end == End::Died);
        if end == End::Stopped || (left == 0 && end == End::ShutDown) {
            break;
        }
        if left == 0 {
            // It ends with a process that is shut down.
            world.state().temper.dies = 0;
            left = 10;
        }
    }
    let mut state = world.state();
    (reached.answers, reached.codes) = state.judge.counted();
    Verdict {
        violation: state.judge.violation.take(),
        lines: std::mem::take(&mut state.log.lines),
        reached,
    }
}
