//! The authorization server.

use std::ffi::OsString;
use std::path::Path;

use crate::node;
use crate::outcome::PartResult;
use crate::provision::npm;
use crate::provision::system::{self, Requirement};
use crate::workspace::Workspace;

const NEEDS: &[Requirement] = &[node::NEEDS, npm::NEEDS];

const PACKAGE: &str = "minihost-bench-server";
const PEER: &str = "tests/bench/server/peer";

pub(super) fn run(workspace: &Workspace, json: Option<&Path>, options: &[OsString]) -> PartResult {
    system::provide(workspace, NEEDS)?;
    npm::provide(workspace, PEER)?;
    let peer = workspace.root().join(PEER).join("server.mjs");
    let databases = workspace.empty_target_dir("bench/server")?;
    let programs = ["-p", "minihost-authorization-server", "-p", PACKAGE];
    workspace.cargo(["build", "--release"]).args(programs).run()?;
    let mut command = workspace
        .command(workspace.release_binary(PACKAGE))
        .arg("--peer")
        .arg(peer)
        .arg("--directory")
        .arg(databases);
    if let Some(file) = json {
        command = command.arg("--json").arg(file);
    }
    Ok(command.args(options).run()?)
}
