//! The authorization server has answered.

use std::collections::{BTreeMap, BTreeSet};

use minihost_protocol::{
    Failure, Reason,
    method::request_code::{Code, Denied},
};

use super::{
    Effect, Mediator,
    code_work::{CodeWork, Stage},
    grants::Known,
    pending::{Ended, Pending, Work},
};
use crate::{ClientId, IssueFailure, IssuedCode, Moment, Outcome, Scope, Ticket};

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
        let Some(work) = self.pendings.code_mut(ticket) else { return };
        let Stage::Issuing { scopes, mode, decision } = &work.stage else { return };
        let (agreed, mode, decision) = (scopes.clone(), *mode, decision.clone());
        let client_id = work.asked.client_id.clone();
        let checked = outcome.and_then(|issued| self.check(&client_id, &agreed, issued));
        let (issued, granted) = match checked {
            Ok(checked) => checked,
            // It has come back by itself: there is nothing to give up.
            Err(failed) => {
                if self.take_chance(now, ticket, &failed, effects) {
                    return;
                }
                let failure = failure_of(&failed);
                let Some(pending) = self.pendings.take(ticket) else { return };
                return self.conclude(now, ticket, pending, &failure, effects);
            }
        };
        let taken = self.pendings.take(ticket);
        let Some(Pending { responder, received, work: Work::Code(work) }) = taken else { return };
        if let Some(grant_id) = &issued.grant_id {
            let known = Known { party: &work.party, scopes: &granted, decision: &decision };
            self.note_grant_id(now, responder.session, &known, grant_id, effects);
        }
        let code = code_of(&work, &issued, &granted, &agreed);
        let delivered = Outcome::Delivered { scopes: granted.clone(), mode };
        let audit = work.audit(Ended { now, responder: &responder, received, outcome: delivered });
        effects.push(responder.succeed(&code));
        effects.push(audit);
    }

    /// Holds the answer against what was asked. What does not fit is not delivered.
    fn check(
        &self,
        client_id: &ClientId,
        agreed: &BTreeSet<Scope>,
        issued: IssuedCode,
    ) -> Result<(IssuedCode, BTreeSet<Scope>), IssueFailure> {
        let granted = issued.scopes.clone().unwrap_or_else(|| agreed.clone());
        let right_client = issued.client_id == *client_id;
        let right_issuer =
            issued.issuer.as_ref().is_none_or(|issuer| *issuer == self.config.issuer);
        if right_client && right_issuer && granted.is_subset(agreed) && !granted.is_empty() {
            return Ok((issued, granted));
        }
        Err(IssueFailure::because(Reason::ServerError))
    }
}

fn code_of<'a>(
    work: &'a CodeWork,
    issued: &'a IssuedCode,
    granted: &'a BTreeSet<Scope>,
    agreed: &BTreeSet<Scope>,
) -> Code<'a> {
    let denied_scopes: BTreeMap<&str, Denied> = work
        .scopes
        .difference(granted)
        .map(|scope| {
            let by_server = agreed.contains(scope);
            let why = if by_server { Denied::ServerRefused } else { Denied::UserDenied };
            (scope.as_str(), why)
        })
        .collect();
    Code {
        code: issued.code.expose(),
        state: work.state.as_deref(),
        iss: issued.issuer.as_ref().map(|issuer| issuer.as_str()),
        client_id: work.asked.client_id.as_str(),
        redirect_uri: work.asked.redirect_uri.as_str(),
        granted_scopes: granted.iter().map(Scope::as_str).collect(),
        denied_scopes,
        expires_in: issued.expires_in,
    }
}

/// What the page hears of a failed code request: never the server's own text.
fn failure_of(failed: &IssueFailure) -> Failure {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_of_a_server_has_a_sentence_of_its_own() {
        let reasons = [
            Reason::DeniedByServer,
            Reason::LoginRequired,
            Reason::InteractionRequired,
            Reason::ConsentRequired,
            Reason::AccountSelectionRequired,
            Reason::InvalidScope,
            Reason::UnauthorizedClient,
            Reason::Network,
            Reason::Timeout,
            Reason::TemporarilyUnavailable,
            Reason::ServerError,
            Reason::Internal,
        ];
        let sentences = reasons.map(|reason| failure_of(&IssueFailure::because(reason)).message);
        assert_eq!(BTreeSet::from(sentences.clone()).len(), reasons.len(), "{sentences:?}");
    }
}
