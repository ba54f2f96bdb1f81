//! Host → authorization server: "issue a code for mini-program M, user U, scope S".

use std::{collections::BTreeSet, time::Duration};

use crate::{
    Approval, Audience, ClientId, ConsentEvidence, ConsentMode, CorrelationId, RedirectUri, Scope,
    Ticket, User,
};

/// A code request. Only an [`Approval`] makes one, and it is used up by that.
#[derive(Debug)]
pub struct CodeRequest {
    ticket: Ticket,
    correlation: CorrelationId,
    user: User,
    asked: AskedCode,
    scopes: BTreeSet<Scope>,
    evidence: ConsentEvidence,
    time_allowed: Duration,
}

/// What the mini-program supplied for the server, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedCode {
    /// The client that will redeem the code.
    pub client_id: ClientId,
    /// Where; one of the manifest's.
    pub redirect_uri: RedirectUri,
    /// The S256 challenge (RFC 7636 §4.2); the verifier stays with the mini-program.
    pub code_challenge: String,
    /// For an ID token.
    pub nonce: Option<String>,
    /// The resource (RFC 8707).
    pub audience: Option<Audience>,
    /// Passed on.
    pub acr_values: Vec<String>,
    /// Passed on; seconds.
    pub max_age: Option<u64>,
}

/// What a code request needs beside the approval.
pub(crate) struct Draft {
    pub(crate) ticket: Ticket,
    pub(crate) correlation: CorrelationId,
    pub(crate) user: User,
    pub(crate) asked: AskedCode,
    pub(crate) jti: String,
    pub(crate) time_allowed: Duration,
}

impl CodeRequest {
    pub(crate) fn new(approval: Approval, draft: Draft) -> Self {
        let Draft { ticket, correlation, user, asked, jti, time_allowed } = draft;
        let scopes = approval.scopes().clone();
        let evidence = approval.into_evidence(jti);
        Self { ticket, correlation, user, asked, scopes, evidence, time_allowed }
    }

    /// To be repeated with the outcome.
    pub fn ticket(&self) -> Ticket {
        self.ticket
    }

    /// For the host's log.
    pub fn correlation(&self) -> &CorrelationId {
        &self.correlation
    }

    /// Whose token goes with the request; a token of another user or epoch must not.
    pub fn user(&self) -> &User {
        &self.user
    }

    /// What the mini-program supplied.
    pub fn asked(&self) -> &AskedCode {
        &self.asked
    }

    /// What the user agreed to.
    pub fn scopes(&self) -> &BTreeSet<Scope> {
        &self.scopes
    }

    /// How the user agreed.
    pub fn mode(&self) -> ConsentMode {
        self.evidence.mode
    }

    /// What the server is told of it.
    pub fn evidence(&self) -> &ConsentEvidence {
        &self.evidence
    }

    /// How long the exchange may take in all; after that nobody waits for it.
    pub fn time_allowed(&self) -> Duration {
        self.time_allowed
    }
}
