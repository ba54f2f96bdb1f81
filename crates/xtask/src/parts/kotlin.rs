//! The Kotlin binding, on a JVM and, with its Android part and the sample app, on Robolectric.

use std::path::Path;

use xshell::Cmd;

use crate::bindings;
use crate::document_start;
use crate::outcome::PartResult;
use crate::provision::system::{self, Evidence, Requirement};
use crate::workspace::Workspace;

const NEEDS: &[Requirement] = &[
    Requirement { package: "default-jdk-headless", evidence: Evidence::Program(&["javac"]) },
    Requirement { package: "maven", evidence: Evidence::Program(&["mvn"]) },
];

/// The modules that an Android app is made of, and one that shrinks such an app.
const SHRUNK: &str = "lib,androidx,android,shrunk";

/// The virtual machine takes all of its memory before it begins: what the process grows by afterwards is somebody else's.
const WHOLE_HEAP: &str = "-DargLine=-Xms256m -Xmx256m -XX:+AlwaysPreTouch";

pub(crate) fn run(workspace: &Workspace) -> PartResult {
    build_server(workspace)?;
    build(workspace, &["-DfailIfNoTests=true", "package"])
}

/// Has hosts and sessions come and go, a hundred times as many as in [`run`].
pub(crate) fn run_lifetimes(workspace: &Workspace) -> PartResult {
    build_server(workspace)?;
    let many = ["-Dlifetimes=100000", "-Dtest=LifetimesTest", WHOLE_HEAP];
    build(workspace, &[&["-pl", "lib"], &many[..], &["test"]].concat())
}

/// Makes the documentation of the artifacts, runs R8 over a small app with the rules that the AAR brings, and runs
/// what it leaves.
pub(crate) fn run_shrunk(workspace: &Workspace) -> PartResult {
    build(workspace, &["-P", "shrunk,docs", "-pl", SHRUNK, "-Dmaven.test.skip=true", "verify"])
}

/// Brings the authorization server that the tests talk to.
fn build_server(workspace: &Workspace) -> PartResult {
    Ok(workspace.cargo(["build", "-p", "sample-host"]).run()?)
}

fn build(workspace: &Workspace, arguments: &[&str]) -> PartResult {
    provide(workspace)?;
    bindings::generate(workspace)?;
    let scripts = document_start::make(workspace)?;
    maven(workspace)
        .arg(place("bindings.dir", &workspace.target("bindings/kotlin")))
        .arg(place("native.dir", &workspace.target("debug")))
        .arg(place("sample.host", &workspace.binary("sample-host")))
        .arg(place("bridge.dir", &scripts))
        .args(arguments)
        .run()?;
    Ok(())
}

/// Brings a JDK and Maven.
pub(crate) fn provide(workspace: &Workspace) -> PartResult {
    system::provide(workspace, NEEDS)
}

/// Maven over the whole of `bindings/kotlin`.
pub(crate) fn maven(workspace: &Workspace) -> Cmd<'_> {
    let command = workspace.command("mvn").args(["-q", "-B", "-f", "bindings/kotlin/pom.xml"]);
    command.arg(place("target.dir", &workspace.target("")))
}

/// Says where something lies: the project file has defaults for the usual target directory, and this
/// holds for any.
pub(crate) fn place(name: &str, path: &Path) -> String {
    format!("-D{name}={}", path.display())
}
