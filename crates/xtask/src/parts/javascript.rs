//! The page side of the bridge, the page of the simulator, and the sample programs.

use crate::node;
use crate::outcome::PartResult;
use crate::provision::{npm, system};
use crate::workspace::Workspace;

/// The folders with tests of their own.
const FOLDERS: &[&str] =
    &["bindings/javascript", "sample-host/simulator", "sample-miniprogram/programs", POSTCARDS];

/// The program with a backend in Node, which needs a package.
const POSTCARDS: &str = "sample-miniprogram/postcards";

pub(crate) fn run(workspace: &Workspace) -> PartResult {
    system::provide(workspace, &[node::NEEDS, npm::NEEDS])?;
    npm::provide(workspace, POSTCARDS)?;
    // Gives real codes to the mock host of the bridge.
    workspace.cargo(["build", "-p", "sample-host"]).run()?;
    let sample_host = workspace.binary("sample-host");
    let programs = [("MINIHOST_SAMPLE_HOST", sample_host.as_path())];
    let report = workspace.empty_target_dir("javascript")?.join("report.tap");
    FOLDERS.iter().try_for_each(|folder| node::test(workspace, folder, &[], &programs, &report))
}
