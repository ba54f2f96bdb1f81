//! The open connections and what each of them waits for.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::Limits;

/// What a connection is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Phase {
    /// The caller has begun a request, or has just come, and has not sent the head yet.
    Head,
    /// A request is being answered.
    Working,
    /// Between two requests.
    Idle,
}

/// All open connections. Cheap to clone.
#[derive(Clone)]
pub(super) struct Connections(Arc<Table>);

struct Table {
    most: usize,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    next: u64,
    connections: HashMap<u64, Arc<State>>,
}

struct State {
    phase: Mutex<(Phase, Instant)>,
    end: CancellationToken,
}

/// One of them. It leaves the table when it is dropped.
pub(super) struct Connection {
    number: u64,
    state: Arc<State>,
    table: Arc<Table>,
}

impl Connections {
    pub(super) fn new(most: usize) -> Self {
        Self(Arc::new(Table { most, open: Mutex::default() }))
    }

    /// Whether another may come, if only because one that waits for its caller can go.
    pub(super) fn has_room(&self) -> bool {
        let open = self.0.open();
        open.connections.len() < self.0.most || open.longest_waiting().is_some()
    }

    /// Adds a connection, and ends the one that has waited longest when there are too many.
    pub(super) fn enter(&self) -> Arc<Connection> {
        let state = Arc::new(State {
            phase: Mutex::new((Phase::Head, Instant::now())),
            end: CancellationToken::new(),
        });
        let mut open = self.0.open();
        if open.connections.len() >= self.0.most
            && let Some(number) = open.longest_waiting()
            && let Some(state) = open.connections.remove(&number)
        {
            state.end.cancel();
        }
        let number = open.next;
        open.next += 1;
        open.connections.insert(number, Arc::clone(&state));
        drop(open);
        Arc::new(Connection { number, state, table: Arc::clone(&self.0) })
    }

    /// Ends those whose caller has taken too long.
    pub(super) fn end_overdue(&self, limits: &Limits) {
        for state in self.0.open().connections.values() {
            let (phase, since) = *state.phase();
            let patience = match phase {
                Phase::Head => limits.head,
                Phase::Idle => limits.keep_alive,
                Phase::Working => continue,
            };
            if since.elapsed() >= patience {
                state.end.cancel();
            }
        }
    }

    pub(super) fn end_all(&self) {
        for state in self.0.open().connections.values() {
            state.end.cancel();
        }
    }
}

impl Table {
    // Nothing panics while it is held.
    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    fn longest_waiting(&self) -> Option<u64> {
        let waiting = self.connections.iter().filter_map(|(number, state)| match *state.phase() {
            (Phase::Working, _) => None,
            (Phase::Head | Phase::Idle, since) => Some((since, *number)),
        });
        waiting.min().map(|(_, number)| number)
    }
}

impl State {
    fn phase(&self) -> MutexGuard<'_, (Phase, Instant)> {
        self.phase.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Connection {
    /// Bytes have come: the beginning of a request when there was none.
    pub(super) fn hears(&self) {
        let mut phase = self.state.phase();
        if phase.0 == Phase::Idle {
            *phase = (Phase::Head, Instant::now());
        }
    }

    /// A head is complete.
    pub(super) fn works(&self) {
        *self.state.phase() = (Phase::Working, Instant::now());
    }

    /// A request is answered.
    pub(super) fn rests(&self) {
        *self.state.phase() = (Phase::Idle, Instant::now());
    }

    /// Returns when the connection must end at once.
    pub(super) async fn ended(&self) {
        self.state.end.cancelled().await;
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.table.open().connections.remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn is_ended(connection: &Connection) -> bool {
        connection.state.end.is_cancelled()
    }

    #[test]
    fn a_new_connection_takes_the_place_of_the_one_that_waited_longest() {
        let connections = Connections::new(2);
        let (first, second) = (connections.enter(), connections.enter());
        first.works();
        first.rests();
        let third = connections.enter();
        assert!(is_ended(&second), "the first has answered a request since");
        assert!(!is_ended(&first) && !is_ended(&third));
        drop(second);
        first.works();
        third.works();
        assert!(!connections.has_room(), "nobody is cut off while being answered");
        drop(first);
        assert!(connections.has_room());
    }

    #[test]
    fn only_callers_who_take_too_long_are_cut_off() {
        let limits = Limits {
            head: Duration::ZERO,
            keep_alive: Duration::from_secs(3600),
            ..Limits::default()
        };
        let connections = Connections::new(3);
        let (begins, idle, works) = (connections.enter(), connections.enter(), connections.enter());
        idle.works();
        idle.rests();
        works.works();
        connections.end_overdue(&limits);
        assert!(is_ended(&begins));
        assert!(!is_ended(&idle) && !is_ended(&works));
        idle.hears();
        connections.end_overdue(&limits);
        assert!(is_ended(&idle));
        works.hears();
        connections.end_overdue(&limits);
        assert!(!is_ended(&works), "a body is not the beginning of a request");
    }
}
