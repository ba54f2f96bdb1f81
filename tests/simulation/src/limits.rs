//! How long things may take in a simulated host, and how many of them there may be.

use std::time::Duration;

/// For the user to answer, or to sign in again.
pub(crate) const PROMPT: Duration = Duration::from_secs(40);
/// For the store of grants.
pub(crate) const SAVE: Duration = Duration::from_secs(3);
/// For the authorization server, a host's method, and the end of grants.
pub(crate) const NETWORK: Duration = Duration::from_secs(10);
/// For the settings to come on screen.
pub(crate) const SETTINGS: Duration = Duration::from_secs(5);
/// Between two pages that want the settings.
pub(crate) const SETTINGS_REST: Duration = Duration::from_secs(5);
/// For a page that may learn nothing.
pub(crate) const SILENT: Duration = Duration::from_secs(1);

/// For a code, at most: a sign-in, a prompt, a save that the user is asked again after, the server,
/// and all of it once more where the server wants more.
pub(crate) const CODE: Duration = Duration::from_secs(2 * (40 + 40 + 3 + 40 + 10));

/// The most requests of one document that may wait.
pub(crate) const PENDING: usize = 32;
/// The most prompts of one program that may wait, the one on screen included.
pub(crate) const WAITING_PROMPTS: usize = 3;

/// The clock of timers is not finer than this, and a few may follow one another.
pub(crate) const SLACK: Duration = Duration::from_millis(5);
