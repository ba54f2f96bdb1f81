//! Formatting.

use crate::outcome::PartResult;
use crate::workspace::Workspace;

pub(crate) fn run(workspace: &Workspace) -> PartResult {
    Ok(workspace.cargo(["fmt", "--all", "--check"]).run()?)
}
