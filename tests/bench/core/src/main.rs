//! What a message costs in the machine that decides, beside parsing and writing alone, and what a
//! session holds of memory; `cargo xtask bench core` starts it.
//!
//! Needs Linux, which tells what processes use.

#![expect(
    clippy::print_stdout,
    reason = "a command line program speaks to its user on standard output"
)]

mod host;
mod memory;
mod message;

use std::{path::PathBuf, process::ExitCode};

use clap::Parser;
use minihost_bench_report::Report;

/// What a message costs in the machine, and what a session holds of memory.
#[derive(Parser)]
#[command(name = "cargo xtask bench core")]
struct Cli {
    /// Where the results go as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// How often each side is measured
    #[arg(long, default_value_t = 9)]
    runs: usize,
    /// How many messages a run has
    #[arg(long, default_value_t = 200_000)]
    messages: u32,
    /// How many sessions wait when memory is measured
    #[arg(long, default_value_t = 10_000)]
    sessions: usize,
}

fn main() -> ExitCode {
    let Cli { json, runs, messages, sessions } = Cli::parse();
    let mut report = Report::new("core");
    // First, while nothing that was freed can be used again.
    match memory::measure(sessions) {
        Ok(comparison) => report.add(comparison),
        Err(error) => {
            println!("{error}");
            return ExitCode::FAILURE;
        }
    }
    let Some(comparison) = message::compare(messages, runs) else {
        println!("There must be at least one run.");
        return ExitCode::FAILURE;
    };
    report.add(comparison);
    println!("{}", report.table());
    if let Some(file) = json
        && let Err(error) = report.write(&file)
    {
        println!("{}: {error}", file.display());
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }
}
