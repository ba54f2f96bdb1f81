//! The authorization server has answered.

use std::collections::{BTreeMap, BTreeSet};

use minihost_protocol::{
    Failure, Reason,
    method::request_code::{Code, Denied},
};

use super::{
    Effect, Mediator,
    pending::{Pending, Stage, refuse},
};
use crate::{ConsentMode, IssueFailure, IssuedCode, Moment, Outcome, Scope, Ticket};

impl Mediator {
    /// Delivers the code, or says why there is none. A request that is over gets nothing, and the
    /// code is dropped.
    pub(super) fn code_issued(
        &mut self,
        now: Moment,
        ticket: Ticket,
        outcome: Result<IssuedCode, IssueFailure>,
        effects: &mut Vec<Effect>,
    ) {
        let Some(Stage::Issuing { scopes, mode }) = self.pendings.stage(ticket) else { return };
        let (agreed, mode) = (scopes.clone(), *mode);
        let Some(pending) = self.pendings.take(ticket) else { return };
        match outcome.map_err(failure_of).and_then(|issued| self.check(&pending, &agreed, issued)) {
            Err(failure) => refuse(now, pending, &failure, effects),
            Ok((issued, granted)) => {
                if let Some(grant_id) = &issued.grant_id {
                    self.note_grant_id(now, &pending.party, &granted, grant_id, effects);
                }
                deliver(now, pending, &issued, &granted, &agreed, mode, effects);
            }
        }
    }

    /// Holds the answer against what was asked. What does not fit is not delivered.
    fn check(
        &self,
        pending: &Pending,
        agreed: &BTreeSet<Scope>,
        issued: IssuedCode,
    ) -> Result<(IssuedCode, BTreeSet<Scope>), Failure> {
        let granted = issued.scopes.clone().unwrap_or_else(|| agreed.clone());
        let right_client = issued.client_id == pending.asked.client_id;
        let right_issuer =
            issued.issuer.as_ref().is_none_or(|issuer| *issuer == self.config.issuer);
        if right_client && right_issuer && granted.is_subset(agreed) && !granted.is_empty() {
            return Ok((issued, granted));
        }
        Err(failure_of(IssueFailure { reason: Reason::ServerError, retry_after: None }))
    }
}

fn deliver(
    now: Moment,
    pending: Pending,
    issued: &IssuedCode,
    granted: &BTreeSet<Scope>,
    agreed: &BTreeSet<Scope>,
    mode: ConsentMode,
    effects: &mut Vec<Effect>,
) {
    let denied_scopes: BTreeMap<&str, Denied> = pending
        .scopes
        .difference(granted)
        .map(|scope| {
            let by_server = agreed.contains(scope);
            let why = if by_server { Denied::ServerRefused } else { Denied::UserDenied };
            (scope.as_str(), why)
        })
        .collect();
    let code = Code {
        code: issued.code.expose(),
        state: pending.state.as_deref(),
        iss: issued.issuer.as_ref().map(|issuer| issuer.as_str()),
        client_id: pending.asked.client_id.as_str(),
        redirect_uri: pending.asked.redirect_uri.as_str(),
        granted_scopes: granted.iter().map(Scope::as_str).collect(),
        denied_scopes,
        expires_in: issued.expires_in,
    };
    let audit = pending.audit(now, Outcome::Delivered { scopes: granted.clone(), mode });
    effects.push(pending.responder.succeed(&code));
    effects.push(audit);
}

/// What the page hears of a failed code request: never the server's own text.
fn failure_of(failed: IssueFailure) -> Failure {
    let message = match failed.reason {
        Reason::DeniedByServer => "The authorization server refused.",
        Reason::LoginRequired => "The user must sign in to the host again.",
        Reason::InteractionRequired => "The user must do something at the authorization server.",
        Reason::ConsentRequired => "The authorization server wants the user's consent.",
        Reason::AccountSelectionRequired => "The user must choose an account.",
        Reason::InvalidScope => "The authorization server does not accept the scopes.",
        Reason::UnauthorizedClient => "This host may not ask for codes of this mini-program.",
        Reason::Network => "The authorization server could not be reached.",
        Reason::Timeout => "The authorization server did not answer in time.",
        Reason::TemporarilyUnavailable => "The authorization server is not available just now.",
        Reason::ServerError => "The authorization server's answer was not acceptable.",
        _ => "The host could not get a code.",
    };
    let failure = Failure::new(failed.reason, message);
    match failed.retry_after {
        Some(seconds) => failure.retry_after(seconds),
        None => failure,
    }
}
