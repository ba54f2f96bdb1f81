//! What a host writes down of what mini-programs asked and users chose.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use minihost::{Scope, ServerEnd, ports};

use crate::{port_error::PortError, prompt::Remember};

/// Where the host writes down what mini-programs asked and what became of it.
#[uniffi::export(foreign)]
pub trait AuditSink: Send + Sync {
    /// Takes one event, in order, on a thread of the SDK; returns at once.
    ///
    /// # Errors
    /// [`PortError`]; the event is lost.
    fn record(&self, event: AuditEvent) -> Result<(), PortError>;
}

/// Something that a mini-program asked, or that the user did to its grants, has ended. There is no
/// field that a code or token fits in.
#[derive(Clone, Debug, uniffi::Record)]
pub struct AuditEvent {
    /// When it ended: milliseconds since 1970-01-01T00:00:00Z.
    pub at_unix_ms: i64,
    /// The same as in the page's error and the host's log.
    pub correlation: String,
    /// Who asked: the manifest's `id`.
    pub mini_program: String,
    /// Whose account, where somebody was signed in. Stable, never shown.
    pub user: Option<String>,
    /// What it was.
    pub action: Action,
    /// What was asked for, or taken back; empty where the request could not be read.
    pub asked: Vec<String>,
    /// What the user saw, where a prompt was shown.
    pub digest: Option<String>,
    /// What the user answered, where an answer came.
    pub choice: Option<UserChoice>,
    /// How it ended.
    pub outcome: Outcome,
    /// Milliseconds from the request to its end.
    pub took_ms: u64,
    /// How many of these went by until the user had answered, where a prompt was answered.
    pub waited_for_user_ms: Option<u64>,
    /// How many of them the authorization server took, where it was asked.
    pub waited_for_server_ms: Option<u64>,
}

/// What was asked or done.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Action {
    /// The program asked for a code.
    RequestCode,
    /// The program took grants back.
    RevokeByProgram,
    /// The user took grants back, in the host.
    RevokeByUser,
    /// The program called a method of the host's own.
    CallMethod {
        /// Which.
        method: String,
    },
}

/// What the user answered to a prompt.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum UserChoice {
    /// Yes to these scopes.
    Allowed {
        /// Those whose boxes were ticked.
        scopes: Vec<String>,
        /// For how long.
        remember: Remember,
    },
    /// No.
    Denied,
    /// The prompt was closed without an answer.
    Dismissed,
}

/// How it ended.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Outcome {
    /// A code was delivered.
    Delivered {
        /// What it stands for.
        scopes: Vec<String>,
        /// How the user agreed.
        mode: ConsentMode,
    },
    /// Grants have ended.
    Revoked {
        /// Whether the authorization server has ended its codes and tokens too.
        at_server: bool,
    },
    /// A method of the host's own gave its result.
    Answered,
    /// The page was told why not.
    Refused {
        /// The stable reason that the page got.
        reason: String,
    },
    /// The document was gone; nothing was delivered.
    DocumentGone,
}

/// How the user agreed to a code request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum ConsentMode {
    /// By answering a prompt.
    Prompt,
    /// By an earlier answer that is remembered.
    Remembered,
    /// Not at all: the host lets programs recognise its user without asking.
    Silent,
}

impl From<minihost::AuditEvent> for AuditEvent {
    fn from(event: minihost::AuditEvent) -> Self {
        Self {
            at_unix_ms: event.at.as_millisecond(),
            correlation: event.correlation.as_str().to_owned(),
            mini_program: event.mini_program.as_str().to_owned(),
            user: event.user.map(|user| user.as_str().to_owned()),
            action: event.action.into(),
            asked: names(&event.asked),
            digest: event.digest.map(|digest| digest.as_str().to_owned()),
            choice: event.choice.map(UserChoice::from),
            outcome: event.outcome.into(),
            took_ms: milliseconds(event.took),
            waited_for_user_ms: event.waited_for_user.map(milliseconds),
            waited_for_server_ms: event.waited_for_server.map(milliseconds),
        }
    }
}

impl From<minihost::Action> for Action {
    fn from(action: minihost::Action) -> Self {
        match action {
            minihost::Action::RequestCode => Self::RequestCode,
            minihost::Action::Revoke(minihost::RevokedBy::Program) => Self::RevokeByProgram,
            minihost::Action::Revoke(minihost::RevokedBy::User) => Self::RevokeByUser,
            minihost::Action::CallMethod(method) => {
                Self::CallMethod { method: method.as_str().to_owned() }
            }
        }
    }
}

impl From<minihost::UserChoice> for UserChoice {
    fn from(choice: minihost::UserChoice) -> Self {
        match choice {
            minihost::UserChoice::Allowed { scopes, remember } => {
                Self::Allowed { scopes: names(&scopes), remember: remember.into() }
            }
            minihost::UserChoice::Denied => Self::Denied,
            minihost::UserChoice::Dismissed => Self::Dismissed,
        }
    }
}

impl From<minihost::Outcome> for Outcome {
    fn from(outcome: minihost::Outcome) -> Self {
        match outcome {
            minihost::Outcome::Delivered { scopes, mode } => {
                Self::Delivered { scopes: names(&scopes), mode: mode.into() }
            }
            minihost::Outcome::Revoked { server } => {
                Self::Revoked { at_server: server == ServerEnd::Ended }
            }
            minihost::Outcome::Answered => Self::Answered,
            minihost::Outcome::Refused(reason) => {
                Self::Refused { reason: reason.as_str().to_owned() }
            }
            minihost::Outcome::DocumentGone => Self::DocumentGone,
        }
    }
}

impl From<minihost::ConsentMode> for ConsentMode {
    fn from(mode: minihost::ConsentMode) -> Self {
        match mode {
            minihost::ConsentMode::Prompt => Self::Prompt,
            minihost::ConsentMode::Remembered => Self::Remembered,
            minihost::ConsentMode::Silent => Self::Silent,
        }
    }
}

pub(crate) fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

fn names(scopes: &BTreeSet<Scope>) -> Vec<String> {
    scopes.iter().map(|scope| scope.as_str().to_owned()).collect()
}

/// A foreign audit sink as a port of the SDK.
pub(crate) struct ForeignAudit(pub(crate) Arc<dyn AuditSink>);

impl ports::AuditSink for ForeignAudit {
    fn record(&self, event: minihost::AuditEvent) {
        PortError::note("AuditSink.record", self.0.record(event.into()));
    }
}
