//! What a host writes down of what mini-programs asked and users chose. There is no field that a
//! code or token fits in.

use std::{collections::BTreeSet, time::Duration};

use jiff::Timestamp;
use minihost_protocol::Reason;

use crate::{
    ConsentMode, CorrelationId, HostMethodName, MiniProgramId, Remember, Scope, ServerEnd, UserId,
    ViewDigest,
};

/// Something that a mini-program's own page asked, or that the user did to its grants, has ended.
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
    /// What it was.
    pub action: Action,
    /// What was asked for, or taken back; empty where the request could not be read.
    pub asked: BTreeSet<Scope>,
    /// What the user saw, where a prompt was shown.
    pub digest: Option<ViewDigest>,
    /// What the user answered, where an answer came.
    pub choice: Option<UserChoice>,
    /// How it ended.
    pub outcome: Outcome,
    /// From the request to its end.
    pub took: Duration,
    /// How much of that went by until the user had answered, where a prompt was answered.
    pub waited_for_user: Option<Duration>,
    /// How much of it the authorization server took, where it was asked.
    pub waited_for_server: Option<Duration>,
}

/// What was asked or done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// The program asked for a code.
    RequestCode,
    /// Grants were taken back.
    Revoke(RevokedBy),
    /// The program called a method of the host's own.
    CallMethod(HostMethodName),
}

/// Who took grants back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RevokedBy {
    /// The program itself.
    Program,
    /// The user, in the host.
    User,
}

/// What the user answered to a prompt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UserChoice {
    /// Yes to these scopes.
    Allowed {
        /// Those whose boxes were ticked.
        scopes: BTreeSet<Scope>,
        /// For how long.
        remember: Remember,
    },
    /// No.
    Denied,
    /// The prompt was closed without an answer.
    Dismissed,
}

/// How it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A code was delivered.
    Delivered {
        /// What it stands for.
        scopes: BTreeSet<Scope>,
        /// How the user agreed.
        mode: ConsentMode,
    },
    /// Grants have ended.
    Revoked {
        /// What the authorization server was told.
        server: ServerEnd,
    },
    /// A method of the host's own gave its result.
    Answered,
    /// The page was told why not.
    Refused(Reason),
    /// The document was gone; nothing was delivered.
    DocumentGone,
}
