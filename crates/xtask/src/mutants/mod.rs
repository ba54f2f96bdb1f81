//! Mutation testing of the core: each function of `crates/core` is changed in small ways, one at a
//! time, and the crate's own tests must notice.
//!
//! It takes an hour or more and is no part of the gate. Source files are done one after the other
//! and remembered under `target/mutants`; a file is done again when its text changes.

mod record;
mod tree;

use std::path::{Path, PathBuf};
use std::process;
use std::str::FromStr;

use clap::Args;
use xshell::Cmd;

use self::record::{Record, Tally};
use crate::outcome::{NotPassed, PartResult};
use crate::provision::cargo_tool::{self, CARGO_MUTANTS};
use crate::workspace::Workspace;

const PACKAGE: &str = "minihost-core";
const SOURCES: &str = "crates/core/src";

/// The share of changes that tests should notice, in percent.
const GOAL: f64 = 85.0;

/// A change may make a loop endless. The tests themselves take two seconds.
const SECONDS_FOR_TESTS: &str = "180";

/// How many cases each property is tried with: few, and the same ones each time, so that the
/// figures of two runs can be compared.
const PROPERTIES: [(&str, &str); 4] = [
    ("PROPTEST_CASES", "64"),
    ("PROPTEST_RNG_SEED", "1"),
    ("PROPTEST_MAX_SHRINK_ITERS", "0"),
    ("PROPTEST_DISABLE_FAILURE_PERSISTENCE", "1"),
];

/// Tests run once and are compiled a thousand times.
const BUILD: [(&str, &str); 3] = [
    ("CARGO_PROFILE_DEV_DEBUG", "0"),
    ("CARGO_INCREMENTAL", "1"),
    ("RUSTFLAGS", "--cap-lints=allow"),
];

/// The ways in which cargo-mutants ends when it did what it should: all changes were noticed, some
/// were not, some made tests run for too long.
const ENDINGS: [i32; 3] = [0, 2, 3];

/// What is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Args)]
pub(crate) struct Options {
    /// Every N-th source file only, beginning with the K-th, so that N machines share the work
    #[arg(long, value_name = "K/N", default_value = "1/1")]
    shard: Shard,
    /// Try again what was not noticed before, in files that are done too
    #[arg(long)]
    survivors: bool,
}

/// One of so many equal parts of the work, counted from one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Shard {
    number: usize,
    of: usize,
}

impl FromStr for Shard {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts = text.split_once('/').map(|(number, of)| (number.parse(), of.parse()));
        match parts {
            Some((Ok(number), Ok(of))) if 1 <= number && number <= of => Ok(Self { number, of }),
            _ => Err("it must be K/N with 1 ≤ K ≤ N, such as 2/4"),
        }
    }
}

impl Shard {
    fn of<T>(self, all: impl Iterator<Item = T>) -> impl Iterator<Item = T> {
        all.skip(self.number - 1).step_by(self.of)
    }
}

/// Does what is not done yet, and prints what all runs found.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> PartResult {
    let program = cargo_tool::provide(workspace, CARGO_MUTANTS)?;
    let kept = workspace.target("mutants");
    let tree = kept.join("tree");
    let copied = tree::copy(workspace, &tree)?;
    let sources = copied.iter().filter(|path| path.starts_with(SOURCES));
    let sources: Vec<&PathBuf> = options
        .shard
        .of(sources.filter(|path| path.extension().is_some_and(|e| e == "rs")))
        .collect();

    println!("the tests of {PACKAGE}, unchanged");
    let _there = workspace.enter(&tree);
    settled(workspace.cargo(["test", "--quiet", "-p", PACKAGE])).run()?;
    let mut tally = Tally::default();
    for (at, source) in sources.iter().enumerate() {
        let record = Record::open(&kept.join("results"), &tree, source)?;
        if options.survivors || !record.is_finished() {
            println!("{} ({} of {})", source.display(), at + 1, sources.len());
            try_changes(workspace, &program, source, record.directory())?;
            record.finish()?;
        }
        tally.add(&record)?;
    }
    println!("\n{}", tally.text());
    if tally.percent() < GOAL {
        return Err(NotPassed::failed(format!("less than {GOAL} % were noticed")));
    }
    Ok(())
}

fn try_changes(workspace: &Workspace, program: &Path, source: &Path, into: &Path) -> PartResult {
    let command = workspace
        .command(program)
        .args(["mutants", "--in-place", "--iterate", "--baseline=skip", "--no-shuffle"])
        .args(["--colors=never", "--package", PACKAGE, "--timeout", SECONDS_FOR_TESTS, "--file"])
        .arg(source)
        .arg("--output")
        .arg(into);
    let ended = process::Command::from(settled(command)).status();
    let ended = ended.map_err(|error| NotPassed::failed(format!("cargo-mutants: {error}")))?;
    match ended.code() {
        Some(code) if ENDINGS.contains(&code) => Ok(()),
        _ => Err(NotPassed::failed(format!("cargo-mutants ended with {ended}"))),
    }
}

fn settled(command: Cmd<'_>) -> Cmd<'_> {
    command.envs(PROPERTIES).envs(BUILD)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_share_the_work_without_rest() {
        let of = |text: &str| text.parse::<Shard>().unwrap().of(0..7).collect::<Vec<_>>();
        assert_eq!(of("1/1"), [0, 1, 2, 3, 4, 5, 6]);
        assert_eq!([of("1/3"), of("2/3"), of("3/3")], [vec![0, 3, 6], vec![1, 4], vec![2, 5]]);
        for wrong in ["0/1", "2/1", "1", "1/0", "a/b", "-1/2", ""] {
            assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
        }
    }
}
