//! What was taken back ends at the authorization server before it is asked for a new code: an end that
//! comes there after the code would take that with it, for servers that know a user and a client by
//! one name.

use std::collections::BTreeSet;

use super::{
    Effect, Mediator,
    code_work::{CodeWork, Stage},
    pending::Pending,
};
use crate::{Approval, ConsentMode, EndingId, GrantKey, GrantParty, Moment, ServerEnd, Ticket};

impl Mediator {
    /// Uses an approval up for a code request, as soon as the server has ended what is to be ended
    /// before, could not, or has had its time for it.
    pub(super) fn end_first(
        &mut self,
        now: Moment,
        ticket: Ticket,
        approval: Approval,
        effects: &mut Vec<Effect>,
    ) {
        let Some(work) = self.pendings.get(ticket).and_then(Pending::code) else { return };
        let could_be_lost = match approval.mode() {
            ConsentMode::Prompt => true,
            // Where the server has a name for it, nothing that is due bears that.
            ConsentMode::Remembered => self.grants.awaits_name(now.time, &work.party),
            // The user has agreed to nothing that could be lost.
            ConsentMode::Silent => false,
        };
        let ends = match could_be_lost {
            true => self.ends_before(now, ticket, &work.party.clone(), effects),
            false => BTreeSet::new(),
        };
        if ends.is_empty() {
            return self.issue(now, ticket, approval, effects);
        }
        if let Some(work) = self.pendings.code_mut(ticket) {
            work.stage = Stage::Ending { ends, approval };
        }
        self.pendings.wait_until(ticket, now.uptime.saturating_add(self.config.network_deadline));
    }

    /// Makes the code request of a request that has waited for ends.
    pub(super) fn issue_ended(&mut self, now: Moment, ticket: Ticket, effects: &mut Vec<Effect>) {
        if let Some(approval) = self.approval_that_holds(now, ticket, effects) {
            self.issue(now, ticket, approval, effects);
        }
    }

    /// Tells the server what it owes this user and client, and says what is to be waited for.
    fn ends_before(
        &mut self,
        now: Moment,
        ticket: Ticket,
        party: &GrantParty,
        effects: &mut Vec<Effect>,
    ) -> BTreeSet<EndingId> {
        let same = |key: &GrantKey| key.party.is_same_at_server(party);
        let due = self.grants.known_at_server(&[ServerEnd::Due], same);
        let mut ends = self.ends_under_way(&due);
        let is_asked = |work: &CodeWork| {
            matches!(work.stage, Stage::Issuing { .. }) && work.party.is_same_at_server(party)
        };
        // The code that is on its way must not be lost either.
        if self.pendings.codes_where(is_asked).iter().all(|other| *other == ticket) {
            let due = &due - &self.borne(now);
            ends.extend(self.tell_server(now, due, effects));
        }
        ends
    }
}
