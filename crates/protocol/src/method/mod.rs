//! The methods that the host itself answers: what they take and what they return.
//!
//! Each file declares its method and reads what the declaration lets through. Unknown members of
//! `params` are ignored; a known one of the wrong type is a [`Failure`] with reason
//! `invalid_request` that names the member.

pub mod cancel_request;
pub mod check_session;
pub mod get_grants;
pub mod initialize;
pub mod open_settings;
pub mod request_code;
pub mod revoke;

mod params;

pub(crate) use params::{Params, invalid};

use crate::Failure;

/// A method's parameters could not be read.
pub type ParamsResult<T> = Result<T, Failure>;
