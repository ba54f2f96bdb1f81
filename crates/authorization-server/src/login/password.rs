//! Checking a username and a password that were typed into the login page.

use std::time::Duration;

use tracing::field::display;

use super::Visitor;
use crate::accounts::{self, Sender, SignedIn};
use crate::audit::AUDIT;
use crate::http::Problem;
use crate::pages::Trouble;
use crate::password::Password;
use crate::server::Server;

/// Why nobody was signed in.
pub(crate) enum NotSignedIn {
    /// There is no such user, or the password is another; nobody is told which.
    Wrong,
    /// Too many attempts failed for this user or from this address.
    Throttled(Duration),
    /// Nothing was checked.
    Trouble(Trouble),
}

/// Checks the password of a user.
pub(crate) async fn check(
    server: &Server,
    visitor: &Visitor,
    username: &str,
    password: &str,
) -> Result<SignedIn, NotSignedIn> {
    let (password, sender) = (Password::new(password), Sender::User(visitor.address));
    if let Some(user) = accounts::sign_in(server, username, password, sender).await? {
        return Ok(user);
    }
    let address = visitor.address.map(display);
    tracing::warn!(target: AUDIT, address, "a password was wrong on the login page");
    Err(NotSignedIn::Wrong)
}

impl From<Problem> for NotSignedIn {
    fn from(problem: Problem) -> Self {
        match problem.is_throttling() {
            Some(wait) => Self::Throttled(wait),
            None => Self::Trouble(problem.into()),
        }
    }
}
