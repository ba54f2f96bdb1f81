//! The authorization server.

use std::ffi::OsString;
use std::path::Path;

use crate::node;
use crate::outcome::PartResult;
use crate::provision::npm;
use crate::provision::system::{self, Requirement};
use crate::workspace::Workspace;

const NEEDS: &[Requirement] = &[node::NEEDS, npm::NEEDS];

const PEER: &str = "tests/bench/server/peer";

pub(super) fn run(workspace: &Workspace, json: Option<&Path>, options: &[OsString]) -> PartResult {
    system::provide(workspace, NEEDS)?;
    npm::provide(workspace, PEER)?;
    let peer = workspace.root().join(PEER).join("server.mjs");
    let databases = workspace.empty_target_dir("bench/server")?;
    let mut command = workspace
        .cargo(["run", "--release", "--quiet", "-p", "minihost-bench-server", "--", "--peer"])
        .arg(peer)
        .arg("--directory")
        .arg(databases);
    if let Some(file) = json {
        command = command.arg("--json").arg(file);
    }
    Ok(command.args(options).run()?)
}
