//! Checking a username and a password that were typed into the login page.

use std::time::Duration;

use super::Visitor;
use crate::accounts;
use crate::audit::AUDIT;
use crate::http::Problem;
use crate::pages::Trouble;
use crate::password::Password;
use crate::server::Server;
use crate::throttle::Subject;
use crate::user::UserId;

/// Why nobody was signed in.
pub(crate) enum NotSignedIn {
    /// There is no such user, or the password is another; nobody is told which.
    Wrong,
    /// Too many attempts failed for this user or from this address.
    Throttled(Duration),
    /// Nothing was checked.
    Trouble(Trouble),
}

/// Checks the password of a user. Failures count for the user at this address, for the user
/// anywhere, and for the address.
pub(crate) async fn check(
    server: &Server,
    visitor: &Visitor,
    username: &str,
    password: &str,
) -> Result<UserId, NotSignedIn> {
    let wider = [Subject::username_anywhere(username), Subject::address(visitor.address)];
    let now = server.clock.now();
    wider.iter().try_for_each(|subject| server.throttle.check(subject, now))?;
    let password = Password::new(password);
    if let Some(user) = accounts::sign_in(server, username, password, visitor.address).await? {
        return Ok(user.user);
    }
    let now = server.clock.now();
    for subject in &wider {
        server.throttle.count_failure(subject, now);
    }
    tracing::warn!(target: AUDIT, "a password was wrong on the login page");
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
