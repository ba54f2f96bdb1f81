//! Figures that a program in another language has measured.

use std::fmt::Display;
use std::fs;
use std::path::Path;
use std::process::ExitCode;

use serde::de::DeserializeOwned;

use crate::finish::finish;
use crate::report::Report;

/// Reads figures from a file, compares them, and [finishes](finish) with the report.
pub fn run<F: DeserializeOwned>(
    figures: &Path,
    json: Option<&Path>,
    compare: impl FnOnce(F) -> Option<Report>,
) -> ExitCode {
    finish(read(figures, compare), json)
}

fn read<F: DeserializeOwned>(
    figures: &Path,
    compare: impl FnOnce(F) -> Option<Report>,
) -> Result<Report, String> {
    let named = |error: &dyn Display| format!("{}: {error}", figures.display());
    let text = fs::read_to_string(figures).map_err(|error| named(&error))?;
    let read = serde_json::from_str(&text).map_err(|error| named(&error))?;
    compare(read).ok_or_else(|| "There must be at least one run of each.".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_figure_is_said_with_the_file_that_holds_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("figures.json");
        let compare = |runs: Vec<f64>| (!runs.is_empty()).then(|| Report::new("test"));
        let told = |text: &str| {
            fs::write(&file, text).unwrap();
            read(&file, compare).map(|report| report.table().lines().count())
        };
        assert_eq!(told("[1.0]"), Ok(1));
        assert_eq!(told("[]"), Err("There must be at least one run of each.".to_owned()));
        assert!(told("{").is_err_and(|error| error.contains("figures.json: ")));
        assert!(read(&folder.path().join("none"), compare).is_err());
    }
}
