//! The authorization server as a program of its own: `serve`, and what an operator does beside it.
//!
//! `--help` tells all.

#![expect(
    clippy::print_stdout,
    reason = "a command line program speaks to its user on standard output"
)]

mod cli;

use std::process::ExitCode;

use clap::Parser as _;

use crate::cli::Cli;

fn main() -> ExitCode {
    match cli::run(Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}
