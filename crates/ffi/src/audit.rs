//! What a host writes down of every code request.

use std::{collections::BTreeSet, sync::Arc};

use minihost::{Scope, ports};

use crate::error::PortError;

/// Where the host writes down what mini-programs asked and what became of it.
#[uniffi::export(foreign)]
pub trait AuditSink: Send + Sync {
    /// Takes one event, in order, on a thread of the SDK; returns at once.
    ///
    /// # Errors
    /// [`PortError`]; the event is lost.
    fn record(&self, event: AuditEvent) -> Result<(), PortError>;
}

/// A code request has ended. There is no field that a code or token fits in.
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
    /// What was asked; empty where the request could not be read.
    pub asked: Vec<String>,
    /// What the user saw, where a prompt was shown.
    pub digest: Option<String>,
    /// How it ended.
    pub outcome: Outcome,
    /// Milliseconds from the request to its end.
    pub took_ms: u64,
}

/// How a code request ended.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Outcome {
    /// A code was delivered.
    Delivered {
        /// What it stands for.
        scopes: Vec<String>,
        /// How the user agreed.
        mode: ConsentMode,
    },
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
            asked: names(&event.asked),
            digest: event.digest.map(|digest| digest.as_str().to_owned()),
            outcome: event.outcome.into(),
            took_ms: u64::try_from(event.took.as_millis()).unwrap_or(u64::MAX),
        }
    }
}

impl From<minihost::Outcome> for Outcome {
    fn from(outcome: minihost::Outcome) -> Self {
        match outcome {
            minihost::Outcome::Delivered { scopes, mode } => {
                Self::Delivered { scopes: names(&scopes), mode: mode.into() }
            }
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
