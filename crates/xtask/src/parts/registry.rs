//! What is generated from the bridge's registry.

use crate::outcome::PartResult;
use crate::registry;
use crate::workspace::Workspace;

pub(crate) fn run(workspace: &Workspace) -> PartResult {
    registry::check(workspace)
}
