//! The bridge, in headless Chromium.

use std::ffi::OsString;
use std::path::Path;

use crate::outcome::PartResult;
use crate::parts::e2e;
use crate::provision::system;
use crate::workspace::Workspace;

const PACKAGE: &str = "minihost-bench-bridge";

pub(super) fn run(workspace: &Workspace, json: Option<&Path>, options: &[OsString]) -> PartResult {
    system::provide(workspace, e2e::NEEDS)?;
    workspace.cargo(["build", "--release", "-p", "sample-host", "-p", PACKAGE]).run()?;
    let mut command = workspace
        .command(workspace.release_binary(PACKAGE))
        .env("MINIHOST_SAMPLE_HOST", workspace.release_binary("sample-host"));
    if let Some(file) = json {
        command = command.arg("--json").arg(file);
    }
    Ok(command.args(options).run()?)
}
