//! What a command answers, on standard output.

use std::fmt::Display;
use std::io::{self, Write as _};

use super::Failure;

/// Writes one line or several, with the last line end left out.
///
/// # Errors
/// When nobody takes it. What the command did is done all the same.
pub(super) fn say(text: impl Display) -> Result<(), Failure> {
    write(text).map_err(Failure::Output)
}

/// The same for what is shown only once. `again` says how to get another one.
pub(super) fn say_once(text: impl Display, again: String) -> Result<(), Failure> {
    write(text).map_err(|reason| Failure::NotShown { reason, again })
}

fn write(text: impl Display) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{text}")?;
    out.flush()
}
