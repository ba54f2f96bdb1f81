//! Tools that cargo builds from their source, kept for every checkout of the same user.

use std::env;
use std::path::{Path, PathBuf};

use crate::outcome::PartResult;
use crate::provision::kept;
use crate::workspace::Workspace;

/// A program that is the only one of its crate.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CargoTool {
    /// The crate, and the program.
    pub(crate) name: &'static str,
    /// This version and no other.
    pub(crate) version: &'static str,
    /// What its `--version` is asked by, where the program wants to be called as cargo calls it.
    pub(crate) subcommand: Option<&'static str>,
}

/// Reads the licences and advisories of dependencies.
pub(crate) const CARGO_DENY: CargoTool =
    CargoTool { name: "cargo-deny", version: "0.20.2", subcommand: None };

/// Changes a program in small ways and sees whether its tests notice.
pub(crate) const CARGO_MUTANTS: CargoTool =
    CargoTool { name: "cargo-mutants", version: "27.1.0", subcommand: Some("mutants") };

/// Finds the program, and builds it when this machine has none of the wanted version.
pub(crate) fn provide(workspace: &Workspace, tool: CargoTool) -> PartResult<PathBuf> {
    let on_path = PathBuf::from(tool.name);
    let kept = kept_in(tool)?;
    let ours = kept.join("bin").join(&on_path).with_extension(env::consts::EXE_EXTENSION);
    for program in [on_path, ours.clone()] {
        if is_wanted_version(workspace, tool, &program) {
            return Ok(program);
        }
    }
    install(workspace, tool, &kept)?;
    Ok(ours)
}

// The version in the path is the stamp.
fn kept_in(tool: CargoTool) -> PartResult<PathBuf> {
    Ok(kept::tools()?.join(format!("{}-{}", tool.name, tool.version)))
}

fn is_wanted_version(workspace: &Workspace, tool: CargoTool, program: &Path) -> bool {
    let question = tool.subcommand.into_iter().chain(["--version"]);
    let answer = workspace.command(program).args(question).quiet().ignore_stderr().read();
    answer.is_ok_and(|text| text.trim() == format!("{} {}", tool.name, tool.version))
}

fn install(workspace: &Workspace, tool: CargoTool, root: &Path) -> PartResult {
    let CargoTool { name, version, .. } = tool;
    println!("{name} {version} is missing: building it into {}", root.display());
    // These tools do in seconds what their release profiles take many minutes to compile for.
    workspace
        .cargo(["install", name, "--locked", "--debug", "--quiet"])
        .args(["--version", &format!("={version}")])
        .arg("--root")
        .arg(root)
        .env("CARGO_PROFILE_DEV_DEBUG", "0")
        .env("CARGO_PROFILE_DEV_INCREMENTAL", "false")
        .run()?;
    Ok(())
}
