//! Runs parts one after the other; a part that fails does not keep the others from running.

use std::process::ExitCode;
use std::time::Instant;

use crate::selection::{Reach, Selection};
use crate::summary::{Report, Skips, Summary};
use crate::workspace::Workspace;

/// What the gate is meant to hold one day and does not yet: said with the results, so that a green run
/// claims no more than it tested.
const NOT_BUILT_YET: &str = "Not part of any run yet: the desktop window.";

/// Runs the selected parts and prints each one's result, then the summary.
pub(crate) fn run(workspace: &Workspace, selection: &Selection, skips: Skips) -> ExitCode {
    let mut summary = Summary::default();
    for &part in selection.parts() {
        println!("\n── {}", part.name());
        let started = Instant::now();
        let result = skips.judge(part.run(workspace));
        let report = Report { part, took: started.elapsed(), result };
        println!("{}", report.line());
        summary.add(report);
    }

    println!("\n── summary");
    if selection.reach() != Reach::Chosen {
        println!("{NOT_BUILT_YET}");
    }
    println!("{}", summary.text());
    if summary.has_failures() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
