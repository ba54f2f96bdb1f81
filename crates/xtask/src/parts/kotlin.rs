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
    let maven = ["-q", "-B", "-f", "bindings/kotlin/pom.xml", "-DfailIfNoTests=true", "test"];
    Ok(workspace.command("mvn").args(maven).run()?)
}
