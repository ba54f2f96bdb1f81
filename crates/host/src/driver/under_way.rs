//! What is under way for requests that wait, each with the means to give it up.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use minihost_core::Ticket;
use tokio_util::sync::CancellationToken;

use crate::sync::lock;

/// Code requests, sign-ins and calls of the host's methods. Clones are the same list.
#[derive(Clone, Default)]
pub(super) struct UnderWay(Arc<Mutex<List>>);

#[derive(Default)]
struct List {
    of_tickets: BTreeMap<Ticket, (Turn, CancellationToken)>,
    last: u64,
}

/// Tells what is under way for a request from what was before: a request that the server sends back
/// keeps its ticket.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Turn(u64);

impl UnderWay {
    /// Something begins for a request.
    pub(super) fn begin(&self, ticket: Ticket, abandoned: CancellationToken) -> Turn {
        let mut list = lock(&self.0);
        list.last += 1;
        let turn = Turn(list.last);
        list.of_tickets.insert(ticket, (turn, abandoned));
        turn
    }

    /// Gives up what is under way for a request.
    pub(super) fn abandon(&self, ticket: Ticket) {
        let under_way = lock(&self.0).of_tickets.remove(&ticket);
        if let Some((_, abandoned)) = under_way {
            abandoned.cancel();
        }
    }

    /// It has come to its end. What has begun since for the same request goes on.
    pub(super) fn end(&self, ticket: Ticket, turn: Turn) {
        let of_tickets = &mut lock(&self.0).of_tickets;
        if of_tickets.get(&ticket).is_some_and(|(newest, _)| *newest == turn) {
            of_tickets.remove(&ticket);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_one_call_leaves_the_next_of_the_same_request_to_be_given_up() {
        let under_way = UnderWay::default();
        let (first, second) = (CancellationToken::new(), CancellationToken::new());
        let before = under_way.begin(Ticket(1), first.clone());
        let now = under_way.begin(Ticket(1), second.clone());
        under_way.end(Ticket(1), before);
        under_way.abandon(Ticket(1));
        assert!(second.is_cancelled() && !first.is_cancelled());
        under_way.end(Ticket(1), now);
        assert!(lock(&under_way.0).of_tickets.is_empty());
    }
}
