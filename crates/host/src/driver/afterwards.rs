//! What carrying out effects leads to that may reach the host's own code or the system: the host's log,
//! whoever waits for an outcome, threads that sleep. It is done once no lock is held.

use minihost_core::{HostMethodName, RevokeOutcome, SessionId};
use tokio::sync::oneshot;

use super::queue::Wake;

/// One thing to do without a lock.
pub(super) enum Afterwards {
    /// Wake who takes what waits for a port.
    Wake(Wake),
    /// Tell the log that a port is gone.
    PortGone,
    /// Tell the log that a way back is not let go.
    SinkSlow,
    /// Tell the log that so many audit events are lost.
    AuditsLost(u64),
    /// Tell the log that the machine wants a method which the host has not.
    NoSuchMethod(HostMethodName),
    /// Tell whoever took something back.
    Revoked(oneshot::Sender<RevokeOutcome>, RevokeOutcome),
    /// Give a session up whose messages the host's sink does not take.
    SinkStuck(SessionId),
}

impl Afterwards {
    /// Does it, but for giving up the session that this gives.
    pub(super) fn run(self) -> Option<SessionId> {
        match self {
            Self::Wake(wake) => wake.call(),
            Self::PortGone => {
                tracing::error!("a port of the host has ended; a call to it is lost");
            }
            Self::SinkSlow => {
                tracing::debug!("the host's sink is slow; a way back is not let go");
            }
            Self::AuditsLost(lost) => {
                tracing::warn!(lost, "the host does not take audit events fast enough");
            }
            Self::NoSuchMethod(method) => {
                tracing::error!(%method, "the host has no such method");
            }
            Self::Revoked(told, outcome) => {
                // Whoever asked may have gone.
                let _ = told.send(outcome);
            }
            Self::SinkStuck(session) => {
                tracing::error!(
                    session = session.0,
                    "the host's sink does not take the messages of a session: it is given up, and what it asks is answered with `aborted` until the host closes it"
                );
                return Some(session);
            }
        }
        None
    }
}
