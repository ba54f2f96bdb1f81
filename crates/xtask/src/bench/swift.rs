//! Calls of the Swift package.

use std::ffi::OsString;
use std::path::Path;

use crate::bindings;
use crate::outcome::PartResult;
use crate::parts::swift::{self, PACKAGE};
use crate::provision::swift::{provide, target};
use crate::workspace::Workspace;

const REPORT: &str = "minihost-bench-swift";
const FIGURES: &str = "bench/swift/figures.json";

pub(super) fn run(workspace: &Workspace, json: Option<&Path>, options: &[OsString]) -> PartResult {
    let swift = provide(workspace)?;
    let bindings = bindings::generate_for_benchmark(workspace, "swift")?;
    swift::take_generated(workspace, &bindings, "GeneratedForBench")?;
    workspace.cargo(["build", "--release", "-p", REPORT]).run()?;
    workspace.remove(&workspace.target(FIGURES))?;
    let environment =
        [("MINIHOST_BENCH", "1".to_owned()), ("MINIHOST_LIBRARY_DIR", target("release"))];
    let (scratch, figures) = (target("swift/bench"), target(FIGURES));
    let run = ["swift", "run", "-c", "release", "--disable-sandbox", "--scratch-path", &scratch];
    let words = [&run[..], &["Bench", &figures]].concat();
    swift.command(PACKAGE, &environment, words).run()?;
    let mut command =
        workspace.command(workspace.release_binary(REPORT)).arg(workspace.target(FIGURES));
    if let Some(file) = json {
        command = command.arg("--json").arg(file);
    }
    Ok(command.args(options).run()?)
}
