//! The one developer command of this workspace, run as `cargo xtask …`.
//!
//! `cargo xtask test` is the gate: it provides the tools that are missing, runs each [part](part::Part)
//! and closes with a summary. `cargo xtask bench` measures and `cargo xtask mutants` tries the tests of the
//! core, `cargo xtask fuzz` looks for inputs that break a promise and `cargo xtask interop` tries the SDK against any server; none is part of it. `cargo xtask bindings`
//! generates the Kotlin and Swift sources, `cargo xtask registry` the description of the bridge; `cargo xtask manifest` signs manifests.

#![expect(
    clippy::print_stdout,
    reason = "a command line program speaks to its user on standard output"
)]

mod bench;
mod bindings;
mod cli;
mod document_start;
mod fuzz;
mod gate;
mod listing;
mod manifest;
mod mutants;
mod node;
mod outcome;
mod part;
mod parts;
mod provision;
mod registry;
mod selection;
mod servers;
mod simulate;
mod summary;
mod workspace;

use std::process::ExitCode;

use clap::Parser;

use crate::cli::{Cli, Command};
use crate::outcome::{NotPassed, PartResult};
use crate::selection::Selection;
use crate::summary::Skips;
use crate::workspace::Workspace;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let workspace = match Workspace::locate() {
        Ok(workspace) => workspace,
        Err(error) => return report(Err(error)),
    };
    match cli.command {
        Command::Test { words, full } => {
            gate::run(&workspace, &Selection::new(&words, full), Skips::from_environment())
        }
        Command::Bench { benchmark, json, options } => {
            report(benchmark.run(&workspace, json.as_deref(), &options))
        }
        Command::Bindings => report(bindings::generate(&workspace)),
        Command::Fuzz(options) => report(fuzz::run(&workspace, &options)),
        Command::Interop { profiles } => report(servers::run(&workspace, &profiles)),
        Command::Manifest { words } => report(manifest::run(&workspace, &words)),
        Command::Mutants(options) => report(mutants::run(&workspace, &options)),
        Command::Registry => report(registry::generate(&workspace)),
        Command::Simulate { words } => report(simulate::run(&workspace, &words)),
    }
}

fn report(result: PartResult) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(NotPassed::Failed(reason) | NotPassed::Skipped(reason)) => {
            println!("{reason}");
            ExitCode::FAILURE
        }
    }
}
