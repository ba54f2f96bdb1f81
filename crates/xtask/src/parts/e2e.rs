//! The sample host, driven in a real browser.

use std::thread;

use crate::listing::names_a_test;
use crate::outcome::{NotPassed, PartResult};
use crate::provision::system::{self, Evidence, Requirement};
use crate::workspace::Workspace;

const PACKAGE: &str = "minihost-e2e";

const NEEDS: &[Requirement] = &[
    Requirement {
        package: "chromium",
        evidence: Evidence::Program(&["chromium", "chromium-browser", "google-chrome"]),
    },
    Requirement { package: "chromium-driver", evidence: Evidence::Program(&["chromedriver"]) },
    Requirement { package: "fonts-dejavu-core", evidence: Evidence::Package },
    Requirement { package: "fonts-noto-cjk", evidence: Evidence::Package },
];

/// Each test runs a browser and a sample host of its own, several processes apiece.
const MOST_AT_ONCE: usize = 4;

pub(crate) fn run(workspace: &Workspace) -> PartResult {
    system::provide(workspace, NEEDS)?;
    workspace.cargo(["build", "-p", "sample-host"]).run()?;
    let list = workspace.cargo(["test", "-p", PACKAGE, "--", "--list"]).read()?;
    if !names_a_test(&list) {
        return Err(NotPassed::failed(format!("{PACKAGE} has no test")));
    }

    let screenshots = workspace.empty_target_dir("screenshots")?;
    let at_once = thread::available_parallelism().map_or(1, |n| n.get().min(MOST_AT_ONCE));
    let test = ["test", "-p", PACKAGE, "--no-fail-fast", "--"];
    let result = workspace
        .cargo(test)
        .arg(format!("--test-threads={at_once}"))
        .env("MINIHOST_SAMPLE_HOST", workspace.binary("sample-host"))
        .env("MINIHOST_SCREENSHOTS", &screenshots)
        .run();
    println!("screenshots: {}", screenshots.display());
    Ok(result?)
}
