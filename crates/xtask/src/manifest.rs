//! Keys and signatures for manifests, by the binary that `minihost` has for it.

use std::env;
use std::ffi::OsString;

use crate::outcome::{NotPassed, PartResult};
use crate::workspace::Workspace;

/// Builds the binary and passes the words on. Files are named from where the command was given.
pub(crate) fn run(workspace: &Workspace, words: &[OsString]) -> PartResult {
    let package = ["build", "--quiet", "-p", "minihost"];
    let binary = ["--features", "manifest-tool", "--bin", "minihost-manifest"];
    workspace.cargo(package.iter().chain(&binary)).quiet().run()?;
    let here = env::current_dir()
        .map_err(|error| NotPassed::failed(format!("there is no current directory: {error}")))?;
    let _back = workspace.enter(here);
    let tool = workspace.command(workspace.binary("minihost-manifest")).args(words);
    // It has said by itself what is wrong.
    tool.quiet().run().map_err(|_| NotPassed::failed(""))
}
