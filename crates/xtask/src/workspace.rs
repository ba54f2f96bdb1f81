//! Where the workspace is, and how its tools are called.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use serde_json::Value;
use xshell::{Cmd, PushDir, Shell, TempDir};

use crate::outcome::{NotPassed, PartResult};

/// The workspace that the command was started in, and a shell that stands at its root.
#[derive(Debug)]
pub(crate) struct Workspace {
    shell: Shell,
    root: PathBuf,
    target: PathBuf,
}

impl Workspace {
    /// Asks cargo where the workspace is.
    ///
    /// # Errors
    /// The current directory is in no workspace, or cargo cannot be run.
    pub(crate) fn locate() -> PartResult<Self> {
        let shell = Shell::new()?;
        let text = cargo(&shell, ["metadata", "--no-deps", "--format-version=1"]).quiet().read()?;
        let metadata: Value = serde_json::from_str(&text)?;
        let path = |member: &str| {
            let path = metadata[member].as_str().map(PathBuf::from);
            path.ok_or_else(|| NotPassed::failed(format!("cargo metadata has no {member}")))
        };
        let root = path("workspace_root")?;
        shell.change_dir(&root);
        Ok(Self { root, target: path("target_directory")?, shell })
    }

    /// Any program, started at the root of the workspace.
    pub(crate) fn command(&self, program: impl AsRef<Path>) -> Cmd<'_> {
        without_cargo_variables(self.shell.cmd(program))
    }

    /// Cargo, started at the root of the workspace.
    pub(crate) fn cargo<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Cmd<'_> {
        cargo(&self.shell, arguments)
    }

    /// Stands in a directory of the workspace until the guard is dropped.
    pub(crate) fn enter(&self, directory: impl AsRef<Path>) -> PushDir<'_> {
        self.shell.push_dir(directory)
    }

    /// The root of the workspace, which holds wherever a part stands.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn read(&self, path: &Path) -> PartResult<String> {
        Ok(self.shell.read_file(path)?)
    }

    pub(crate) fn write(&self, path: &Path, text: &str) -> PartResult {
        Ok(self.shell.write_file(path, text)?)
    }

    /// Removes a file or a directory where there is one.
    pub(crate) fn remove(&self, path: &Path) -> PartResult {
        Ok(self.shell.remove_path(path)?)
    }

    /// What a directory holds, in order.
    pub(crate) fn list(&self, path: &Path) -> PartResult<Vec<PathBuf>> {
        Ok(self.shell.read_dir(path)?)
    }

    /// `cargo metadata` of the whole tree with all features.
    pub(crate) fn metadata(&self) -> PartResult<Value> {
        let arguments = ["metadata", "--format-version=1", "--all-features", "--locked"];
        Ok(serde_json::from_str(&self.cargo(arguments).quiet().read()?)?)
    }

    /// The platform that the compiler runs on and builds for, such as `x86_64-unknown-linux-gnu`.
    pub(crate) fn host_triple(&self) -> PartResult<String> {
        let text = self.command("rustc").arg("-vV").quiet().read()?;
        let host = text.lines().find_map(|line| line.strip_prefix("host: "));
        host.map(str::to_owned).ok_or_else(|| NotPassed::failed("rustc does not tell its host"))
    }

    /// Makes a directory and those above it, where they are missing.
    pub(crate) fn create_dir(&self, path: &Path) -> PartResult {
        self.shell.create_dir(path)?;
        Ok(())
    }

    /// A path below cargo's target directory.
    pub(crate) fn target(&self, path: impl AsRef<Path>) -> PathBuf {
        self.target.join(path)
    }

    /// An empty directory below cargo's target directory: what an earlier run left there is gone.
    pub(crate) fn empty_target_dir(&self, name: &str) -> PartResult<PathBuf> {
        let path = self.target(name);
        self.shell.remove_path(&path)?;
        self.shell.create_dir(&path)?;
        Ok(path)
    }

    /// An empty directory with a short path, for as long as it is held.
    pub(crate) fn temp_dir(&self) -> PartResult<TempDir> {
        Ok(self.shell.create_temp_dir()?)
    }

    /// The binary of a package of this workspace, as the dev profile builds it.
    pub(crate) fn binary(&self, name: &str) -> PathBuf {
        self.target(format!("debug/{name}{}", env::consts::EXE_SUFFIX))
    }

    /// The binary of a package of this workspace, as the release profile builds it.
    pub(crate) fn release_binary(&self, name: &str) -> PathBuf {
        self.target(format!("release/{name}{}", env::consts::EXE_SUFFIX))
    }

    /// The `cdylib` of a library of this workspace, as the dev profile builds it.
    pub(crate) fn dynamic_library(&self, name: &str) -> PathBuf {
        self.target("debug").join(dynamic_library_name(name))
    }

    /// The same, as the release profile builds it.
    pub(crate) fn release_dynamic_library(&self, name: &str) -> PathBuf {
        self.target("release").join(dynamic_library_name(name))
    }
}

/// How the file of a `cdylib` is called on this platform.
fn dynamic_library_name(name: &str) -> String {
    use env::consts::{DLL_PREFIX, DLL_SUFFIX};
    format!("{DLL_PREFIX}{name}{DLL_SUFFIX}")
}

fn cargo<A: AsRef<OsStr>>(shell: &Shell, arguments: impl IntoIterator<Item = A>) -> Cmd<'_> {
    without_cargo_variables(shell.cmd("cargo")).args(arguments)
}

// `cargo run` describes this package in the environment. Build scripts that watch those variables would
// run again whenever a build alternates between this command and cargo itself.
fn without_cargo_variables(mut command: Cmd<'_>) -> Cmd<'_> {
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command = command.env_remove(&name);
        }
    }
    command
}
