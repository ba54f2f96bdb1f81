//! Requests that wait. Each holds the right to its one answer and leaves this list by using it,
//! or because its document is gone.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use minihost_protocol::{Failure, Reason, RequestId, method::request_code::Prompt};

use super::{Effect, Mediator, responder::Responder};
use crate::{
    Approval, AskedCode, AuditEvent, ConsentMode, DocumentId, GrantParty, Moment, Outcome,
    PromptId, SaveId, Scope, SessionId, Ticket, User, ViewDigest,
};

/// One request for a code, from its acceptance to its end.
pub(super) struct Pending {
    pub(super) responder: Responder,
    pub(super) asked: AskedCode,
    pub(super) scopes: BTreeSet<Scope>,
    pub(super) prompt: Prompt,
    pub(super) state: Option<String>,
    pub(super) party: GrantParty,
    pub(super) user: User,
    pub(super) received: Moment,
    /// The uptime at which its stage has lasted long enough.
    pub(super) deadline: Duration,
    pub(super) stage: Stage,
    /// What the user saw, once something was shown for it.
    pub(super) digest: Option<ViewDigest>,
}

/// What a request waits for.
pub(super) enum Stage {
    /// The user.
    Prompting { prompt: PromptId },
    /// The store of grants.
    Saving { save: SaveId, approval: Approval },
    /// The authorization server.
    Issuing { scopes: BTreeSet<Scope>, mode: ConsentMode },
}

impl Pending {
    /// The audit event of the request's end.
    pub(super) fn audit(&self, now: Moment, outcome: Outcome) -> Effect {
        Effect::Audit(AuditEvent {
            at: now.time,
            correlation: self.responder.correlation.clone(),
            mini_program: self.party.mini_program.clone(),
            user: Some(self.user.id.clone()),
            asked: self.scopes.clone(),
            digest: self.digest.clone(),
            outcome,
            took: now.uptime.saturating_sub(self.received.uptime),
        })
    }
}

/// All requests that wait.
#[derive(Default)]
pub(super) struct Pendings {
    waiting: BTreeMap<Ticket, Pending>,
    last: u64,
}

impl Pendings {
    pub(super) fn new_ticket(&mut self) -> Ticket {
        self.last += 1;
        Ticket(self.last)
    }

    pub(super) fn insert(&mut self, ticket: Ticket, pending: Pending) {
        self.waiting.insert(ticket, pending);
    }

    pub(super) fn take(&mut self, ticket: Ticket) -> Option<Pending> {
        self.waiting.remove(&ticket)
    }

    pub(super) fn get_mut(&mut self, ticket: Ticket) -> Option<&mut Pending> {
        self.waiting.get_mut(&ticket)
    }

    /// The approval of a request that waits for the store. The request waits for the server next.
    pub(super) fn take_approval(&mut self, ticket: Ticket) -> Option<Approval> {
        let stage = &mut self.waiting.get_mut(&ticket)?.stage;
        let Stage::Saving { approval, .. } = stage else { return None };
        let (scopes, mode) = (approval.scopes().clone(), approval.mode());
        match std::mem::replace(stage, Stage::Issuing { scopes, mode }) {
            Stage::Saving { approval, .. } => Some(approval),
            Stage::Prompting { .. } | Stage::Issuing { .. } => None,
        }
    }

    pub(super) fn stage(&self, ticket: Ticket) -> Option<&Stage> {
        self.waiting.get(&ticket).map(|pending| &pending.stage)
    }

    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    pub(super) fn tickets(&self) -> Vec<Ticket> {
        self.waiting.keys().copied().collect()
    }

    pub(super) fn of_session(&self, session: SessionId) -> Vec<Ticket> {
        self.which(|pending| pending.responder.session == session)
    }

    pub(super) fn of_save(&self, save: SaveId) -> Vec<Ticket> {
        self.which(|pending| matches!(pending.stage, Stage::Saving { save: s, .. } if s == save))
    }

    pub(super) fn due(&self, uptime: Duration) -> Vec<Ticket> {
        self.which(|pending| pending.deadline <= uptime)
    }

    pub(super) fn of_document(&self, session: SessionId, document: DocumentId) -> usize {
        let same = |pending: &&Pending| {
            pending.responder.session == session && pending.responder.document == document
        };
        self.waiting.values().filter(same).count()
    }

    pub(super) fn find(
        &self,
        session: SessionId,
        document: DocumentId,
        id: &RequestId,
    ) -> Option<Ticket> {
        let found = self.waiting.iter().find(|(_, pending)| {
            let responder = &pending.responder;
            responder.session == session && responder.document == document && responder.id == *id
        });
        found.map(|(ticket, _)| *ticket)
    }

    pub(super) fn next_deadline(&self) -> Option<Duration> {
        self.waiting.values().map(|pending| pending.deadline).min()
    }

    fn which(&self, condition: impl Fn(&Pending) -> bool) -> Vec<Ticket> {
        let chosen = self.waiting.iter().filter(|(_, pending)| condition(pending));
        chosen.map(|(ticket, _)| *ticket).collect()
    }
}

impl Mediator {
    /// Ends a request with an error.
    pub(super) fn fail(
        &mut self,
        now: Moment,
        ticket: Ticket,
        failure: &Failure,
        effects: &mut Vec<Effect>,
    ) {
        if let Some(pending) = self.remove(ticket, effects) {
            refuse(now, pending, failure, effects);
        }
    }

    /// Ends a request whose document is gone.
    pub(super) fn drop_unheard(&mut self, now: Moment, ticket: Ticket, effects: &mut Vec<Effect>) {
        if let Some(pending) = self.remove(ticket, effects) {
            effects.push(pending.audit(now, Outcome::DocumentGone));
        }
    }

    /// Takes a request off the list, and ends what went on for it: its code request, and its prompt
    /// where nobody else waits for that.
    fn remove(&mut self, ticket: Ticket, effects: &mut Vec<Effect>) -> Option<Pending> {
        let pending = self.pendings.take(ticket)?;
        match pending.stage {
            Stage::Prompting { prompt } => {
                if self.sheets.leave(prompt, ticket) {
                    effects.push(Effect::DismissPrompt(prompt));
                }
            }
            Stage::Saving { .. } => {}
            Stage::Issuing { .. } => effects.push(Effect::AbandonCode(ticket)),
        }
        Some(pending)
    }
}

/// Answers a request that is off the list with an error.
pub(super) fn refuse(now: Moment, pending: Pending, failure: &Failure, effects: &mut Vec<Effect>) {
    let audit = pending.audit(now, Outcome::Refused(failure.reason));
    effects.push(pending.responder.fail(failure));
    effects.push(audit);
}

/// The failure where nobody may be prompted.
pub(super) fn interaction_required(message: &str) -> Failure {
    Failure::new(Reason::InteractionRequired, message)
}
