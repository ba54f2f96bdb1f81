//! Licences, banned crates and sources.

use crate::outcome::PartResult;
use crate::provision::cargo_deny;
use crate::workspace::Workspace;

pub(crate) fn run(workspace: &Workspace) -> PartResult {
    let program = cargo_deny::provide(workspace)?;
    let check = ["--locked", "check", "--hide-inclusion-graph", "licenses", "bans", "sources"];
    Ok(workspace.command(program).args(check).run()?)
}
