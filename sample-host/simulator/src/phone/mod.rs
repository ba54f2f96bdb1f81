//! The phone: the host app as a web page, and this process as the SDK inside it.
//!
//! The page ([`assets`]) draws; everything it reports and everything it is told goes over one
//! WebSocket ([`socket`], [`protocol`]). [`ports`] turns the SDK's calls into messages to the tab
//! that shows the phone ([`tab`]); [`actions`] turns the page's messages into calls of the SDK.

mod access;
mod actions;
mod assets;
mod device;
mod http;
mod ports;
mod programs;
mod protocol;
mod sign_in;
mod socket;
mod tab;

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{Router, http::HeaderValue};
use minihost::{Locale, MiniHost, SessionId, SignInOutcome, ports::Later, session::DeviceRequest};
use minihost_authorization_server::Steering;

use self::{
    access::Access,
    protocol::{Remembered, SignedIn, State, Tile, ToPage},
    tab::{Outbox, TabId},
};
pub(crate) use self::{
    ports::Screen,
    programs::{NotInstalled, Program},
    sign_in::SignIn,
    tab::Tabs,
};
use crate::{cli::Language, demo::Demo};

/// Whether tokens and remembered grants outlive the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Persistence {
    /// There is a secret store.
    SecretStore,
    /// There is none, and nothing is written.
    ThisRun,
}

/// What the phone is made of.
pub(crate) struct Parts {
    pub(crate) origin: String,
    pub(crate) language: Language,
    pub(crate) persistence: Persistence,
    pub(crate) host: MiniHost,
    pub(crate) sign_in: SignIn,
    pub(crate) programs: Vec<Program>,
    /// What can be opened once it is installed.
    pub(crate) not_installed: Option<NotInstalled>,
    pub(crate) tabs: Arc<Tabs>,
    /// What the user was asked to sign in for.
    pub(crate) sign_ins: Later<SignInOutcome>,
    pub(crate) steering: Steering,
    pub(crate) demo: Arc<Demo>,
}

/// The host app of this run.
pub(crate) struct Phone {
    access: Access,
    content_security_policy: HeaderValue,
    language: Mutex<Language>,
    /// What another device asks and the user has not answered yet.
    device: Mutex<Option<DeviceRequest>>,
    parts: Parts,
}

impl Phone {
    /// Makes a phone that no tab shows yet.
    pub(crate) fn new(parts: Parts) -> Arc<Self> {
        let access = Access::new(&parts.origin);
        let origins: Vec<String> = parts.programs.iter().map(Program::origin).collect();
        let content_security_policy =
            http::content_security_policy(access.authority(), origins.iter().map(String::as_str));
        let language = Mutex::new(parts.language);
        let device = Mutex::default();
        Arc::new(Self { access, content_security_policy, language, device, parts })
    }

    /// Everything at the simulator's origin.
    pub(crate) fn router(self: &Arc<Self>) -> Router {
        http::router(self.clone())
    }

    /// Tells the page who is signed in, for as long as that may change.
    pub(crate) async fn follow_user(self: Arc<Self>) {
        let mut users = self.parts.sign_in.users();
        while users.changed().await.is_ok() {
            self.tell_state();
        }
    }

    /// Ends the connection to the page, and everything that is open.
    pub(crate) async fn close(&self) {
        self.close_sessions(self.parts.tabs.close());
        self.parts.host.shutdown().await;
    }

    fn access(&self) -> &Access {
        &self.access
    }

    fn content_security_policy(&self) -> &HeaderValue {
        &self.content_security_policy
    }

    fn language(&self) -> Language {
        *self.language.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn locale(&self) -> Locale {
        Locale::new(self.language().tag())
    }

    fn tab_connected(&self) -> (TabId, Outbox) {
        let (tab, outbox, sessions_before) = self.parts.tabs.take_over();
        self.close_sessions(sessions_before);
        self.leave_device();
        self.parts.tabs.tell_tab(tab, ToPage::State(self.state()));
        (tab, outbox)
    }

    fn tab_gone(&self, tab: TabId) {
        self.close_sessions(self.parts.tabs.leave(tab));
    }

    fn tell_tab(&self, tab: TabId, message: ToPage) {
        self.parts.tabs.tell_tab(tab, message);
    }

    fn tell_state(&self) {
        self.parts.tabs.tell(ToPage::State(self.state()));
    }

    fn close_sessions(&self, sessions: BTreeSet<SessionId>) {
        for session in sessions {
            self.parts.host.close(session);
        }
    }

    fn tiles(&self, locale: &Locale) -> Vec<Tile> {
        let offered = self.parts.programs.iter().map(|program| program.tile(locale));
        offered
            .chain(self.parts.not_installed.as_ref().map(|program| program.tile(locale)))
            .collect()
    }

    fn state(&self) -> State {
        let locale = self.locale();
        let grant = |grant: minihost::Grant| Remembered {
            program: grant.key.party.mini_program.to_string(),
            scope: grant.key.scope.to_string(),
            granted_at: grant.granted_at.to_string(),
            expires_at: grant.expires_at.map(|end| end.to_string()),
        };
        State {
            user: self
                .parts
                .sign_in
                .user()
                .map(|user| SignedIn { id: user.id.to_string(), display_name: user.display_name }),
            programs: self.tiles(&locale),
            grants: self.parts.host.grants().into_iter().map(grant).collect(),
            audit: self.parts.tabs.recorded(),
            locale: self.language().tag(),
            demo_users: self.parts.demo.users.iter().map(|user| user.username).collect(),
            persistent: self.parts.persistence == Persistence::SecretStore,
        }
    }
}
