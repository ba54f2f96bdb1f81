//! The page side of the bridge as the scripts that a native container runs in a page.

use std::path::PathBuf;

use crate::node;
use crate::outcome::PartResult;
use crate::provision::{npm, system};
use crate::workspace::Workspace;

const FOLDER: &str = "bindings/javascript";

/// Makes the scripts; gives the folder that they are in.
pub(crate) fn make(workspace: &Workspace) -> PartResult<PathBuf> {
    system::provide(workspace, &[node::NEEDS, npm::NEEDS])?;
    npm::provide(workspace, FOLDER)?;
    let _back = workspace.enter(FOLDER);
    workspace.command("npm").args(["run", "--silent", "build"]).run()?;
    Ok(workspace.root().join(FOLDER).join("dist/document-start"))
}
