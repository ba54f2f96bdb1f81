//! A way of the host app's own to ask for codes.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use minihost::{
    AuthorizationCode, ClientId, GrantId, IssueFailure, Issuer, Reason, Scope, Ticket,
    ports::{self, GrantEnding, IssueError, Later},
};

use crate::{
    MiniHost,
    audit::milliseconds,
    config::User,
    error::{HostError, MethodResultError},
    methods,
    port_error::{PortError, asked},
};

/// Asks for codes in a way of the host app's own. Called on a thread of the SDK.
///
/// An implementation sends the user's token of exactly this user, follows no redirect that leaves the
/// server, repeats nothing once bytes were sent, and checks that the answer is for the client that was named.
#[uniffi::export(foreign)]
pub trait CodeIssuer: Send + Sync {
    /// Begins to ask for a code, and returns. What comes of it is told by
    /// [`code_issued`](crate::MiniHost::code_issued) or [`code_refused`](crate::MiniHost::code_refused)
    /// with the same ticket.
    ///
    /// # Errors
    /// [`PortError`]; the page hears `internal`.
    fn issue(&self, request: WantedCode) -> Result<(), PortError>;

    /// Begins to end a grant at the server, with its codes and tokens, and returns. What comes of it is told
    /// by [`grant_ended`](crate::MiniHost::grant_ended) with the same ticket.
    ///
    /// # Errors
    /// [`PortError`]; it is tried again at a later start of the host.
    fn end_grant(
        &self,
        ticket: u64,
        grant_id: String,
        time_allowed_ms: u64,
    ) -> Result<(), PortError>;

    /// Gives either up: nobody waits for it any more.
    ///
    /// # Errors
    /// [`PortError`]; nothing follows from it.
    fn abandon(&self, ticket: u64) -> Result<(), PortError>;
}

/// A code that a mini-program asks for, and that the user has agreed to.
#[derive(Clone, Debug, uniffi::Record)]
pub struct WantedCode {
    /// To be repeated.
    pub ticket: u64,
    /// For the host's log.
    pub correlation: String,
    /// Whose token goes with the request; a token of another user or epoch must not.
    pub user: User,
    /// The client that will redeem the code.
    pub client_id: String,
    /// Where it will.
    pub redirect_uri: String,
    /// What the user agreed to.
    pub scopes: Vec<String>,
    /// The S256 challenge (RFC 7636 §4.2).
    pub code_challenge: String,
    /// For an ID token.
    pub nonce: Option<String>,
    /// The resource (RFC 8707).
    pub audience: Option<String>,
    /// Passed on.
    pub acr_values: Vec<String>,
    /// Passed on; seconds.
    pub max_age: Option<u64>,
    /// The evidence of the user's consent, a JSON object, for servers that want it.
    pub consent: String,
    /// Milliseconds that the exchange may take in all; after that nobody waits for it.
    pub time_allowed_ms: u64,
}

/// What the server says of a code, besides the code.
#[derive(Clone, Debug, uniffi::Record)]
pub struct CodeFacts {
    /// The client that can redeem it, as the server says. A code for another one is dropped.
    pub client_id: String,
    /// What it stands for; none where the server says: as asked.
    pub scopes: Option<Vec<String>>,
    /// The issuer that it comes from, where that was verified.
    pub issuer: Option<String>,
    /// Seconds it lives.
    pub expires_in: Option<u64>,
    /// The server's name for the grant behind it.
    pub grant_id: Option<String>,
}

/// What came of the end of a grant at the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum GrantEnded {
    /// The server has ended its codes and tokens.
    Ended,
    /// The server has no way to be told.
    LocalOnly,
    /// It could not be told now, and is told at a later start of the host.
    NotYet,
}

#[uniffi::export]
impl MiniHost {
    /// Gives a code. Where nobody waits for it any more, nothing follows.
    ///
    /// # Errors
    /// [`HostError`].
    pub fn code_issued(
        &self,
        ticket: u64,
        code: String,
        facts: CodeFacts,
    ) -> Result<(), HostError> {
        let issued = facts.with(AuthorizationCode::new(code));
        self.running()?.answers.codes.answer(Ticket(ticket), Ok(issued));
        Ok(())
    }

    /// Says why there is no code: one of the bridge's reasons, and the seconds after which the page may
    /// try again. Where nobody waits for it any more, nothing follows.
    ///
    /// # Errors
    /// [`MethodResultError::UnknownReason`].
    pub fn code_refused(
        &self,
        ticket: u64,
        reason: String,
        retry_after: Option<u64>,
    ) -> Result<(), MethodResultError> {
        let failure =
            IssueFailure { retry_after, ..IssueFailure::because(methods::reason(&reason)?) };
        self.running()?.answers.codes.answer(Ticket(ticket), Err(IssueError::Own(failure)));
        Ok(())
    }

    /// Tells what came of the end of a grant. Where nobody waits for it any more, nothing follows.
    ///
    /// # Errors
    /// [`HostError`].
    pub fn grant_ended(&self, ticket: u64, ended: GrantEnded) -> Result<(), HostError> {
        self.running()?.answers.endings.answer(Ticket(ticket), ended);
        Ok(())
    }
}

/// What came of a code request of the host app's own.
pub(crate) type Issued = Result<minihost::IssuedCode, IssueError>;

/// A foreign code issuer as a port of the SDK.
pub(crate) struct ForeignIssuer {
    pub(crate) port: Arc<dyn CodeIssuer>,
    pub(crate) codes: Later<Issued>,
    pub(crate) endings: Later<GrantEnded>,
    pub(crate) last: Arc<AtomicU64>,
}

impl ForeignIssuer {
    fn ticket(&self) -> Ticket {
        Ticket(self.last.fetch_add(1, Ordering::Relaxed) + 1)
    }
}

#[async_trait]
impl ports::CodeIssuer for ForeignIssuer {
    async fn issue(&self, request: &minihost::CodeRequest) -> Issued {
        let ticket = self.ticket();
        let wanted = WantedCode::of(ticket, request);
        let (issue, abandon) = (self.port.clone(), self.port.clone());
        let issued = self.codes.ask(
            ticket,
            move || asked("CodeIssuer.issue", issue.issue(wanted)),
            move || PortError::note("CodeIssuer.abandon", abandon.abandon(ticket.0)),
        );
        let failed = |_| Err(IssueError::Own(IssueFailure::because(Reason::Internal)));
        issued.await.unwrap_or_else(failed)
    }

    async fn end_grant(
        &self,
        grant: &GrantId,
        time_allowed: Duration,
    ) -> Result<GrantEnding, IssueError> {
        let ticket = self.ticket();
        let (grant, time_allowed) = (grant.as_str().to_owned(), milliseconds(time_allowed));
        let (end, abandon) = (self.port.clone(), self.port.clone());
        let ended = self.endings.ask(
            ticket,
            move || asked("CodeIssuer.end_grant", end.end_grant(ticket.0, grant, time_allowed)),
            move || PortError::note("CodeIssuer.abandon", abandon.abandon(ticket.0)),
        );
        match ended.await.unwrap_or(GrantEnded::NotYet) {
            GrantEnded::Ended => Ok(GrantEnding::Ended),
            GrantEnded::LocalOnly => Ok(GrantEnding::LocalOnly),
            GrantEnded::NotYet => {
                Err(IssueError::Own(IssueFailure::because(Reason::TemporarilyUnavailable)))
            }
        }
    }
}

impl WantedCode {
    fn of(ticket: Ticket, request: &minihost::CodeRequest) -> Self {
        let asked = request.asked();
        let consent = serde_json::to_string(request.evidence());
        Self {
            ticket: ticket.0,
            correlation: request.correlation().as_str().to_owned(),
            user: request.user().clone().into(),
            client_id: asked.client_id.as_str().to_owned(),
            redirect_uri: asked.redirect_uri.as_str().to_owned(),
            scopes: request.scopes().iter().map(ToString::to_string).collect(),
            code_challenge: asked.code_challenge.clone(),
            nonce: asked.nonce.clone(),
            audience: asked.audience.as_ref().map(|audience| audience.as_str().to_owned()),
            acr_values: asked.acr_values.clone(),
            max_age: asked.max_age,
            consent: consent.expect("evidence is made of strings"),
            time_allowed_ms: milliseconds(request.time_allowed()),
        }
    }
}

impl CodeFacts {
    fn with(self, code: AuthorizationCode) -> minihost::IssuedCode {
        let scopes = self.scopes.map(|scopes| scopes.into_iter().map(Scope::new).collect());
        minihost::IssuedCode {
            code,
            client_id: ClientId::new(self.client_id),
            scopes,
            issuer: self.issuer.map(Issuer::new),
            expires_in: self.expires_in,
            grant_id: self.grant_id.map(GrantId::new),
        }
    }
}
