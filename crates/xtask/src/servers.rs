//! The SDK against authorization servers of others, each described by a settings file.

use std::path::{Path, PathBuf};

use crate::outcome::{NotPassed, PartResult};
use crate::provision::system::{self, Evidence, Requirement};
use crate::provision::{debs, kept, npm};
use crate::workspace::Workspace;

const PACKAGE: &str = "minihost-interop-hosts";
const RELAY: &str = "minihost-relay";
const FOLDER: &str = "tests/interop/hosts";

/// What the gate tries: its files, and what they need.
const OWN: [&str; 3] = ["own-challenge.toml", "own-without-secrets.toml", "own-relay.toml"];
const FROM_NPM: [&str; 2] = ["oidc-provider-challenge.toml", "oidc-provider-authorize.toml"];
const FROM_DEBIAN: [&str; 1] = ["glewlwyd.toml"];

/// The package of Debian, and what stands in for a choice of databases that it would ask for.
const GLEWLWYD: [&str; 2] = ["glewlwyd", "dbconfig-no-thanks"];
const GLEWLWYD_ROOT: &str = "interop/glewlwyd";

/// What starts slowly: an archive of Maven Central, which is built once and keeps its database.
const FROM_MAVEN: [&str; 1] = ["keycloak-relay.toml"];
const KEYCLOAK: &str = "org.keycloak:keycloak-quarkus-dist:26.4.0:zip";
const KEYCLOAK_ROOT: &str = "interop/keycloak";
const NEEDS_ON_JVM: &[Requirement] = &[
    Requirement { package: "default-jdk-headless", evidence: Evidence::Program(&["java"]) },
    Requirement { package: "maven", evidence: Evidence::Program(&["mvn"]) },
    Requirement { package: "unzip", evidence: Evidence::Program(&["unzip"]) },
    Requirement { package: "python3", evidence: Evidence::Program(&["python3"]) },
];

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

/// Tries the server that comes from Maven Central.
pub(crate) fn on_jvm(workspace: &Workspace) -> PartResult {
    system::provide(workspace, NEEDS_ON_JVM)?;
    workspace.cargo(["build", "-p", PACKAGE, "-p", RELAY]).run()?;
    keycloak(workspace)?;
    let files = FROM_MAVEN.map(|file| workspace.root().join(FOLDER).join(file));
    play(workspace, &files)
}

/// Unpacks the archive and has the server build itself for the database that it keeps.
fn keycloak(workspace: &Workspace) -> PartResult {
    let root = workspace.target(KEYCLOAK_ROOT);
    kept::provide(workspace, &root, KEYCLOAK, || {
        println!("unpacking {KEYCLOAK}");
        workspace.remove(&root)?;
        workspace.create_dir(&root)?;
        let copy = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy";
        let archive = format!("-Dartifact={KEYCLOAK}");
        let directory = format!("-DoutputDirectory={}", root.display());
        let plain = "-Dmdep.stripVersion=true";
        let command = workspace.command("mvn").args(["-B", "-ntp", "-q", copy]);
        command.args([&archive, &directory, plain]).run()?;
        let archive = root.join("keycloak-quarkus-dist.zip");
        workspace.command("unzip").arg("-q").arg(&archive).arg("-d").arg(&root).run()?;
        workspace.remove(&archive)?;
        let build = ["build", "--db=dev-file", "--features=dpop,par"];
        let program = keycloak_folder(workspace).join("bin/kc.sh");
        Ok(workspace.command(program).args(build).run()?)
    })
}

/// The one folder of the archive.
fn keycloak_folder(workspace: &Workspace) -> PathBuf {
    let version = KEYCLOAK.split(':').nth(2).unwrap_or_default();
    workspace.target(KEYCLOAK_ROOT).join(format!("keycloak-{version}"))
}

fn play(workspace: &Workspace, profiles: &[PathBuf]) -> PartResult {
    let program = workspace.binary(PACKAGE);
    let set = |name: &str, path: &Path| ["--set".to_owned(), format!("{name}={}", path.display())];
    let binaries = program.parent().unwrap_or(Path::new("."));
    let variables = [
        set("BIN", binaries),
        set("GLEWLWYD", &workspace.target(GLEWLWYD_ROOT)),
        set("KEYCLOAK", &keycloak_folder(workspace)),
    ]
    .concat();
    let files = profiles.iter().flat_map(|file| [Path::new("--profile"), file]);
    let command = workspace.command(&program).args(variables).args(files);
    // It has said by itself what did not hold.
    command.run().map_err(|_| NotPassed::failed("the SDK and a server do not agree"))
}
