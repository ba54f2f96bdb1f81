//! Which browser tab shows the phone. There is one phone: a newer tab takes it over.

use std::{
    collections::{BTreeSet, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
};

use minihost::SessionId;
use tokio::sync::mpsc;

use super::protocol::{AuditEntry, ToPage};

/// How many messages may wait for a tab. One that lets more wait has stopped reading.
const WAITING: usize = 1024;
/// How many audit entries a new tab is shown.
const REMEMBERED_ENTRIES: usize = 100;

/// One connected tab.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TabId(u64);

/// What is on its way to one tab; it ends when the tab no longer shows the phone.
pub(crate) type Outbox = mpsc::Receiver<ToPage>;

/// The tab that shows the phone, and its way.
#[derive(Default)]
pub(crate) struct Tabs(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    last: u64,
    current: Option<Tab>,
    audit: VecDeque<AuditEntry>,
}

struct Tab {
    id: TabId,
    sender: mpsc::Sender<ToPage>,
    sessions: BTreeSet<SessionId>,
}

impl Tabs {
    /// Gives the phone to a new tab. The one before it is told, and its sessions come back to be
    /// closed.
    pub(crate) fn take_over(&self) -> (TabId, Outbox, BTreeSet<SessionId>) {
        let (sender, outbox) = mpsc::channel(WAITING);
        let mut inner = self.lock();
        inner.last += 1;
        let id = TabId(inner.last);
        let tab = Tab { id, sender, sessions: BTreeSet::new() };
        let sessions = match inner.current.replace(tab) {
            Some(replaced) => {
                // Where even this does not fit, the tab learns it from the connection's end.
                let _ = replaced.sender.try_send(ToPage::Replaced {});
                replaced.sessions
            }
            None => BTreeSet::new(),
        };
        (id, outbox, sessions)
    }

    /// Takes the phone from a tab whose connection has ended; its sessions are to be closed.
    pub(crate) fn leave(&self, id: TabId) -> BTreeSet<SessionId> {
        let tab = self.lock().current.take_if(|tab| tab.id == id);
        tab.map(|tab| tab.sessions).unwrap_or_default()
    }

    /// Ends whatever connection there is.
    pub(crate) fn close(&self) -> BTreeSet<SessionId> {
        self.lock().current.take().map(|tab| tab.sessions).unwrap_or_default()
    }

    /// Whether this tab shows the phone.
    pub(crate) fn is_current(&self, id: TabId) -> bool {
        self.lock().current.as_ref().is_some_and(|tab| tab.id == id)
    }

    /// Notes that a tab opened a session; false where it lost the phone in the meantime.
    pub(crate) fn opened(&self, id: TabId, session: SessionId) -> bool {
        let mut inner = self.lock();
        let tab = inner.current.as_mut().filter(|tab| tab.id == id);
        tab.map(|tab| tab.sessions.insert(session)).is_some()
    }

    /// Notes that a tab closed a session; false where it was not the tab's.
    pub(crate) fn closed(&self, id: TabId, session: SessionId) -> bool {
        let mut inner = self.lock();
        let tab = inner.current.as_mut().filter(|tab| tab.id == id);
        tab.is_some_and(|tab| tab.sessions.remove(&session))
    }

    /// Whether a session is open in this tab.
    pub(crate) fn shows(&self, id: TabId, session: SessionId) -> bool {
        let inner = self.lock();
        let tab = inner.current.as_ref().filter(|tab| tab.id == id);
        tab.is_some_and(|tab| tab.sessions.contains(&session))
    }

    /// Tells the tab that shows the phone.
    pub(crate) fn tell(&self, message: ToPage) {
        self.lock().send_if(message, |_| true);
    }

    /// Tells this tab, if it still shows the phone.
    pub(crate) fn tell_tab(&self, id: TabId, message: ToPage) {
        self.lock().send_if(message, |tab| tab.id == id);
    }

    /// Tells the tab in which a session is open, and no other.
    pub(crate) fn tell_session(&self, session: SessionId, message: ToPage) {
        self.lock().send_if(message, |tab| tab.sessions.contains(&session));
    }

    /// Writes an audit entry down and tells the tab.
    pub(crate) fn record(&self, entry: AuditEntry) {
        let mut inner = self.lock();
        if inner.audit.len() == REMEMBERED_ENTRIES {
            inner.audit.pop_front();
        }
        inner.audit.push_back(entry.clone());
        inner.send_if(ToPage::Audit(entry), |_| true);
    }

    /// The latest audit entries, oldest first.
    pub(crate) fn recorded(&self) -> Vec<AuditEntry> {
        self.lock().audit.iter().cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Every state behind this lock is whole between two statements.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn send_if(&mut self, message: ToPage, wanted: impl Fn(&Tab) -> bool) {
        let Some(tab) = self.current.as_mut().filter(|tab| wanted(tab)) else { return };
        if tab.sender.try_send(message).is_err() {
            // Something would be missing from what the tab was told: it must not go on. Its
            // connection ends with the outbox, and then its sessions are closed.
            tab.sender = mpsc::channel(1).0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SESSION: SessionId = SessionId(7);

    fn settle(session: SessionId) -> ToPage {
        ToPage::Settle { session, reply_token: minihost::ReplyToken(1) }
    }

    #[tokio::test]
    async fn a_newer_tab_takes_the_phone_over() {
        let tabs = Tabs::default();
        let (old, mut old_outbox, none) = tabs.take_over();
        assert!(none.is_empty());
        assert!(tabs.opened(old, SESSION));
        let (new, mut new_outbox, orphans) = tabs.take_over();
        assert_eq!(orphans, BTreeSet::from([SESSION]));
        assert!(matches!(old_outbox.recv().await, Some(ToPage::Replaced {})));
        assert!(old_outbox.recv().await.is_none());
        assert!(tabs.is_current(new) && !tabs.is_current(old));
        assert!(!tabs.opened(old, SessionId(8)) && !tabs.shows(old, SESSION));
        tabs.tell_tab(old, ToPage::Replaced {});
        tabs.tell_session(SESSION, settle(SESSION));
        assert!(tabs.leave(old).is_empty());
        tabs.tell_tab(new, settle(SESSION));
        assert!(matches!(new_outbox.recv().await, Some(ToPage::Settle { .. })));
        assert!(new_outbox.try_recv().is_err());
    }

    #[tokio::test]
    async fn a_session_is_spoken_to_where_it_is_open_and_nowhere_else() {
        let tabs = Tabs::default();
        let (tab, mut outbox, _) = tabs.take_over();
        tabs.tell_session(SESSION, settle(SESSION));
        assert!(outbox.try_recv().is_err());
        tabs.opened(tab, SESSION);
        tabs.tell_session(SESSION, settle(SESSION));
        assert!(outbox.try_recv().is_ok());
        assert!(tabs.closed(tab, SESSION));
        assert!(!tabs.closed(tab, SESSION));
        tabs.tell_session(SESSION, settle(SESSION));
        assert!(outbox.try_recv().is_err());
    }

    #[tokio::test]
    async fn a_tab_that_stops_reading_is_cut_off_and_keeps_its_sessions_to_close() {
        let tabs = Tabs::default();
        let (tab, mut outbox, _) = tabs.take_over();
        tabs.opened(tab, SESSION);
        for _ in 0..=WAITING {
            tabs.tell(settle(SESSION));
        }
        let mut received = 0;
        while outbox.recv().await.is_some() {
            received += 1;
        }
        assert_eq!(received, WAITING);
        assert_eq!(tabs.leave(tab), BTreeSet::from([SESSION]));
    }
}
