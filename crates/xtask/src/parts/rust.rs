//! The tests of every crate but those that drive a browser or the clients of others.

use crate::outcome::PartResult;
use crate::workspace::Workspace;

pub(crate) fn run(workspace: &Workspace) -> PartResult {
    let others = ["minihost-attacks-browser", "minihost-e2e", "minihost-interop"];
    let others = others.into_iter().flat_map(|package| ["--exclude", package]);
    let test = ["test", "--workspace", "--no-fail-fast"].into_iter().chain(others);
    workspace.cargo(test).run()?;
    // A feature of its own, which no other crate's tests enable.
    let doctor = ["test", "-p", "minihost", "--features", "doctor", "--test", "doctor"];
    Ok(workspace.cargo(doctor).run()?)
}
