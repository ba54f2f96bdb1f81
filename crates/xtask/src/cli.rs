//! The command line.

use std::ffi::OsString;
use std::io;
use std::path::{self, PathBuf};

use clap::builder::{PathBufValueParser, PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Parser, Subcommand, ValueEnum};

use crate::bench::Benchmark;
use crate::fuzz;
use crate::mutants;
use crate::part::Part;
use crate::selection::Word;

const FAST: &str = "fast";

/// The developer command of this workspace.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the gate, or parts of it; what a part needs and lacks is installed, and said
    Test {
        /// What to run; everything but the slow parts when nothing is named
        #[arg(value_name = "PART", value_parser = word_parser(), conflicts_with = "full")]
        words: Vec<Word>,
        /// Add the slow parts
        #[arg(long)]
        full: bool,
    },
    /// Measure, beside a peer or a floor in the same run; no part of the gate
    Bench {
        /// What to measure
        benchmark: Benchmark,
        /// Where the results go as JSON
        #[arg(long, value_name = "FILE", value_parser = PathBufValueParser::new().try_map(absolute))]
        json: Option<PathBuf>,
        /// Options of the benchmark itself; `-- --help` lists them
        #[arg(last = true, value_name = "OPTION")]
        options: Vec<OsString>,
    },
    /// Build minihost-ffi and generate its Kotlin and Swift sources under target/bindings
    Bindings,
    /// Change the core in small ways and see whether its tests notice; goes on where it was stopped
    Mutants(mutants::Options),
    /// Generate the bridge's description, types and access rules from its registry
    Registry,
    /// Look for inputs for which something does not hold that must hold for any
    Fuzz(fuzz::Options),
    /// Try the SDK against any authorization server that a settings file describes
    Interop {
        /// The file; tests/interop/README.md has its format
        #[arg(long = "profile", value_name = "FILE", required = true,
            value_parser = PathBufValueParser::new().try_map(absolute))]
        profiles: Vec<PathBuf>,
    },
    /// Play random histories of a host, judged by a model of its rules
    #[command(disable_help_flag = true)]
    Simulate {
        /// `--seed N` plays one and prints it, `--histories N` plays many; `--help` tells more
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        words: Vec<OsString>,
    },
    /// Keys and signatures for manifests: `keygen`, `sign`, `verify`, `lint`
    #[command(disable_help_flag = true)]
    Manifest {
        /// Passed on; `--help` tells more
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        words: Vec<OsString>,
    },
}

fn word_parser() -> impl TypedValueParser<Value = Word> {
    let fast = PossibleValue::new(FAST).help("What is quick once built");
    let parts = Part::value_variants().iter().filter_map(ValueEnum::to_possible_value);
    PossibleValuesParser::new(std::iter::once(fast).chain(parts)).try_map(|name| {
        if name == FAST { Ok(Word::Fast) } else { Part::from_str(&name, false).map(Word::Part) }
    })
}

/// Files are named from where the command was given; what it starts stands elsewhere.
fn absolute(path: PathBuf) -> io::Result<PathBuf> {
    path::absolute(path)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn words(arguments: &[&str]) -> Result<(Vec<Word>, bool), clap::Error> {
        let line = ["cargo xtask", "test"].iter().chain(arguments);
        match Cli::try_parse_from(line)?.command {
            Command::Test { words, full } => Ok((words, full)),
            _ => unreachable!("the line says `test`"),
        }
    }

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_part_can_be_named() {
        for part in Part::value_variants() {
            assert_eq!(words(&[part.name()]).unwrap(), (vec![Word::Part(*part)], false));
        }
    }

    #[test]
    fn fast_can_be_joined_with_a_part() {
        let (words, _) = words(&["fast", "deny"]).unwrap();
        assert_eq!(words, [Word::Fast, Word::Part(Part::Deny)]);
    }

    #[test]
    fn options_of_a_benchmark_come_after_the_dashes() {
        let line = ["cargo xtask", "bench", "server", "--json", "a.json", "--", "--runs", "1"];
        let Command::Bench { benchmark, json, options } = Cli::parse_from(line).command else {
            panic!("the line says `bench`")
        };
        assert_eq!(benchmark, Benchmark::Server);
        assert!(json.is_some_and(|file| file.is_absolute() && file.ends_with("a.json")));
        assert_eq!(options, ["--runs", "1"]);
        assert!(Cli::try_parse_from(["cargo xtask", "bench", "server", "--runs", "1"]).is_err());
    }

    #[test]
    fn an_unknown_part_and_full_with_a_part_are_refused() {
        assert!(words(&["speed"]).is_err());
        assert!(words(&["--full", "deny"]).is_err());
    }
}
