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

pub(crate) fn run(workspace: &Workspace) -> PartResult {
    // Brings the authorization server that the tests talk to.
    workspace.cargo(["build", "-p", "sample-host"]).run()?;
    maven(workspace, &["-DfailIfNoTests=true", "package"])
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
