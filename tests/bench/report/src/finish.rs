//! The end of a benchmark.

#![expect(
    clippy::print_stdout,
    reason = "a command line program speaks to its user on standard output"
)]

use std::fmt::Display;
use std::path::Path;
use std::process::ExitCode;

use crate::report::Report;

/// Prints a report as a table, and writes it to `json` where it is to go somewhere; or prints why there is none.
pub fn finish(report: Result<Report, impl Display>, json: Option<&Path>) -> ExitCode {
    let report = match report {
        Ok(report) => report,
        Err(error) => {
            println!("{error}");
            return ExitCode::FAILURE;
        }
    };
    println!("{}", report.table());
    if let Some(file) = json
        && let Err(error) = report.write(file)
    {
        println!("{}: {error}", file.display());
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn success_is_a_report_that_was_written_where_it_was_to_go() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("results.json");
        let report = || Ok::<_, String>(Report::new("test"));
        assert_eq!(finish(report(), None), ExitCode::SUCCESS);
        assert_eq!(finish(report(), Some(&file)), ExitCode::SUCCESS);
        assert!(std::fs::read_to_string(&file).unwrap().contains("\"benchmark\": \"test\""));
        assert_eq!(finish(report(), Some(folder.path())), ExitCode::FAILURE);
        assert_eq!(finish(Err("no runs"), Some(&file)), ExitCode::FAILURE);
    }
}
