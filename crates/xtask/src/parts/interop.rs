//! OAuth clients of others, unmodified, against the authorization server, and the SDK against servers of
//! others.

use std::path::{Path, PathBuf};

use crate::listing::names_a_test;
use crate::node;
use crate::outcome::{NotPassed, PartResult};
use crate::provision::system::{self, Evidence, Requirement};
use crate::provision::{kept, npm};
use crate::servers;
use crate::workspace::Workspace;

const PACKAGE: &str = "minihost-interop";

const NEEDS: &[Requirement] = &[
    node::NEEDS,
    npm::NEEDS,
    Requirement { package: "python3", evidence: Evidence::Program(&["python3"]) },
    Requirement {
        package: "python3-venv",
        evidence: Evidence::Command(&["python3", "-c", "import ensurepip, venv"]),
    },
];

const NEEDS_ON_JVM: &[Requirement] = &[
    Requirement { package: "default-jdk-headless", evidence: Evidence::Program(&["javac"]) },
    Requirement { package: "maven", evidence: Evidence::Program(&["mvn"]) },
];

const NODE: &str = "tests/interop/node";
const PYTHON: &str = "tests/interop/python";
const JVM: &str = "tests/interop/jvm";

/// Those from crates.io, npm and PyPI, and the servers. One suite that fails does not keep the next from running.
pub(crate) fn run(workspace: &Workspace) -> PartResult {
    system::provide(workspace, NEEDS)?;
    let stage = stage(workspace)?;
    let suites = [
        rust(workspace),
        on_node(workspace, &stage),
        on_python(workspace, &stage),
        servers::gate(workspace),
    ];
    let reasons: Vec<String> = suites.into_iter().filter_map(Result::err).map(reason).collect();
    if reasons.is_empty() { Ok(()) } else { Err(NotPassed::failed(reasons.join("; "))) }
}

/// Those from Maven Central, which Maven itself keeps.
pub(crate) fn run_on_jvm(workspace: &Workspace) -> PartResult {
    system::provide(workspace, NEEDS_ON_JVM)?;
    let stage = stage(workspace)?;
    let _back = workspace.enter(JVM);
    let test = ["--", "mvn", "-B", "-ntp", "-DfailIfNoTests=true", "test"];
    // The project file has a default for the usual target directory; this holds for any.
    let build = format!("-Dbuild.dir={}", workspace.target("interop/jvm").display());
    Ok(workspace.command(stage).args(test).arg(build).run()?)
}

/// Builds the program that runs a command on a stage.
fn stage(workspace: &Workspace) -> PartResult<PathBuf> {
    workspace.cargo(["build", "-p", PACKAGE]).run()?;
    Ok(workspace.binary(PACKAGE))
}

fn rust(workspace: &Workspace) -> PartResult {
    let list = workspace.cargo(["test", "-p", PACKAGE, "--", "--list"]).read()?;
    if !names_a_test(&list) {
        return Err(NotPassed::failed(format!("{PACKAGE} has no test")));
    }
    Ok(workspace.cargo(["test", "-p", PACKAGE, "--no-fail-fast"]).run()?)
}

fn on_node(workspace: &Workspace, stage: &Path) -> PartResult {
    let report = workspace.empty_target_dir("interop/node")?.join("report.tap");
    npm::provide(workspace, NODE)?;
    node::test(workspace, NODE, &[stage, Path::new("--")], &[], &report)
}

fn on_python(workspace: &Workspace, stage: &Path) -> PartResult {
    let environment = workspace.target("interop/python");
    let python = environment.join("bin/python");
    let requirements = workspace.root().join(PYTHON).join("requirements.txt");
    let lock = workspace.read(&requirements)?;
    let version = workspace.command("python3").arg("--version").quiet().read()?;
    kept::provide(workspace, &environment, &format!("# {version}\n{lock}"), || {
        println!("installing by pip, as in {PYTHON}/requirements.txt");
        workspace.command("python3").args(["-m", "venv", "--clear"]).arg(&environment).run()?;
        let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
        let locked = ["--require-hashes", "--no-deps", "--requirement"];
        let command = workspace.command(&python).args(install).args(locked);
        Ok(command.arg(&requirements).run()?)
    })?;
    let _back = workspace.enter(PYTHON);
    // Without bytecode nothing is written beside the sources.
    let command = workspace.command(stage).arg("--").arg(&python);
    Ok(command.args(["-m", "pytest"]).env("PYTHONDONTWRITEBYTECODE", "1").run()?)
}

fn reason(not_passed: NotPassed) -> String {
    match not_passed {
        NotPassed::Failed(reason) | NotPassed::Skipped(reason) => reason,
    }
}
