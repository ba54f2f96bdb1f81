//! Licences, banned crates and sources.

use crate::outcome::PartResult;
use crate::provision::cargo_tool::{self, CARGO_DENY};
use crate::workspace::Workspace;

pub(crate) fn run(workspace: &Workspace) -> PartResult {
    let program = cargo_tool::provide(workspace, CARGO_DENY)?;
    let check = ["--locked", "check", "--hide-inclusion-graph", "licenses", "bans", "sources"];
    Ok(workspace.command(program).args(check).run()?)
}
