//! The page side of the bridge as an npm package.

use crate::node;
use crate::outcome::PartResult;
use crate::provision::{npm, system};
use crate::workspace::Workspace;

const FOLDER: &str = "bindings/javascript";

/// Builds it, has its types and entry points checked as other people's tools see them, and weighs it.
pub(crate) fn run(workspace: &Workspace) -> PartResult {
    system::provide(workspace, &[node::NEEDS, npm::NEEDS])?;
    npm::provide(workspace, FOLDER)?;
    let _back = workspace.enter(FOLDER);
    for script in ["build", "check", "size"] {
        workspace.command("npm").args(["run", "--silent", script]).run()?;
    }
    Ok(())
}
