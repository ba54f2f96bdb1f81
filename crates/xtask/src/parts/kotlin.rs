//! The generated Kotlin, driven on a JVM.

use crate::bindings;
use crate::outcome::PartResult;
use crate::provision::system::{self, Evidence, Requirement};
use crate::workspace::Workspace;

const NEEDS: &[Requirement] = &[
    Requirement { package: "default-jdk-headless", evidence: Evidence::Program(&["javac"]) },
    Requirement { package: "maven", evidence: Evidence::Program(&["mvn"]) },
];

pub(crate) fn run(workspace: &Workspace) -> PartResult {
    system::provide(workspace, NEEDS)?;
    bindings::generate(workspace)?;
    // Brings the authorization server that the tests talk to.
    workspace.cargo(["build", "-p", "sample-host"]).run()?;
    // The project file has defaults for the usual target directory; these hold for any.
    let sources = workspace.target("bindings/kotlin");
    let libraries = workspace.target("debug");
    let sample_host = workspace.binary("sample-host");
    workspace
        .command("mvn")
        .args(["-q", "-B", "-f", "bindings/kotlin/pom.xml", "-DfailIfNoTests=true"])
        .arg(format!("-Dbindings.dir={}", sources.display()))
        .arg(format!("-Dnative.dir={}", libraries.display()))
        .arg(format!("-Dsample.host={}", sample_host.display()))
        .arg("test")
        .run()?;
    Ok(())
}
