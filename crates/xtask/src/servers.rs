//! The SDK against authorization servers of others, each described by a settings file.

use std::path::{Path, PathBuf};

use crate::outcome::{NotPassed, PartResult};
use crate::provision::{debs, npm};
use crate::workspace::Workspace;

const PACKAGE: &str = "minihost-interop-hosts";
const RELAY: &str = "minihost-relay";
const FOLDER: &str = "tests/interop/hosts";

/// What the gate tries: its files, and what they need.
const OWN: [&str; 2] = ["own-challenge.toml", "own-relay.toml"];
const FROM_NPM: [&str; 2] = ["oidc-provider-challenge.toml", "oidc-provider-authorize.toml"];
const FROM_DEBIAN: [&str; 1] = ["glewlwyd.toml"];

/// The package of Debian, and what stands in for a choice of databases that it would ask for.
const GLEWLWYD: [&str; 2] = ["glewlwyd", "dbconfig-no-thanks"];
const GLEWLWYD_ROOT: &str = "interop/glewlwyd";

/// Tries the servers of these files.
pub(crate) fn run(workspace: &Workspace, profiles: &[PathBuf]) -> PartResult {
    workspace.cargo(["build", "--quiet", "-p", PACKAGE, "-p", RELAY]).quiet().run()?;
    play(workspace, profiles)
}

/// Tries the servers that come from package registries.
pub(crate) fn gate(workspace: &Workspace) -> PartResult {
    workspace.cargo(["build", "-p", PACKAGE, "-p", RELAY]).run()?;
    npm::provide(workspace, &format!("{FOLDER}/servers/oidc-provider"))?;
    let on_debian = debs::provide(workspace, &GLEWLWYD, &workspace.target(GLEWLWYD_ROOT));
    let here = OWN.iter().chain(&FROM_NPM);
    let files = here.chain(on_debian.is_ok().then_some(&FROM_DEBIAN).into_iter().flatten());
    let files: Vec<PathBuf> = files.map(|file| workspace.root().join(FOLDER).join(file)).collect();
    play(workspace, &files).and(on_debian)
}

fn play(workspace: &Workspace, profiles: &[PathBuf]) -> PartResult {
    let program = workspace.binary(PACKAGE);
    let set = |name: &str, path: &Path| ["--set".to_owned(), format!("{name}={}", path.display())];
    let binaries = program.parent().unwrap_or(Path::new("."));
    let variables =
        [set("BIN", binaries), set("GLEWLWYD", &workspace.target(GLEWLWYD_ROOT))].concat();
    let files = profiles.iter().flat_map(|file| [Path::new("--profile"), file]);
    let command = workspace.command(&program).args(variables).args(files);
    // It has said by itself what did not hold.
    command.run().map_err(|_| NotPassed::failed("the SDK and a server do not agree"))
}
