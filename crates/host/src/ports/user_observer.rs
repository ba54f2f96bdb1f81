//! Hears who is signed in.

use minihost_core::User;

/// Hears of every change of the user. Called in order, on a thread of its own; it returns at once.
pub trait UserObserver: Send + Sync {
    /// This user is signed in from now on, or nobody. Of changes that follow one another closely only
    /// the last may be told.
    fn user_changed(&self, user: Option<User>);
}
