//! cargo-deny, built from its source and kept for every checkout of the same user.

use std::env;
use std::path::{Path, PathBuf};

use crate::outcome::{NotPassed, PartResult};
use crate::workspace::Workspace;

const VERSION: &str = "0.20.2";

/// Finds the program, and builds it when this machine has none of the wanted version.
pub(crate) fn provide(workspace: &Workspace) -> PartResult<PathBuf> {
    let on_path = PathBuf::from("cargo-deny");
    let kept = kept_in()?;
    let ours = kept.join("bin").join(&on_path).with_extension(env::consts::EXE_EXTENSION);
    for program in [on_path, ours.clone()] {
        if is_wanted_version(workspace, &program) {
            return Ok(program);
        }
    }
    install(workspace, &kept)?;
    Ok(ours)
}

// A user's cargo home outlives a checkout and its target directory. The version in the path is the stamp.
fn kept_in() -> PartResult<PathBuf> {
    let home = env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| env::home_dir().map(|home| home.join(".cargo")))
        .ok_or_else(|| NotPassed::failed("neither CARGO_HOME nor a home directory is known"))?;
    Ok(home.join("minihost-tools").join(format!("cargo-deny-{VERSION}")))
}

fn is_wanted_version(workspace: &Workspace, program: &Path) -> bool {
    let answer = workspace.command(program).arg("--version").quiet().ignore_stderr().read();
    answer.is_ok_and(|text| text.trim() == format!("cargo-deny {VERSION}"))
}

fn install(workspace: &Workspace, root: &Path) -> PartResult {
    println!("cargo-deny {VERSION} is missing: building it into {}", root.display());
    // One check takes two seconds unoptimised, while its release profile takes many minutes to compile.
    workspace
        .cargo(["install", "cargo-deny", "--locked", "--debug", "--quiet"])
        .args(["--version", &format!("={VERSION}")])
        .arg("--root")
        .arg(root)
        .env("CARGO_PROFILE_DEV_DEBUG", "0")
        .env("CARGO_PROFILE_DEV_INCREMENTAL", "false")
        .run()?;
    Ok(())
}
