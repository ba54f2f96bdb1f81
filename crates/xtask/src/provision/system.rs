//! Programs and fonts of the operating system, installed by apt where that is allowed.

use std::env;

use crate::outcome::{NotPassed, PartResult};
use crate::workspace::Workspace;

/// A Debian package, and how to see that what it brings is there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Requirement {
    pub(crate) package: &'static str,
    pub(crate) evidence: Evidence,
}

/// What shows that a requirement is met.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Evidence {
    /// One of these programs is on the path, wherever it came from. Without it the part cannot run.
    Program(&'static [&'static str]),
    /// This command succeeds. Without it the part cannot run.
    Command(&'static [&'static str]),
    /// The package manager knows the package. Without it the part runs, with a note.
    Package,
}

/// Makes what is required available.
///
/// # Errors
/// Skipped, with a sentence that names the packages, where a program is missing and cannot be installed.
pub(crate) fn provide(workspace: &Workspace, requirements: &[Requirement]) -> PartResult {
    let debian = has_program("apt-get") && has_program("dpkg-query");
    let missing: Vec<Requirement> = requirements
        .iter()
        .copied()
        .filter(|requirement| !is_met(workspace, requirement, debian))
        .collect();
    match plan(&missing, debian && is_root(workspace)) {
        Plan::Ready => Ok(()),
        Plan::GoOn { note } => {
            println!("{note}");
            Ok(())
        }
        Plan::GiveUp { reason } => Err(NotPassed::Skipped(reason)),
        Plan::Install { packages } => install(workspace, &packages),
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Plan {
    Ready,
    Install { packages: Vec<&'static str> },
    GoOn { note: String },
    GiveUp { reason: String },
}

fn plan(missing: &[Requirement], may_install: bool) -> Plan {
    let packages: Vec<&str> = missing.iter().map(|requirement| requirement.package).collect();
    if packages.is_empty() {
        return Plan::Ready;
    }
    if may_install {
        return Plan::Install { packages };
    }
    let list = packages.join(" ");
    if missing.iter().any(|requirement| !matches!(requirement.evidence, Evidence::Package)) {
        let reason = format!(
            "this machine lacks {list}, and only root on Debian or its kin can have it installed here: \
             install it, for example by `apt-get install {list}`"
        );
        return Plan::GiveUp { reason };
    }
    Plan::GoOn { note: format!("going on without {list}, so some text may look poor") }
}

fn install(workspace: &Workspace, packages: &[&'static str]) -> PartResult {
    let list = packages.join(" ");
    println!("installing by apt: {list}");
    let apt = |arguments: &[&str]| {
        let command = workspace.command("apt-get").env("DEBIAN_FRONTEND", "noninteractive");
        command.args(["-q", "-o", "DPkg::Lock::Timeout=300"]).args(arguments)
    };
    let install = [&["-y", "install", "--no-install-recommends"], packages].concat();
    let installed = apt(&["update"]).run().and_then(|()| apt(&install).run());
    installed.map_err(|error| NotPassed::Skipped(format!("apt could not install {list}: {error}")))
}

fn is_met(workspace: &Workspace, requirement: &Requirement, debian: bool) -> bool {
    match requirement.evidence {
        Evidence::Program(names) => names.iter().any(|name| has_program(name)),
        Evidence::Command(words) => words.split_first().is_some_and(|(program, arguments)| {
            let command = workspace.command(program).args(arguments);
            has_program(program) && command.quiet().ignore_stderr().read().is_ok()
        }),
        // Where there is no such package manager there is also nothing to ask.
        Evidence::Package => {
            let query = ["--show", "--showformat=${db:Status-Status}", requirement.package];
            let answer =
                || workspace.command("dpkg-query").args(query).quiet().ignore_stderr().read();
            !debian || answer().is_ok_and(|status| status == "installed")
        }
    }
}

fn has_program(name: &str) -> bool {
    let file = format!("{name}{}", env::consts::EXE_SUFFIX);
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).any(|directory| directory.join(&file).is_file())
}

/// Whether this process may change the system.
pub(crate) fn is_root(workspace: &Workspace) -> bool {
    workspace.command("id").arg("-u").quiet().read().is_ok_and(|id| id == "0")
}

#[cfg(test)]
mod tests {
    use super::*;

    const BROWSER: Requirement =
        Requirement { package: "chromium", evidence: Evidence::Program(&["chromium"]) };
    const FONT: Requirement = Requirement { package: "fonts", evidence: Evidence::Package };

    #[test]
    fn nothing_missing_needs_nothing() {
        assert_eq!(plan(&[], true), Plan::Ready);
        assert_eq!(plan(&[], false), Plan::Ready);
    }

    #[test]
    fn root_installs_exactly_what_is_missing() {
        let packages = vec!["chromium", "fonts"];
        assert_eq!(plan(&[BROWSER, FONT], true), Plan::Install { packages });
    }

    #[test]
    fn a_missing_program_that_cannot_be_installed_is_named_in_the_reason() {
        let Plan::GiveUp { reason } = plan(&[FONT, BROWSER], false) else {
            panic!("a part without its browser must not run")
        };
        assert!(reason.contains("`apt-get install fonts chromium`"), "{reason}");
    }

    #[test]
    fn a_missing_font_alone_stops_nothing() {
        assert!(matches!(plan(&[FONT], false), Plan::GoOn { .. }));
    }

    #[test]
    fn a_program_is_found_on_the_path_only() {
        assert!(has_program("cargo"));
        assert!(!has_program("no-such-program-anywhere"));
    }
}
