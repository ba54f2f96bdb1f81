//! Calls and callbacks of the Kotlin binding.

use std::ffi::OsString;
use std::path::Path;

use crate::bindings;
use crate::outcome::PartResult;
use crate::parts::kotlin;
use crate::workspace::Workspace;

const PACKAGE: &str = "minihost-bench-kotlin";

pub(super) fn run(workspace: &Workspace, json: Option<&Path>, options: &[OsString]) -> PartResult {
    kotlin::provide(workspace)?;
    let bindings = bindings::generate_for_benchmark(workspace, "kotlin")?;
    workspace.cargo(["build", "--release", "-p", PACKAGE]).run()?;
    let figures = workspace.target("bench/kotlin/figures.json");
    workspace.remove(&figures)?;
    kotlin::maven(workspace)
        .arg(kotlin::place("bindings.dir", &bindings))
        .arg(kotlin::place("native.dir", &workspace.target("release")))
        .arg(kotlin::place("figures", &figures))
        .args(["-P", "bench", "-pl", "bench", "package"])
        .run()?;
    let mut command = workspace.command(workspace.release_binary(PACKAGE)).arg(figures);
    if let Some(file) = json {
        command = command.arg("--json").arg(file);
    }
    Ok(command.args(options).run()?)
}
