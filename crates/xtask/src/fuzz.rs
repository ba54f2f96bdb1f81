//! Looking for inputs for which something does not hold that must hold for any (`tests/fuzz`).
//!
//! The compiler is the workspace's own: what libFuzzer needs of it are settings of its stable backend. The
//! address sanitizer is not, so for that the compiler is told to take what it takes of nightly alone.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, ValueEnum};

use crate::outcome::{NotPassed, PartResult};
use crate::provision::system::{self, Evidence, Requirement};
use crate::workspace::Workspace;

const PACKAGE: &str = "minihost-fuzz";
const CORPUS: &str = "tests/fuzz/corpus";

/// As `tests/fuzz` has them, with the features that each needs there.
const TARGETS: [(&str, &str); 8] = [
    ("bridge", ""),
    ("manifest", ""),
    ("origin", ""),
    ("redirect", ",server"),
    ("token-reply", ",host"),
    ("metadata", ",host"),
    ("consent-text", ""),
    ("grants-file", ",host"),
];

const NEEDS: &[Requirement] =
    &[Requirement { package: "g++", evidence: Evidence::Program(&["c++", "g++", "clang++"]) }];

/// Has each edge of the program counted and each comparison told to libFuzzer.
const COVERAGE: [&str; 7] = [
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Cdebug-assertions=on",
    "-Ccodegen-units=1",
];

/// What is looked for, and for how long.
#[derive(Clone, Debug, PartialEq, Eq, Args)]
pub(crate) struct Options {
    /// What is fuzzed
    #[arg(value_parser = PossibleValuesParser::new(TARGETS.map(|(name, _)| name)))]
    target: String,
    /// How many inputs are tried
    #[arg(long, value_name = "N", default_value_t = 1_000_000)]
    executions: u64,
    /// What beside the target's own assertions is checked
    #[arg(long, value_enum, default_value_t = Sanitizer::None)]
    sanitizer: Sanitizer,
    /// The longest input, in bytes
    #[arg(long, value_name = "BYTES", default_value_t = 4096)]
    longest: u32,
    /// Tries this one input and nothing else
    #[arg(long, value_name = "FILE")]
    replay: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Sanitizer {
    /// Nothing
    None,
    /// Every access to memory
    Address,
}

impl Sanitizer {
    fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Address => "address",
        }
    }
}

/// Builds and runs the fuzzer. New inputs of interest go to `target/fuzz/corpus`, one for which something
/// does not hold to `target/fuzz/found`.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> PartResult {
    let Options { target, executions, sanitizer, longest, replay } = options;
    system::provide(workspace, NEEDS)?;
    let (_, needed) = TARGETS
        .into_iter()
        .find(|(name, _)| name == target)
        .ok_or_else(|| NotPassed::failed(format!("there is no target {target}")))?;
    let program = build(workspace, *sanitizer, &format!("libfuzzer{needed}"))?;
    let fuzzer = workspace.command(program).env("MINIHOST_FUZZ_TARGET", target);
    if let Some(file) = replay {
        return Ok(fuzzer.arg(file).run()?);
    }
    let grown = workspace.target("fuzz/corpus").join(target);
    let found = workspace.target("fuzz/found").join(target);
    workspace.create_dir(&grown)?;
    workspace.create_dir(&found)?;
    let ended = fuzzer
        .arg(format!("-runs={executions}"))
        .arg(format!("-max_len={longest}"))
        .arg(format!("-artifact_prefix={}/", found.display()))
        .args(["-print_final_stats=1", "-timeout=10", "-rss_limit_mb=2048"])
        .arg(&grown)
        .arg(workspace.root().join(CORPUS).join(target))
        .run();
    ended.map_err(|_| {
        let found = found.display();
        NotPassed::failed(format!(
            "an input was found and lies in {found}; --replay tries it alone"
        ))
    })
}

fn build(workspace: &Workspace, sanitizer: Sanitizer, features: &str) -> PartResult<PathBuf> {
    let triple = workspace.host_triple()?;
    let directory = workspace.target("fuzz").join(sanitizer.name());
    let mut flags = COVERAGE.to_vec();
    // The flags must not reach build scripts, which naming the platform prevents.
    let mut command = workspace
        .cargo(["build", "--release", "-p", PACKAGE, "--no-default-features"])
        .args(["--features", features, "--target", &triple])
        .arg("--target-dir")
        .arg(&directory)
        .env("CARGO_PROFILE_RELEASE_LTO", "off");
    if sanitizer == Sanitizer::Address {
        println!("the address sanitizer is nightly's: RUSTC_BOOTSTRAP=1 has this compiler take it");
        flags.push("-Zsanitizer=address");
        command = command.env("RUSTC_BOOTSTRAP", "1");
    }
    command.env("RUSTFLAGS", flags.join(" ")).run()?;
    Ok(directory.join(triple).join("release").join(PACKAGE))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;

    use super::*;

    #[test]
    fn each_target_has_inputs_and_no_inputs_lie_about_without_a_target() {
        let workspace = Workspace::locate().unwrap();
        let folders = fs::read_dir(workspace.root().join(CORPUS)).unwrap();
        let folders: BTreeSet<String> =
            folders.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        assert_eq!(folders, TARGETS.map(|(name, _)| name.to_owned()).into());
    }

    #[test]
    fn the_targets_are_those_of_the_library_with_the_features_that_they_have_there() {
        let workspace = Workspace::locate().unwrap();
        let library = fs::read_to_string(workspace.root().join("tests/fuzz/src/lib.rs")).unwrap();
        let (_, list) = library.split_once("pub const TARGETS").unwrap();
        let (list, _) = list.split_once("];").unwrap();
        let mut feature = String::new();
        let mut targets = Vec::new();
        for line in list.lines().map(str::trim) {
            let quoted = line.split('"').nth(1).unwrap_or_default();
            if line.starts_with("#[cfg(feature") {
                feature = format!(",{quoted}");
            } else if line.starts_with("Target {") {
                targets.push((quoted.to_owned(), std::mem::take(&mut feature)));
            }
        }
        let known = TARGETS.map(|(name, feature)| (name.to_owned(), feature.to_owned()));
        assert_eq!(targets, known);
    }
}
