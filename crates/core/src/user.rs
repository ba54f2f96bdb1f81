//! The user who sits before the host.

use crate::UserId;

/// Who is signed in to the host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Stable, never shown.
    pub id: UserId,
    /// Shown on the consent prompt, so that nobody agrees for the wrong account.
    pub display_name: String,
    /// Grows with every sign-in and sign-out; a request of an earlier epoch is over.
    pub epoch: u64,
}
