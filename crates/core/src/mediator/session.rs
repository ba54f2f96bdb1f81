//! Sessions and their documents. Replies reach only the document that asked: when a document is
//! gone, what it asked is over and nothing is delivered for it.

use std::sync::Arc;

use minihost_protocol::{BridgeVersion, Failure, Reason, method::initialize::Launch};

use super::{Effect, Mediator, Visibility, events::Known, rate::RateLimit};
#[cfg(feature = "simulation")]
use crate::Breakage;
use crate::{DocumentId, Manifest, Moment, SessionId};

/// One opened mini-program.
pub(super) struct Session {
    pub(super) manifest: Arc<Manifest>,
    pub(super) launch: Launch,
    pub(super) visibility: Visibility,
    pub(super) document: Option<Document>,
    pub(super) rate: RateLimit,
}

/// The session's current page load.
pub(super) struct Document {
    pub(super) id: DocumentId,
    /// What the two sides agreed on; `None` before `host.initialize`.
    pub(super) version: Option<BridgeVersion>,
    /// What it knows of its user; `None` before `host.initialize`.
    pub(super) known: Option<Known>,
}

impl Session {
    pub(super) fn new(manifest: Arc<Manifest>, launch: Launch) -> Self {
        Self {
            manifest,
            launch,
            visibility: Visibility::Visible,
            document: None,
            rate: RateLimit::default(),
        }
    }

    /// The current document, if it is this one.
    pub(super) fn current(&mut self, document: DocumentId) -> Option<&mut Document> {
        self.document.as_mut().filter(|current| current.id == document)
    }
}

impl Mediator {
    pub(super) fn start_document(
        &mut self,
        now: Moment,
        session: SessionId,
        document: DocumentId,
        effects: &mut Vec<Effect>,
    ) {
        let Some(opened) = self.sessions.get_mut(&session) else { return };
        if opened.current(document).is_some() {
            return;
        }
        opened.document = Some(Document { id: document, version: None, known: None });
        #[cfg(feature = "simulation")]
        if self.config.breakage == Some(Breakage::Document) {
            return;
        }
        let shown = self.sheets.program_on_screen();
        self.abandon(now, session, effects);
        self.count_if_taken_back(now, shown, effects);
    }

    pub(super) fn close(&mut self, now: Moment, session: SessionId, effects: &mut Vec<Effect>) {
        self.sessions.remove(&session);
        self.given_up.remove(&session);
        self.abandon(now, session, effects);
    }

    /// Ends a session whose document is there, and does not get what is delivered to it. That it is
    /// told why needs an answer that the container takes.
    pub(super) fn give_up(&mut self, now: Moment, session: SessionId, effects: &mut Vec<Effect>) {
        if self.sessions.remove(&session).is_none() {
            return;
        }
        self.given_up.insert(session);
        for ticket in self.pendings.of_session(session) {
            self.fail(now, ticket, &given_up(), effects);
        }
    }

    /// Drops everything that documents of a session asked: there is nobody left to hear it.
    fn abandon(&mut self, now: Moment, session: SessionId, effects: &mut Vec<Effect>) {
        for ticket in self.pendings.of_session(session) {
            self.drop_unheard(now, ticket, effects);
        }
    }
}

/// The failure of a page whose session was given up.
pub(super) fn given_up() -> Failure {
    let message = "The host does not take what is sent to this page; open the mini-program again.";
    Failure::new(Reason::Aborted, message)
}
