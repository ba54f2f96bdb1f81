//! Plays simulated histories: one with its log, or many with their verdicts.

#![expect(
    clippy::print_stdout,
    reason = "a command line program speaks to its user on standard output"
)]

use std::{io, process::ExitCode, time::Instant};

use clap::Parser;
use minihost_simulation::{AfterViolation, Broken, Reached, replay, simulate};

/// Random histories of a host, judged by a model of its rules.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask simulate", bin_name = "cargo xtask simulate")]
struct Cli {
    /// Play the history of this seed and print what happens in it
    #[arg(long, value_name = "N", conflicts_with_all = ["histories", "start"])]
    seed: Option<u64>,
    /// Play so many histories
    #[arg(long, value_name = "N", default_value_t = 1_000)]
    histories: u64,
    /// The first seed; the others follow it
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    start: u64,
    /// Do not end at the first history that breaks a rule
    #[arg(long)]
    go_on: bool,
}

fn main() -> io::Result<ExitCode> {
    let cli = Cli::parse();
    match cli.seed {
        Some(seed) => play_one(seed),
        None => play_many(&cli),
    }
}

fn play_one(seed: u64) -> io::Result<ExitCode> {
    let verdict = replay(seed, Broken::default())?;
    for line in &verdict.lines {
        println!("{line}");
    }
    Ok(match verdict.violation {
        None => {
            println!("seed {seed}: every rule held");
            ExitCode::SUCCESS
        }
        Some(violation) => {
            println!("seed {seed}: {violation}");
            ExitCode::FAILURE
        }
    })
}

fn play_many(cli: &Cli) -> io::Result<ExitCode> {
    let begun = Instant::now();
    let after = if cli.go_on { AfterViolation::GoOn } else { AfterViolation::Stop };
    let tally = simulate(cli.start, cli.histories, Broken::default(), after, |played| {
        if played % 10_000 == 0 {
            println!("{played} histories after {:.0} s", begun.elapsed().as_secs_f64());
        }
    })?;
    for (seed, violation) in &tally.violations {
        println!("seed {seed}: {violation}");
        println!("    cargo xtask simulate --seed {seed}");
    }
    let Reached { steps, processes, deaths, answers, codes } = tally.reached;
    println!(
        "{} histories from seed {} on: {steps} steps, {processes} processes, of which {deaths} died, \
         {answers} answers of the user, {codes} codes delivered",
        tally.histories, cli.start,
    );
    let (seconds, broke) = (begun.elapsed().as_secs_f64(), tally.violations.len());
    println!("{broke} broke a rule ({seconds:.0} s)");
    Ok(if tally.violations.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
