//! A code request through the host, and its start.

use std::ffi::OsString;
use std::path::Path;

use crate::outcome::PartResult;
use crate::workspace::Workspace;

const PACKAGE: &str = "minihost-bench-host";

pub(super) fn run(workspace: &Workspace, json: Option<&Path>, options: &[OsString]) -> PartResult {
    workspace.cargo(["build", "--release", "-p", PACKAGE]).run()?;
    let mut command = workspace.command(workspace.release_binary(PACKAGE));
    if let Some(file) = json {
        command = command.arg("--json").arg(file);
    }
    Ok(command.args(options).run()?)
}
