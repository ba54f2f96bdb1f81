//! The authorization server as a program of its own: `serve`, and what an operator does beside it.
//!
//! `--help` tells all.

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
