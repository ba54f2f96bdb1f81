//! What time ends, and when it is to be looked at again.

use std::time::Duration;

use minihost_protocol::{Failure, Reason};

use super::{
    Effect, Mediator,
    code_work::Stage,
    pending::{Errand, Work},
};
use crate::Moment;

impl Mediator {
    /// The uptime at which [`Input::Tick`](crate::Input::Tick) is due: where something waits, a grant
    /// will end, or the store or the authorization server is to be tried again.
    pub fn next_deadline(&self) -> Option<Duration> {
        let deadlines = [
            self.pendings.next_deadline(),
            self.revocations.next_deadline(),
            self.grant_expires,
            self.store.again.at(),
            self.server_ends.again.at(),
        ];
        deadlines.into_iter().flatten().min()
    }

    /// Ends whatever was due by now, and tries again what is due for it.
    pub(super) fn expire(&mut self, now: Moment, effects: &mut Vec<Effect>) {
        self.expire_grants(now);
        if self.store.again.is_due(now.uptime) {
            self.save(now, effects);
        }
        if self.server_ends.again.is_due(now.uptime) {
            self.tell_server_again(now, effects);
        }
        self.expire_revocations(now, effects);
        for ticket in self.pendings.due(now.uptime) {
            let late = |message| Failure::new(Reason::Timeout, message);
            match self.pendings.get(ticket).map(|pending| &pending.work) {
                Some(Work::Code(work)) => match work.stage {
                    Stage::Saving { .. } => self.issue_saved(now, ticket, effects),
                    Stage::Ending { .. } => self.issue_ended(now, ticket, effects),
                    Stage::Accepted | Stage::Prompting { .. } => {
                        let failure = late("The user did not answer in time.");
                        self.fail(now, ticket, &failure, effects);
                    }
                    Stage::Issuing { .. } => {
                        let failure = late("The authorization server did not answer in time.");
                        self.fail(now, ticket, &failure, effects);
                    }
                },
                Some(Work::Silent(_)) => self.break_silence(now, ticket, effects),
                Some(Work::SignIn(waiting)) => {
                    let failure = late(match waiting.errand {
                        Errand::SignIn => "The user did not sign in again in time.",
                        Errand::Browser => "The user did not come back from the browser in time.",
                    });
                    self.fail(now, ticket, &failure, effects);
                }
                Some(Work::Settings | Work::HostMethod(_)) => {
                    self.fail(now, ticket, &late("The host did not answer in time."), effects);
                }
                Some(Work::Revocation) | None => {}
            }
        }
    }
}
