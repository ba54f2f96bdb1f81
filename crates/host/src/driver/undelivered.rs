//! How much waits for a host's sink, session by session.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use minihost_core::SessionId;

use crate::sync::lock;

/// The most messages of one session that wait for the sink. A page that asks and cancels at the rate
/// it is allowed needs more than a minute for as many.
const MOST: usize = 1024;

/// Counts what waits. Clones are the same count.
#[derive(Clone, Default)]
pub(super) struct Undelivered(Arc<Mutex<BTreeMap<SessionId, usize>>>);

/// Whether there is room for one more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Room {
    Left,
    /// This is the first beyond it. It waits all the same, as the ends of what the session waits for do
    /// when it is given up; after them nothing comes.
    None,
}

impl Undelivered {
    /// One more message of a session waits.
    pub(super) fn begin(&self, session: SessionId) -> Room {
        let mut waiting = lock(&self.0);
        let own = waiting.entry(session).or_default();
        *own += 1;
        if *own == MOST + 1 { Room::None } else { Room::Left }
    }

    /// A message of a session waits no longer.
    pub(super) fn end(&self, session: SessionId) {
        let mut waiting = lock(&self.0);
        if let Some(own) = waiting.get_mut(&session) {
            *own -= 1;
            if *own == 0 {
                waiting.remove(&session);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_session_has_room_of_its_own() {
        let undelivered = Undelivered::default();
        for _ in 0..MOST {
            assert_eq!(undelivered.begin(SessionId(1)), Room::Left);
        }
        assert_eq!(undelivered.begin(SessionId(1)), Room::None);
        assert_eq!(undelivered.begin(SessionId(1)), Room::Left, "it is told once");
        assert_eq!(undelivered.begin(SessionId(2)), Room::Left);
        (0..3).for_each(|_| undelivered.end(SessionId(1)));
        assert_eq!(undelivered.begin(SessionId(1)), Room::Left);
        undelivered.end(SessionId(2));
        assert_eq!(
            lock(&undelivered.0).len(),
            1,
            "a session that waits for nothing leaves nothing"
        );
    }
}
