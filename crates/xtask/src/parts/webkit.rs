//! The bridge of the page side against the sample host, in WebKitGTK on a display that nobody sees.

use crate::listing::names_a_test;
use crate::outcome::{NotPassed, PartResult};
use crate::provision::system::{self, Evidence, Requirement};
use crate::workspace::Workspace;

const NEEDS: &[Requirement] = &[
    Requirement { package: "webkit2gtk-driver", evidence: Evidence::Program(&["WebKitWebDriver"]) },
    Requirement { package: "xvfb", evidence: Evidence::Program(&["xvfb-run"]) },
    Requirement { package: "xauth", evidence: Evidence::Program(&["xauth"]) },
    Requirement { package: "fonts-dejavu-core", evidence: Evidence::Package },
    Requirement { package: "fonts-noto-cjk", evidence: Evidence::Package },
];

/// The cases of the bridge, and a program whose frame gets no cookies.
const TESTS: [&str; 8] =
    ["-p", "minihost-e2e", "--test", "bridge", "--test", "strangers", "--test", "frames"];

pub(crate) fn run(workspace: &Workspace) -> PartResult {
    system::provide(workspace, NEEDS)?;
    workspace.cargo(["build", "-p", "sample-host"]).run()?;
    let list = workspace.cargo(["test"].into_iter().chain(TESTS)).args(["--", "--list"]).read()?;
    if !names_a_test(&list) {
        return Err(NotPassed::failed("minihost-e2e has no test of the bridge"));
    }
    // Cargo starts the test's program on the display; it runs there itself.
    let triple = workspace.host_triple()?.to_uppercase().replace('-', "_");
    let display = "xvfb-run --auto-servernum";
    let test = workspace
        .cargo(["test"].into_iter().chain(TESTS))
        .args(["--no-fail-fast", "--", "--test-threads=1"])
        .env(format!("CARGO_TARGET_{triple}_RUNNER"), display)
        .env("MINIHOST_ENGINE", "webkit")
        .env("MINIHOST_SAMPLE_HOST", workspace.binary("sample-host"))
        .env("MINIHOST_SCREENSHOTS", workspace.empty_target_dir("screenshots-webkit")?);
    Ok(test.run()?)
}
