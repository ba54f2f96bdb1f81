//! The Kotlin binding, on a JVM and, with its Android part and the sample app, on Robolectric.

use std::path::Path;

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

pub(crate) fn run(workspace: &Workspace) -> PartResult {
    // Brings the authorization server that the tests talk to.
    workspace.cargo(["build", "-p", "sample-host"]).run()?;
    maven(workspace, &["-DfailIfNoTests=true", "package"])
}

/// Runs R8 over a small app with the rules that the AAR brings, and runs what it leaves.
pub(crate) fn run_shrunk(workspace: &Workspace) -> PartResult {
    maven(workspace, &["-P", "shrunk", "-pl", SHRUNK, "-Dmaven.test.skip=true", "verify"])
}

fn maven(workspace: &Workspace, arguments: &[&str]) -> PartResult {
    system::provide(workspace, NEEDS)?;
    bindings::generate(workspace)?;
    let scripts = document_start::make(workspace)?;
    // The project file has defaults for the usual target directory; these hold for any.
    let place = |name: &str, path: &Path| format!("-D{name}={}", path.display());
    workspace
        .command("mvn")
        .args(["-q", "-B", "-f", "bindings/kotlin/pom.xml"])
        .arg(place("target.dir", &workspace.target("")))
        .arg(place("bindings.dir", &workspace.target("bindings/kotlin")))
        .arg(place("native.dir", &workspace.target("debug")))
        .arg(place("sample.host", &workspace.binary("sample-host")))
        .arg(place("bridge.dir", &scripts))
        .args(arguments)
        .run()?;
    Ok(())
}
