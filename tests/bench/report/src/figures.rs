//! Figures that a program in another language has measured.

use std::fmt::Display;
use std::fs;
use std::path::Path;

use serde::de::DeserializeOwned;

use crate::report::Report;

/// Reads figures from a file and compares them; the report goes to `json`, where it is to go somewhere, and
/// comes back as a table.
///
/// # Errors
/// A sentence: a file that cannot be read or written, or figures that `compare` has no use for.
pub fn tell<F: DeserializeOwned>(
    figures: &Path,
    json: Option<&Path>,
    compare: impl FnOnce(F) -> Option<Report>,
) -> Result<String, String> {
    let named = |error: &dyn Display| format!("{}: {error}", figures.display());
    let text = fs::read_to_string(figures).map_err(|error| named(&error))?;
    let read = serde_json::from_str(&text).map_err(|error| named(&error))?;
    let report = compare(read).ok_or("There must be at least one run of each.")?;
    if let Some(file) = json {
        report.write(file).map_err(|error| format!("{}: {error}", file.display()))?;
    }
    Ok(report.table())
}
