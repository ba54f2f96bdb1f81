//! Requests that wait. Each holds the right to its one answer and leaves the list of them by using
//! it, or because its document is gone.

use std::collections::BTreeSet;

use minihost_protocol::{
    Failure, Reason, declaration::Prompting, method::request_code::RequestCode,
};

use super::{
    CallContext, Effect, Mediator,
    code_work::{Agreed, CodeWork, Manner, Seen, Stage},
    responder::Responder,
    silent::Question,
};
use crate::{
    Action, AuditEvent, GrantKey, HostMethodName, MiniProgramId, Moment, Outcome, Scope, Ticket,
    UserId,
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
    Revocation,
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
    /// Without which the program may not call it.
    pub(super) rests_on: Option<GrantKey>,
    pub(super) prompting: Prompting,
}

/// A code request that waits for the user to sign in, or to come back from a browser.
pub(super) struct SigningIn {
    pub(super) errand: Errand,
    pub(super) request: RequestCode,
    pub(super) context: CallContext,
    pub(super) chance: Chance,
    /// What its user has agreed to before the server wanted more.
    pub(super) agreed: Option<Box<Agreed>>,
    /// What its user has seen and answered before.
    pub(super) seen: Seen,
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
    /// Whether the user has something else than a prompt before them for it.
    pub(super) fn fills_screen(&self) -> bool {
        match self {
            Self::SignIn(_) | Self::Settings => true,
            Self::HostMethod(called) => called.prompting != Prompting::Never,
            Self::Code(_) | Self::Silent(_) | Self::Revocation => false,
        }
    }

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
                let event = event.of(Action::RequestCode, program, user, asked);
                Some(Effect::Audit(work.seen.noted(received, event)))
            }
            Self::HostMethod(call) => {
                let (program, user) = (call.mini_program.clone(), call.user.clone());
                let action = Action::CallMethod(call.method.clone());
                Some(Effect::Audit(event.of(action, program, user, BTreeSet::new())))
            }
            Self::Revocation | Self::Settings => None,
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
                Stage::Accepted | Stage::Saving { .. } | Stage::Ending { .. } => {}
                Stage::Issuing { .. } => effects.push(Effect::AbandonCode(ticket)),
            },
            Work::HostMethod(_) => effects.push(Effect::AbandonMethod(ticket)),
            Work::SignIn(_) => effects.push(Effect::AbandonSignIn(ticket)),
            Work::Silent(_) | Work::Revocation | Work::Settings => {}
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
