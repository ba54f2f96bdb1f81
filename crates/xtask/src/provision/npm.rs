//! Packages of npm, beside the lock file that names them.

use crate::outcome::PartResult;
use crate::provision::kept;
use crate::provision::system::{Evidence, Requirement};
use crate::workspace::Workspace;

/// What installs them.
pub(crate) const NEEDS: Requirement =
    Requirement { package: "npm", evidence: Evidence::Program(&["npm"]) };

/// Installs what the `package-lock.json` of a folder names into its `node_modules`.
pub(crate) fn provide(workspace: &Workspace, folder: &str) -> PartResult {
    let folder_path = workspace.root().join(folder);
    let lock = workspace.read(&folder_path.join("package-lock.json"))?;
    kept::provide(workspace, &folder_path.join("node_modules"), &lock, || {
        println!("installing by npm, as in {folder}/package-lock.json");
        let _back = workspace.enter(folder);
        let install = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
        Ok(workspace.command("npm").args(install).run()?)
    })
}
