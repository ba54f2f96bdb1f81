//! The device authorization grant (RFC 8628): a client shows a code, and the user confirms it on
//! another device, in a browser or in a host app. This server's own sign-in page is such a client
//! too, without a client identifier.

mod approval;
mod authorization;
mod page;
mod user_code;
mod verdict;

use std::time::Duration;

pub(crate) use approval::answer as approve;
pub(crate) use authorization::{Asking, answer as authorize, ask};
pub(crate) use page::{show, take};
pub(crate) use user_code::{UserCode, UserCodeHash};

/// Where clients ask for codes (RFC 8628 §3.1).
pub(crate) const AUTHORIZATION_PATH: &str = "/device_authorization";
/// Where users enter them (RFC 8628 §3.3).
pub(crate) const VERIFICATION_PATH: &str = "/device";
/// Where host apps enter them for their users.
pub(crate) const APPROVAL_PATH: &str = "/device/approval";

/// How long a code waits for the user.
const LIFETIME: Duration = Duration::from_secs(600);
/// How long a client waits between two questions, at first.
const INTERVAL: Duration = Duration::from_secs(5);
/// How much longer after each question that came too early (RFC 8628 §3.5).
pub(crate) const SLOW_DOWN: Duration = Duration::from_secs(5);
