//! What a host writes down of every code request that a mini-program's own page made. There is no
//! field that a code or token fits in.

use std::{collections::BTreeSet, time::Duration};

use jiff::Timestamp;
use minihost_protocol::Reason;

use crate::{ConsentMode, CorrelationId, MiniProgramId, Scope, UserId, ViewDigest};

/// A code request has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEvent {
    /// When it ended.
    pub at: Timestamp,
    /// The same as in the page's error and the host's log.
    pub correlation: CorrelationId,
    /// Who asked.
    pub mini_program: MiniProgramId,
    /// Whose account, where somebody was signed in.
    pub user: Option<UserId>,
    /// What was asked; empty where the request could not be read.
    pub asked: BTreeSet<Scope>,
    /// What the user saw, where a prompt was shown.
    pub digest: Option<ViewDigest>,
    /// How it ended.
    pub outcome: Outcome,
    /// From the request to its end.
    pub took: Duration,
}

/// How a code request ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A code was delivered.
    Delivered {
        /// What it stands for.
        scopes: BTreeSet<Scope>,
        /// How the user agreed.
        mode: ConsentMode,
    },
    /// The page was told why not.
    Refused(Reason),
    /// The document was gone; nothing was delivered.
    DocumentGone,
}
