//! What somebody who looks after the server may have to account for.

/// The target of the log lines that tell of security events: one for each, whatever became of it.
/// They name clients, and users at most by their internal identifier, and hold no code, token, secret
/// or password.
pub(crate) const AUDIT: &str = "minihost_authorization_server::audit";
