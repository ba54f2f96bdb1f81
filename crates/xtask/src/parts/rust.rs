//! The tests of every crate but those that drive a browser.

use crate::outcome::PartResult;
use crate::workspace::Workspace;

pub(crate) fn run(workspace: &Workspace) -> PartResult {
    let test = ["test", "--workspace", "--exclude", "minihost-e2e", "--no-fail-fast"];
    Ok(workspace.cargo(test).run()?)
}
