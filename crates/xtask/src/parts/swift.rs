//! The Swift package on Linux: linted, built and tested over the generated module, without a network; and
//! so is what of the sample host for iOS is not drawn.

mod release;

use std::path::Path;

use xshell::Cmd;

use crate::bindings;
use crate::outcome::{NotPassed, PartResult};
use crate::provision::swift::{self, Swift, source, target};
use crate::workspace::Workspace;

pub(crate) const PACKAGE: &str = "bindings/swift";
const APP: &str = "sample-host/ios";

/// What is held against the formatter: all that is written by hand.
const WRITTEN: [(&str, &[&str]); 2] = [
    (
        PACKAGE,
        &[
            "Package.swift",
            "Release",
            "Sources/MiniHost",
            "Sources/MiniHostWebKit",
            "Bench",
            "Tests",
        ],
    ),
    (APP, &["Package.swift", "Sources", "Tests", "App"]),
];

/// How long the lifetimes are that are tested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lifetimes {
    /// A thousand objects come and go.
    Short,
    /// A hundred thousand do.
    Long,
}

pub(crate) fn run(workspace: &Workspace, lifetimes: Lifetimes) -> PartResult {
    let swift = swift::provide(workspace)?;
    bindings::generate(workspace)?;
    take_generated(workspace, &workspace.target("bindings/swift"), "Sources")?;
    for (package, paths) in WRITTEN {
        lint(&swift, package, paths)?;
    }
    release::assemble(workspace, &swift)?;
    // Brings the authorization server that the tests talk to.
    workspace.cargo(["build", "-p", "sample-host"]).run()?;
    test(&swift, PACKAGE, lifetimes)?;
    if lifetimes == Lifetimes::Short { test(&swift, APP, lifetimes) } else { Ok(()) }
}

fn lint(swift: &Swift<'_>, package: &str, paths: &[&str]) -> PartResult {
    let configuration = source(&format!("{PACKAGE}/.swift-format"));
    let lint = ["swift", "format", "lint", "--strict", "--recursive", "--parallel"];
    let words = [&lint, &["--configuration", &configuration][..], paths].concat();
    Ok(swift.command(package, &[], words).run()?)
}

fn test(swift: &Swift<'_>, package: &str, lifetimes: Lifetimes) -> PartResult {
    in_package(swift, package, lifetimes, &["swift", "build", "--build-tests"]).run()?;
    let list = ["swift", "test", "list", "--skip-build"];
    if in_package(swift, package, lifetimes, &list).read()?.trim().is_empty() {
        return Err(NotPassed::failed(format!("{package} has no test")));
    }
    // One after the other: each signs its users in, and passwords are made to be slow.
    let mut words = vec!["swift", "test", "--skip-build", "--no-parallel"];
    if lifetimes == Lifetimes::Long {
        words.extend(["--filter", "LifetimesTests"]);
    }
    Ok(in_package(swift, package, lifetimes, &words).run()?)
}

/// A command of the package manager, with what manifests and tests want to know.
fn in_package<'a>(
    swift: &'a Swift<'_>,
    package: &str,
    lifetimes: Lifetimes,
    words: &[&str],
) -> Cmd<'a> {
    let full = if lifetimes == Lifetimes::Long { "1" } else { "0" };
    let environment = [
        ("MINIHOST_LIBRARY_DIR", target("debug")),
        ("MINIHOST_SAMPLE_HOST", target("debug/sample-host")),
        ("MINIHOST_VECTORS", source("tests/vectors")),
        ("MINIHOST_FULL", full.to_owned()),
    ];
    // The workspace is not for programs of the root to change.
    let scratch = target(&format!("swift/{package}"));
    let options = ["--disable-sandbox", "--scratch-path", &scratch];
    swift.command(package, &environment, [words, &options].concat())
}

/// Puts the generated sources where the package's manifest expects them: below a directory of the package.
pub(crate) fn take_generated(workspace: &Workspace, generated: &Path, below: &str) -> PartResult {
    let sources = workspace.root().join(PACKAGE).join(below);
    let take = |from: &str, to: &Path| -> PartResult {
        let text = workspace.read(&generated.join(from))?;
        // An unchanged file keeps its age, so that nothing is compiled again for it.
        if workspace.read(to).is_ok_and(|there| there == text) {
            return Ok(());
        }
        workspace.write(to, &text)
    };
    take("MiniHostFFI.swift", &sources.join("MiniHostFFI/MiniHostFFI.swift"))?;
    take("MiniHostFFIC.h", &sources.join("MiniHostFFIC/MiniHostFFIC.h"))?;
    take("MiniHostFFIC.modulemap", &sources.join("MiniHostFFIC/module.modulemap"))
}
