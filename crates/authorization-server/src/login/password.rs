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
    let now = server.clock.now();
    let anywhere = server.throttle.begin(Subject::username_anywhere(username), now)?;
    let here = match server.throttle.begin(Subject::address(visitor.address), now) {
        Ok(here) => here,
        Err(problem) => {
            server.throttle.give_back(anywhere);
            return Err(problem.into());
        }
    };
    let password = Password::new(password);
    let answer = accounts::sign_in(server, username, password, visitor.address).await;
    if !matches!(answer, Ok(None)) {
        server.throttle.give_back(anywhere);
        server.throttle.give_back(here);
    }
    if let Some(user) = answer? {
        return Ok(user.user);
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
