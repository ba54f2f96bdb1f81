//! The sample host, driven in a real browser.

use std::thread;

use crate::document_start;
use crate::listing::names_a_test;
use crate::node;
use crate::outcome::{NotPassed, PartResult};
use crate::provision::npm;
use crate::provision::system::{self, Evidence, Requirement};
use crate::workspace::Workspace;

const PACKAGES: [&str; 2] = ["minihost-e2e", "minihost-attacks-browser"];

/// The browser and its driver, and what it writes texts with.
pub(crate) const NEEDS: &[Requirement] = &[
    Requirement {
        package: "chromium",
        evidence: Evidence::Program(&["chromium", "chromium-browser", "google-chrome"]),
    },
    Requirement { package: "chromium-driver", evidence: Evidence::Program(&["chromedriver"]) },
    Requirement { package: "fonts-dejavu-core", evidence: Evidence::Package },
    Requirement { package: "fonts-noto-cjk", evidence: Evidence::Package },
];

const POSTCARDS: &str = "sample-miniprogram/postcards";

/// Each test runs a browser and a sample host of its own, several processes apiece.
const MOST_AT_ONCE: usize = 4;

pub(crate) fn run(workspace: &Workspace) -> PartResult {
    system::provide(workspace, NEEDS)?;
    // What the program with a backend in Node needs.
    system::provide(workspace, &[node::NEEDS, npm::NEEDS])?;
    npm::provide(workspace, POSTCARDS)?;
    let scripts = document_start::make(workspace)?;
    workspace.cargo(["build", "-p", "sample-host"]).run()?;
    for package in PACKAGES {
        let list = workspace.cargo(["test", "-p", package, "--", "--list"]).read()?;
        if !names_a_test(&list) {
            return Err(NotPassed::failed(format!("{package} has no test")));
        }
    }

    let screenshots = workspace.empty_target_dir("screenshots")?;
    let at_once = thread::available_parallelism().map_or(1, |n| n.get().min(MOST_AT_ONCE));
    let packages = PACKAGES.into_iter().flat_map(|package| ["-p", package]);
    let result = workspace
        .cargo(["test", "--no-fail-fast"].into_iter().chain(packages))
        .arg("--")
        .arg(format!("--test-threads={at_once}"))
        .env("MINIHOST_SAMPLE_HOST", workspace.binary("sample-host"))
        .env("MINIHOST_DOCUMENT_START", &scripts)
        .env("MINIHOST_SCREENSHOTS", &screenshots)
        .run();
    println!("screenshots: {}", screenshots.display());
    Ok(result?)
}
