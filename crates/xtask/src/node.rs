//! Test suites of Node.

use std::path::Path;

use crate::outcome::{NotPassed, PartResult};
use crate::provision::system::{Evidence, Requirement};
use crate::workspace::Workspace;

/// What runs them.
pub(crate) const NEEDS: Requirement =
    Requirement { package: "nodejs", evidence: Evidence::Program(&["node"]) };

/// Runs the tests of a folder; `launcher` is the beginning of the command where node is to be
/// started by another program, and `programs` are variables that name programs to the tests. The
/// report is kept in TAP.
pub(crate) fn test(
    workspace: &Workspace,
    folder: &str,
    launcher: &[&Path],
    programs: &[(&str, &Path)],
    report: &Path,
) -> PartResult {
    // Where node looks for tests by itself is the current directory; how it takes one as an argument
    // differs between its versions.
    let _back = workspace.enter(folder);
    let mut words = launcher.iter().copied().chain([Path::new("node")]);
    let program = words.next().expect("the last word is always there");
    workspace
        .command(program)
        .args(words)
        .envs(programs.iter().copied())
        .args(["--test", "--test-reporter=spec", "--test-reporter-destination=stdout"])
        .arg("--test-reporter=tap")
        .arg(format!("--test-reporter-destination={}", report.display()))
        .run()?;
    if tests_run(&workspace.read(report)?) == 0 {
        return Err(NotPassed::failed(format!("node found no test in {folder}")));
    }
    Ok(())
}

/// The number of tests in the closing lines of a TAP report: node passes when it finds none.
fn tests_run(report: &str) -> u32 {
    let mut counts = report.lines().filter_map(|line| line.strip_prefix("# tests "));
    counts.next_back().and_then(|count| count.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closing_lines_of_a_report_are_counted() {
        assert_eq!(tests_run("TAP version 13\nok 1 - a\n1..1\n# tests 12\n# pass 12\n"), 12);
        assert_eq!(tests_run("TAP version 13\n1..0\n# tests 0\n# pass 0\n"), 0);
        assert_eq!(tests_run(""), 0);
    }
}
