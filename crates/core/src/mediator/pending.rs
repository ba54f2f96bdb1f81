//! Requests that wait. Each holds the right to its one answer and leaves this list by using it,
//! or because its document is gone.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use minihost_protocol::{
    Failure, Reason, RequestId,
    method::request_code::{Prompt, RequestCode},
};

use super::{
    CallContext, Effect, Mediator, responder::Responder, revocation::RevocationId, silent::Question,
};
use crate::{
    Action, Approval, AskedCode, AuditEvent, ConsentMode, DocumentId, GrantParty, HostMethodName,
    MiniProgramId, Moment, Outcome, PromptId, SaveId, Scope, SessionId, Ticket, User, UserChoice,
    UserId, ViewDigest,
};

/// One request, from its acceptance to its end.
pub(super) struct Pending {
    pub(super) responder: Responder,
    pub(super) received: Moment,
    pub(super) work: Work,
}

/// What a request wants.
pub(super) enum Work {
    /// A code.
    Code(Box<CodeWork>),
    /// To know something that it shall not learn; answered when its time is up, and not before.
    Silent(Question),
    /// The end of grants.
    Revocation(RevocationId),
    /// The host's settings on screen.
    Settings,
    /// What a method of the host's own gives.
    HostMethod(Box<Called>),
    /// The user to sign in again or to choose an account, before it goes on.
    SignIn(Box<SigningIn>),
}

/// One call of a method of the host's own.
pub(super) struct Called {
    pub(super) method: HostMethodName,
    pub(super) mini_program: MiniProgramId,
    pub(super) user: Option<UserId>,
}

/// A code request that waits for the user to sign in, or to come back from a browser.
pub(super) struct SigningIn {
    pub(super) errand: Errand,
    pub(super) request: RequestCode,
    pub(super) context: CallContext,
    pub(super) chance: Chance,
    pub(super) mini_program: MiniProgramId,
    pub(super) user: Option<UserId>,
}

/// What the user was sent to do.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Errand {
    SignIn,
    Browser,
}

/// Whether the host may still satisfy the authorization server, which it may once for a request.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Chance {
    Open,
    Taken,
}

/// One request for a code.
pub(super) struct CodeWork {
    pub(super) asked: AskedCode,
    pub(super) scopes: Arc<BTreeSet<Scope>>,
    pub(super) prompt: Prompt,
    pub(super) state: Option<String>,
    pub(super) party: GrantParty,
    pub(super) user: User,
    pub(super) manner: Manner,
    pub(super) stage: Stage,
    /// What the user saw, once something was shown for it.
    pub(super) digest: Option<ViewDigest>,
    /// What the user answered, and the uptime then.
    pub(super) choice: Option<(UserChoice, Duration)>,
    /// The uptime at which the server was asked.
    pub(super) sent: Option<Duration>,
    pub(super) chance: Chance,
    /// How it came, for a request that begins anew once the user has signed in again.
    pub(super) context: CallContext,
}

/// What the page may learn of a failure.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    /// Its reason, at once.
    Open,
    /// Nothing, and not before this uptime.
    Silent(Duration),
}

/// What a code request waits for.
pub(super) enum Stage {
    /// Nothing yet.
    Accepted,
    /// The user.
    Prompting { prompt: PromptId },
    /// The store of grants.
    Saving { save: SaveId, approval: Approval },
    /// The authorization server.
    Issuing { scopes: BTreeSet<Scope>, mode: ConsentMode },
}

impl Pending {
    /// The code request, where it is one.
    pub(super) fn code(&self) -> Option<&CodeWork> {
        match &self.work {
            Work::Code(work) => Some(work),
            _ => None,
        }
    }
}

impl Work {
    /// The audit event of the request's end, where it is one that is written down.
    pub(super) fn audit(
        &self,
        now: Moment,
        responder: &Responder,
        received: Moment,
        outcome: Outcome,
    ) -> Option<Effect> {
        let event = Ended { now, responder, received, outcome };
        match self {
            Self::Code(work) => Some(work.audit(event)),
            Self::Silent(question) => question.audit(event),
            Self::SignIn(work) => {
                let asked = work.request.scopes.iter().map(Scope::new).collect();
                let (program, user) = (work.mini_program.clone(), work.user.clone());
                Some(Effect::Audit(event.of(Action::RequestCode, program, user, asked)))
            }
            Self::HostMethod(call) => {
                let (program, user) = (call.mini_program.clone(), call.user.clone());
                let action = Action::CallMethod(call.method.clone());
                Some(Effect::Audit(event.of(action, program, user, BTreeSet::new())))
            }
            Self::Revocation(_) | Self::Settings => None,
        }
    }
}

/// The end of a request.
pub(super) struct Ended<'a> {
    pub(super) now: Moment,
    pub(super) responder: &'a Responder,
    pub(super) received: Moment,
    pub(super) outcome: Outcome,
}

impl Ended<'_> {
    /// As it is written down.
    pub(super) fn of(
        self,
        action: Action,
        mini_program: MiniProgramId,
        user: Option<UserId>,
        asked: BTreeSet<Scope>,
    ) -> AuditEvent {
        AuditEvent {
            at: self.now.time,
            correlation: self.responder.correlation.clone(),
            mini_program,
            user,
            action,
            asked,
            digest: None,
            choice: None,
            outcome: self.outcome,
            took: self.now.uptime.saturating_sub(self.received.uptime),
            waited_for_user: None,
            waited_for_server: None,
        }
    }
}

impl CodeWork {
    pub(super) fn audit(&self, ended: Ended<'_>) -> Effect {
        let (now, received) = (ended.now.uptime, ended.received.uptime);
        let (program, user) = (self.party.mini_program.clone(), Some(self.user.id.clone()));
        Effect::Audit(AuditEvent {
            digest: self.digest.clone(),
            choice: self.choice.as_ref().map(|(choice, _)| choice.clone()),
            waited_for_user: self.choice.as_ref().map(|(_, at)| at.saturating_sub(received)),
            waited_for_server: self.sent.map(|sent| now.saturating_sub(sent)),
            ..ended.of(Action::RequestCode, program, user, (*self.scopes).clone())
        })
    }

    /// The request, as the page could have made it.
    pub(super) fn into_request(self) -> RequestCode {
        let AskedCode {
            redirect_uri, code_challenge, nonce, audience, acr_values, max_age, ..
        } = self.asked;
        RequestCode {
            scopes: self.scopes.iter().map(ToString::to_string).collect(),
            code_challenge,
            redirect_uri: Some(redirect_uri.to_string()),
            state: self.state,
            nonce,
            audience: audience.map(|audience| audience.to_string()),
            prompt: self.prompt,
            acr_values,
            max_age,
        }
    }
}

/// All requests that wait.
#[derive(Default)]
pub(super) struct Pendings {
    waiting: BTreeMap<Ticket, Box<(Duration, Pending)>>,
    of_document: BTreeMap<(SessionId, DocumentId), Vec<Ticket>>,
    deadlines: BTreeSet<(Duration, Ticket)>,
    last: u64,
}

impl Pendings {
    pub(super) fn new_ticket(&mut self) -> Ticket {
        self.last += 1;
        Ticket(self.last)
    }

    /// Lets a request wait until this uptime at most.
    pub(super) fn insert(&mut self, ticket: Ticket, deadline: Duration, pending: Pending) {
        let document = (pending.responder.session, pending.responder.document);
        // Most pages wait for one answer at a time.
        self.of_document.entry(document).or_insert_with(|| Vec::with_capacity(1)).push(ticket);
        self.deadlines.insert((deadline, ticket));
        self.waiting.insert(ticket, Box::new((deadline, pending)));
    }

    pub(super) fn take(&mut self, ticket: Ticket) -> Option<Pending> {
        let (deadline, pending) = *self.waiting.remove(&ticket)?;
        self.deadlines.remove(&(deadline, ticket));
        let document = (pending.responder.session, pending.responder.document);
        if let Some(tickets) = self.of_document.get_mut(&document) {
            tickets.retain(|waiting| *waiting != ticket);
            if tickets.is_empty() {
                self.of_document.remove(&document);
            }
        }
        Some(pending)
    }

    pub(super) fn get(&self, ticket: Ticket) -> Option<&Pending> {
        self.waiting.get(&ticket).map(|waiting| &waiting.1)
    }

    /// The code request with this ticket.
    pub(super) fn code_mut(&mut self, ticket: Ticket) -> Option<&mut CodeWork> {
        match &mut self.waiting.get_mut(&ticket)?.1.work {
            Work::Code(work) => Some(work),
            _ => None,
        }
    }

    /// Moves a request's deadline.
    pub(super) fn wait_until(&mut self, ticket: Ticket, deadline: Duration) {
        let Some(waiting) = self.waiting.get_mut(&ticket) else { return };
        let until = &mut waiting.0;
        self.deadlines.remove(&(*until, ticket));
        self.deadlines.insert((deadline, ticket));
        *until = deadline;
    }

    /// The approval of a request that waits for the store. The request waits for the server next.
    pub(super) fn take_approval(&mut self, ticket: Ticket) -> Option<Approval> {
        let stage = &mut self.code_mut(ticket)?.stage;
        let Stage::Saving { approval, .. } = stage else { return None };
        let (scopes, mode) = (approval.scopes().clone(), approval.mode());
        match std::mem::replace(stage, Stage::Issuing { scopes, mode }) {
            Stage::Saving { approval, .. } => Some(approval),
            Stage::Accepted | Stage::Prompting { .. } | Stage::Issuing { .. } => None,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    pub(super) fn tickets(&self) -> Vec<Ticket> {
        self.waiting.keys().copied().collect()
    }

    pub(super) fn of_session(&self, session: SessionId) -> Vec<Ticket> {
        let all = (session, DocumentId(0))..=(session, DocumentId(u64::MAX));
        self.of_document.range(all).flat_map(|(_, tickets)| tickets.iter().copied()).collect()
    }

    pub(super) fn of_save(&self, save: SaveId) -> Vec<Ticket> {
        let waits = |pending: &Pending| {
            pending.code().is_some_and(
                |work| matches!(work.stage, Stage::Saving { save: waited, .. } if waited == save),
            )
        };
        let waiting = self.waiting.iter().filter(|(_, waiting)| waits(&waiting.1));
        waiting.map(|(ticket, _)| *ticket).collect()
    }

    /// The code requests that a test fits.
    pub(super) fn codes_where(&self, fits: impl Fn(&CodeWork) -> bool) -> Vec<Ticket> {
        let codes = self.waiting.iter().filter(|(_, one)| one.1.code().is_some_and(&fits));
        codes.map(|(ticket, _)| *ticket).collect()
    }

    pub(super) fn due(&self, uptime: Duration) -> Vec<Ticket> {
        let due = self.deadlines.range(..=(uptime, Ticket(u64::MAX)));
        let mut tickets: Vec<Ticket> = due.map(|(_, ticket)| *ticket).collect();
        tickets.sort_unstable();
        tickets
    }

    pub(super) fn of_document(&self, session: SessionId, document: DocumentId) -> &[Ticket] {
        self.of_document.get(&(session, document)).map_or(&[], Vec::as_slice)
    }

    pub(super) fn find(
        &self,
        session: SessionId,
        document: DocumentId,
        id: &RequestId,
    ) -> Option<Ticket> {
        let own = self.of_document(session, document).iter().copied();
        own.into_iter()
            .find(|ticket| self.get(*ticket).is_some_and(|pending| pending.responder.id == *id))
    }

    /// Whether the user is signing in for a request.
    pub(super) fn is_signing_in(&self) -> bool {
        self.waiting.values().any(|waiting| matches!(waiting.1.work, Work::SignIn(_)))
    }

    pub(super) fn next_deadline(&self) -> Option<Duration> {
        self.deadlines.first().map(|(deadline, _)| *deadline)
    }
}

impl Mediator {
    /// Ends a request with an error. One that must not learn why waits on.
    pub(super) fn fail(
        &mut self,
        now: Moment,
        ticket: Ticket,
        failure: &Failure,
        effects: &mut Vec<Effect>,
    ) {
        let Some(pending) = self.remove(ticket, effects) else { return };
        self.conclude(now, ticket, pending, failure, effects);
    }

    /// Answers a request that is off the list, unless it must not learn why.
    pub(super) fn conclude(
        &mut self,
        now: Moment,
        ticket: Ticket,
        pending: Pending,
        failure: &Failure,
        effects: &mut Vec<Effect>,
    ) {
        match pending.code().map(|work| work.manner) {
            Some(Manner::Silent(until)) if failure.reason != Reason::Aborted => {
                self.hold(now, ticket, pending, until, effects);
            }
            _ => refuse(now, pending, failure, effects),
        }
    }

    /// Ends a request whose document is gone.
    pub(super) fn drop_unheard(&mut self, now: Moment, ticket: Ticket, effects: &mut Vec<Effect>) {
        let Some(Pending { responder, received, work }) = self.remove(ticket, effects) else {
            return;
        };
        effects.extend(work.audit(now, &responder, received, Outcome::DocumentGone));
    }

    /// Takes a request off the list, and ends what went on for it: its code request, and its prompt
    /// where nobody else waits for that.
    fn remove(&mut self, ticket: Ticket, effects: &mut Vec<Effect>) -> Option<Pending> {
        let pending = self.pendings.take(ticket)?;
        match &pending.work {
            Work::Code(work) => match work.stage {
                Stage::Prompting { prompt } => {
                    if self.sheets.leave(prompt, ticket) {
                        effects.push(Effect::DismissPrompt(prompt));
                    }
                }
                Stage::Accepted | Stage::Saving { .. } => {}
                Stage::Issuing { .. } => effects.push(Effect::AbandonCode(ticket)),
            },
            Work::HostMethod(_) => effects.push(Effect::AbandonMethod(ticket)),
            Work::SignIn(_) => effects.push(Effect::AbandonSignIn(ticket)),
            Work::Silent(_) | Work::Revocation(_) | Work::Settings => {}
        }
        Some(pending)
    }
}

/// Answers a request that is off the list with an error.
pub(super) fn refuse(now: Moment, pending: Pending, failure: &Failure, effects: &mut Vec<Effect>) {
    let Pending { responder, received, work } = pending;
    let audit = work.audit(now, &responder, received, Outcome::Refused(failure.reason));
    effects.push(responder.fail(failure));
    effects.extend(audit);
}

/// The failure where nobody may be prompted.
pub(super) fn interaction_required(message: &str) -> Failure {
    Failure::new(Reason::InteractionRequired, message)
}
