//! Why a benchmark could not be finished.

use std::error::Error;

/// A sentence for the reader, or what a library says.
pub(crate) type Failure = Box<dyn Error>;

/// What everything here gives back: a benchmark that meets an error ends.
pub(crate) type Outcome<T> = Result<T, Failure>;
