//! Clippy and rustdoc.

use crate::outcome::PartResult;
use crate::workspace::Workspace;

pub(crate) fn run(workspace: &Workspace) -> PartResult {
    let clippy =
        ["clippy", "--workspace", "--all-targets", "--all-features", "--", "-D", "warnings"];
    workspace.cargo(clippy).run()?;
    let doc = ["doc", "--workspace", "--all-features", "--no-deps", "--document-private-items"];
    Ok(workspace.cargo(doc).env("RUSTDOCFLAGS", "-D warnings").run()?)
}
