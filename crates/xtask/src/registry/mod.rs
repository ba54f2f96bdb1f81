//! What is generated from the bridge's registry, and the check that it is what lies in the tree.

mod access;
mod description;
mod markdown;
mod typescript;

use std::path::Path;

use crate::outcome::{NotPassed, PartResult};
use crate::workspace::Workspace;

/// A file that is generated.
struct Generated {
    path: &'static str,
    text: fn() -> String,
}

const FILES: [Generated; 4] = [
    Generated { path: "crates/protocol/BRIDGE.md", text: markdown::text },
    Generated { path: "crates/protocol/bridge.json", text: description::text },
    Generated { path: "crates/protocol/access.json", text: access::text },
    Generated { path: "bindings/javascript/src/protocol.d.ts", text: typescript::text },
];

/// Writes every file.
pub(crate) fn generate(workspace: &Workspace) -> PartResult {
    for file in &FILES {
        workspace.write(Path::new(file.path), &(file.text)())?;
        println!("{}", file.path);
    }
    Ok(())
}

/// Compares every file with what would be written.
pub(crate) fn check(workspace: &Workspace) -> PartResult {
    let mut stale = Vec::new();
    for file in &FILES {
        if workspace.read(Path::new(file.path)).ok() != Some((file.text)()) {
            stale.push(file.path);
        }
    }
    if stale.is_empty() {
        return Ok(());
    }
    let stale = stale.join(", ");
    Err(NotPassed::failed(format!(
        "not what the registry says: {stale}; run `cargo xtask registry`"
    )))
}
