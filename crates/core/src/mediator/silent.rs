//! No probing: a program to which the user has granted nothing learns nothing by asking silently,
//! neither from the answer nor from the time it takes.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use minihost_protocol::method::check_session::Session;

use super::{
    Effect, Mediator,
    pending::{Ended, Pending, Work, interaction_required, refuse},
    responder::Responder,
};
use crate::{Action, MiniProgramId, Moment, Scope, Ticket, UserId};

/// What a page wants to know.
pub(super) enum Question {
    /// Whether its user is still there.
    Session,
    /// Whether a code can be had without asking the user.
    Code { asked: BTreeSet<Scope>, mini_program: MiniProgramId, user: Option<UserId> },
}

impl Question {
    pub(super) fn audit(&self, ended: Ended<'_>) -> Option<Effect> {
        let Self::Code { asked, mini_program, user } = self else { return None };
        let (program, user) = (mini_program.clone(), user.clone());
        Some(Effect::Audit(ended.of(Action::RequestCode, program, user, asked.clone())))
    }
}

impl Mediator {
    /// When a silent question that came now is answered.
    pub(super) fn silence_ends(&self, received: Moment) -> Duration {
        received.uptime.saturating_add(self.config.silent_delay)
    }

    /// Keeps a question until its time is up.
    pub(super) fn keep_silent(
        &mut self,
        received: Moment,
        responder: Responder,
        question: Question,
    ) {
        let ticket = self.pendings.new_ticket();
        let until = self.silence_ends(received);
        let work = Work::Silent(question);
        self.pendings.insert(ticket, until, Pending { responder, received, work });
    }

    /// Keeps a code request that has failed until its time is up.
    pub(super) fn hold(
        &mut self,
        now: Moment,
        ticket: Ticket,
        pending: Pending,
        until: Duration,
        effects: &mut Vec<Effect>,
    ) {
        let Pending { responder, received, work } = pending;
        let Work::Code(work) = work else { return };
        let question = Question::Code {
            asked: Arc::unwrap_or_clone(work.scopes),
            mini_program: work.party.mini_program,
            user: Some(work.user.id),
        };
        let work = Work::Silent(question);
        self.pendings.insert(ticket, until, Pending { responder, received, work });
        if until <= now.uptime {
            self.break_silence(now, ticket, effects);
        }
    }

    /// Answers a question whose time is up.
    pub(super) fn break_silence(&mut self, now: Moment, ticket: Ticket, effects: &mut Vec<Effect>) {
        let Some(pending) = self.pendings.take(ticket) else { return };
        match &pending.work {
            Work::Silent(Question::Session) => {
                effects.push(pending.responder.succeed(&Session { valid: false }));
            }
            _ => {
                let failure = interaction_required("The user would have to be asked.");
                refuse(now, pending, &failure, effects);
            }
        }
    }
}
