//! What a message costs in the machine that decides, beside parsing and writing alone, and what a
//! session holds of memory; `cargo xtask bench core` starts it.
//!
//! Needs Linux, which tells what processes use.

mod host;
mod memory;
mod message;

use std::{path::PathBuf, process::ExitCode};

use clap::Parser;
use minihost_bench_report::{Report, finish};

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
    let cli = Cli::parse();
    finish(measure(&cli), cli.json.as_deref())
}

fn measure(cli: &Cli) -> Result<Report, String> {
    let mut report = Report::new("core");
    // First, while nothing that was freed can be used again.
    report.add(memory::measure(cli.sessions).map_err(|error| error.to_string())?);
    let message = message::compare(cli.messages, cli.runs);
    report.add(message.ok_or("There must be at least one run.")?);
    Ok(report)
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
