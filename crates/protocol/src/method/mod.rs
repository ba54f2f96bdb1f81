//! The methods that the host itself answers: what they take and what they return.
//!
//! Parameters are read leniently in one way only: unknown members are ignored. A known member of
//! the wrong type is a [`Failure`] with reason `invalid_request` that names the member.

pub mod cancel_request;
pub mod initialize;
pub mod request_code;

mod params;

pub use params::Params;

use crate::Failure;

/// A method's parameters could not be read.
pub type ParamsResult<T> = Result<T, Failure>;
