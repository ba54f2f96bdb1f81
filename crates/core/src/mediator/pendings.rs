//! The list of all requests that wait, by ticket, document and deadline.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use minihost_protocol::RequestId;

use super::{
    code_work::{Agreed, CodeWork, Stage},
    pending::{Pending, Work},
};
use crate::{Approval, DocumentId, EndingId, GrantKey, SaveId, SessionId, Ticket};

/// All requests that wait.
#[derive(Default)]
pub(super) struct Pendings {
    waiting: BTreeMap<Ticket, Box<(Duration, Pending)>>,
    of_document: BTreeMap<(SessionId, DocumentId), Vec<Ticket>>,
    deadlines: BTreeSet<(Duration, Ticket)>,
    /// The request for which something else than a prompt fills the screen.
    on_screen: Option<Ticket>,
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
        if pending.work.fills_screen() {
            self.on_screen = Some(ticket);
        }
        self.waiting.insert(ticket, Box::new((deadline, pending)));
    }

    pub(super) fn take(&mut self, ticket: Ticket) -> Option<Pending> {
        let (deadline, pending) = *self.waiting.remove(&ticket)?;
        self.deadlines.remove(&(deadline, ticket));
        self.on_screen.take_if(|shown| *shown == ticket);
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

    /// The approval of a request that waits for the store, or for the end of what was taken back.
    /// The request waits for its code next.
    pub(super) fn take_approval(&mut self, ticket: Ticket) -> Option<Approval> {
        let stage = &mut self.code_mut(ticket)?.stage;
        let (Stage::Saving { approval, .. } | Stage::Ending { approval, .. }) = stage else {
            return None;
        };
        let issuing = Stage::issuing(approval);
        match std::mem::replace(stage, issuing) {
            Stage::Saving { approval, .. } | Stage::Ending { approval, .. } => Some(approval),
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

    /// The code requests that wait for this save or one before it.
    pub(super) fn of_saves_until(&self, save: SaveId) -> Vec<Ticket> {
        let waits = |pending: &Pending| {
            pending.code().is_some_and(
                |work| matches!(work.stage, Stage::Saving { save: waited, .. } if waited <= save),
            )
        };
        let waiting = self.waiting.iter().filter(|(_, waiting)| waits(&waiting.1));
        waiting.map(|(ticket, _)| *ticket).collect()
    }

    /// The end that some code requests wait for has come; those that wait for no other.
    pub(super) fn ended(&mut self, ending: EndingId) -> Vec<Ticket> {
        let mut free = Vec::new();
        for (ticket, waiting) in &mut self.waiting {
            let Work::Code(work) = &mut waiting.1.work else { continue };
            let Stage::Ending { ends, .. } = &mut work.stage else { continue };
            ends.remove(&ending);
            if ends.is_empty() {
                free.push(*ticket);
            }
        }
        free
    }

    /// The code requests that a test fits.
    pub(super) fn codes_where(&self, fits: impl Fn(&CodeWork) -> bool) -> Vec<Ticket> {
        let codes = self.waiting.iter().filter(|(_, one)| one.1.code().is_some_and(&fits));
        codes.map(|(ticket, _)| *ticket).collect()
    }

    /// The calls of the host's own methods that rest on a grant which a test fits.
    pub(super) fn calls_where(&self, fits: impl Fn(&GrantKey) -> bool) -> Vec<Ticket> {
        let rests = |work: &Work| match work {
            Work::HostMethod(called) => called.rests_on.as_ref().is_some_and(&fits),
            _ => false,
        };
        let calls = self.waiting.iter().filter(|(_, one)| rests(&one.1.work));
        calls.map(|(ticket, _)| *ticket).collect()
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

    /// Whether a sign-in, a browser, the settings or a method of the host's own are before the user
    /// for a request.
    pub(super) fn fill_screen(&self) -> bool {
        self.on_screen.is_some()
    }

    /// Forgets what was agreed to for requests that wait for the user, where a test fits.
    pub(super) fn forget_agreed(&mut self, fits: impl Fn(&Agreed) -> bool) {
        for waiting in self.waiting.values_mut() {
            let Work::SignIn(work) = &mut waiting.1.work else { continue };
            work.agreed.take_if(|agreed| fits(agreed));
        }
    }

    pub(super) fn next_deadline(&self) -> Option<Duration> {
        self.deadlines.first().map(|(deadline, _)| *deadline)
    }
}
