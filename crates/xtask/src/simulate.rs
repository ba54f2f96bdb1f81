//! Simulated histories, by the program of `tests/simulation`.

use std::ffi::OsString;

use crate::outcome::{NotPassed, PartResult};
use crate::workspace::Workspace;

const PACKAGE: &str = "minihost-simulation";

/// Builds the program and passes the words on: optimised where many histories are played, as the
/// tests have it where one is played again.
pub(crate) fn run(workspace: &Workspace, words: &[OsString]) -> PartResult {
    let one = words.iter().any(|word| word.to_string_lossy().starts_with("--seed"));
    let build = ["build", "--quiet", "-p", PACKAGE];
    let program = if one {
        workspace.cargo(build).quiet().run()?;
        workspace.binary(PACKAGE)
    } else {
        workspace.cargo(build).arg("--release").quiet().run()?;
        workspace.release_binary(PACKAGE)
    };
    // It has said by itself what did not hold.
    workspace.command(program).args(words).quiet().run().map_err(|_| NotPassed::failed(""))
}
