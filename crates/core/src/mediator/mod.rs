//! The machine that decides. One match arm per input; the rules stand in the files beside this one.

mod accept;
mod again;
mod code_issued;
mod code_work;
mod config;
mod deadlines;
mod effect;
mod end_first;
mod events;
mod evidence;
mod grants;
mod host_method;
mod initialize;
mod input;
mod message;
mod pending;
mod pendings;
mod prompts;
mod rate;
mod registry;
mod request_code;
mod responder;
mod revocation;
mod revocations;
mod saving;
mod screen;
mod server_end;
mod session;
mod settings;
mod sheet;
mod sign_in;
mod silent;
mod user;

pub use config::{
    BrowserSupport, Config, GesturePolicy, HostInfo, IdSource, OnSignOut, RememberChoices,
    SettingsPage, SignInSupport, SilentTier,
};
pub use effect::{Effect, Reply, Told};
pub use input::{
    CallContext, Capability, EndOutcome, Frame, Input, NotOpened, SaveOutcome, Switch, Visibility,
};
pub use revocations::RevokeOutcome;
pub use sign_in::{SignInHow, SignInOutcome, SignInRequest};

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use minihost_protocol::{Failure, Reason};
use pendings::Pendings;
use revocations::Revocations;
use saving::{Stored, Unsaved};
use server_end::ServerEnds;
use session::Session;
use sheet::Sheets;

use crate::{
    AnswerError, Choice, ConsentView, Grant, Manifest, MiniProgramId, Moment, PromptId, Remembered,
    SaveId, Scope, SessionId, User, ViewDigest, consent::Cooldowns, grant::GrantBook,
    remembered::Releases,
};

/// Sessions, documents, pending requests, prompts and grants of one host.
pub struct Mediator {
    config: Config,
    ids: Box<dyn IdSource>,
    phase: Phase,
    user: Option<User>,
    sessions: BTreeMap<SessionId, Box<Session>>,
    /// Sessions whose messages nobody takes, and which the container has yet to close.
    given_up: BTreeSet<SessionId>,
    pendings: Pendings,
    sheets: Sheets,
    cooldowns: Cooldowns,
    grants: GrantBook,
    saves: BTreeMap<SaveId, Unsaved>,
    store: Stored,
    releases: Releases,
    revocations: Revocations,
    server_ends: ServerEnds,
    switched_off: BTreeSet<MiniProgramId>,
    /// Whether documents may have something to be told.
    grants_or_user_changed: bool,
    /// The uptime at which the next grant of the signed-in user ends by itself.
    grant_expires: Option<Duration>,
    /// The uptime at which a page last had the host's settings opened.
    settings_opened_at: Option<Duration>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Running,
    ShutDown,
}

impl Mediator {
    /// A mediator with nobody signed in and nothing open.
    pub fn new(config: Config, ids: Box<dyn IdSource>) -> Self {
        Self {
            config,
            ids,
            phase: Phase::Running,
            user: None,
            sessions: BTreeMap::new(),
            given_up: BTreeSet::new(),
            pendings: Pendings::default(),
            sheets: Sheets::default(),
            cooldowns: Cooldowns::default(),
            grants: GrantBook::default(),
            saves: BTreeMap::new(),
            store: Stored::nothing(),
            releases: Releases::default(),
            revocations: Revocations::default(),
            server_ends: ServerEnds::default(),
            switched_off: BTreeSet::new(),
            grants_or_user_changed: false,
            grant_expires: None,
            settings_opened_at: None,
        }
    }

    /// Takes one input and says what is to be done, in this order. Never blocks.
    pub fn handle(&mut self, now: Moment, input: Input<'_>) -> Vec<Effect> {
        let mut effects = Vec::new();
        match input {
            Input::Loaded(Remembered { grants, releases, refusals }) => {
                self.grants.load(grants);
                self.releases.load(releases);
                self.cooldowns.load(refusals, now);
                self.grants_or_user_changed = true;
                self.tell_server_again(now, &mut effects);
            }
            Input::UserChanged(user) => {
                let message = "The user of the host has changed.";
                let failure = Failure::new(Reason::AccountChanged, message);
                let before = self.user.clone();
                self.change_user(now, user, &failure, &mut effects);
                self.after_sign_out(now, before, &mut effects);
            }
            Input::SignInEnded => {
                let message = "The user's sign-in to the host has ended.";
                let failure = Failure::new(Reason::LoginRequired, message);
                self.change_user(now, None, &failure, &mut effects);
            }
            Input::LocaleChanged(locale) => self.config.locale = locale,
            Input::Opened { session, manifest, launch } => {
                if self.releases.note(&manifest) {
                    self.save(now, &mut effects);
                }
                self.sessions.insert(session, Box::new(Session::new(manifest, launch)));
            }
            Input::DocumentStarted { session, document } => {
                self.start_document(now, session, document, &mut effects);
            }
            Input::VisibilityChanged { session, visibility } => {
                self.change_visibility(session, visibility, &mut effects);
            }
            Input::Message { session, context, text } => {
                self.receive(now, session, &context, text, &mut effects);
            }
            Input::Closed { session } => self.close(now, session, &mut effects),
            Input::GivenUp { session } => self.give_up(now, session, &mut effects),
            Input::Answered { prompt, choice } => {
                self.answer(now, prompt, choice, &mut effects);
            }
            Input::Saved { save, outcome } => {
                self.grants_saved(now, save, outcome, &mut effects);
            }
            Input::CodeIssued { ticket, outcome } => {
                self.code_issued(now, ticket, outcome, &mut effects);
            }
            Input::EndedAtServer { ending, outcome } => {
                self.ended_at_server(now, ending, outcome, &mut effects);
            }
            Input::Revoke { call, mini_program, scopes } => {
                self.revoke_for_user(now, call, &mini_program, scopes.as_ref(), &mut effects);
            }
            Input::SignInDone { ticket, outcome } => {
                self.signed_in(now, ticket, outcome, &mut effects);
            }
            Input::PromptFailed { prompt } => self.prompt_failed(now, prompt, &mut effects),
            Input::MethodReturned { ticket, outcome } => {
                self.method_returned(now, ticket, outcome, &mut effects);
            }
            Input::SettingsShown { ticket } => self.settings_shown(ticket, &mut effects),
            Input::Switched { mini_program, switch } => {
                self.switch(now, mini_program, switch, &mut effects);
            }
            Input::SettingsOpened => {
                let user = self.user.as_ref().map(|user| &user.id);
                if self.cooldowns.forget(user) {
                    self.save(now, &mut effects);
                }
            }
            Input::Tick => self.expire(now, &mut effects),
            Input::ShutDown => self.shut_down(now, &mut effects),
        }
        self.show_next(now, &mut effects);
        self.tell_changes(now, &mut effects);
        effects
    }

    /// The prompt that waits for an answer, for a host that draws it anew.
    pub fn open_prompt(&self) -> Option<&ConsentView> {
        self.sheets.view()
    }

    /// Whether an answer would count. Ask under the same lock as [`Input::Answered`].
    pub fn check_answer(
        &self,
        prompt: PromptId,
        digest: &ViewDigest,
        choice: &Choice,
    ) -> Result<(), AnswerError> {
        let view = self.open_prompt().filter(|view| view.prompt == prompt);
        let view = view.ok_or(AnswerError::NotWaiting)?;
        if view.digest != *digest {
            return Err(AnswerError::OtherView);
        }
        if let Choice::Allow { scopes, remember } = choice {
            let offered = |name: &Scope| view.shown.scopes.iter().any(|scope| scope.name == *name);
            if !scopes.iter().all(offered) {
                return Err(AnswerError::OtherScopes);
            }
            if !scopes.is_empty() && !view.shown.remember.contains(remember) {
                return Err(AnswerError::OtherRemember);
            }
        }
        Ok(())
    }

    /// Whether a manifest may be opened. Ask under the same lock as [`Input::Opened`].
    ///
    /// # Errors
    /// [`NotOpened`].
    pub fn check_open(&self, manifest: &Manifest) -> Result<(), NotOpened> {
        if !manifest.is_for(self.config.build) {
            return Err(NotOpened::DevelopmentOnly { mini_program: manifest.id.clone() });
        }
        Ok(self.releases.check(manifest)?)
    }

    /// The live grants of the user who is signed in.
    pub fn grants(&self, now: Moment) -> Vec<Grant> {
        self.grants.all_live(now.time).filter(|grant| self.is_own(grant)).cloned().collect()
    }

    /// The ended grants of the user who is signed in, oldest end first.
    pub fn past_grants(&self) -> Vec<Grant> {
        self.grants.past().iter().filter(|grant| self.is_own(grant)).cloned().collect()
    }

    /// How many requests wait for their answer.
    pub fn pending_requests(&self) -> usize {
        self.pendings.len()
    }

    fn switch(
        &mut self,
        now: Moment,
        mini_program: MiniProgramId,
        switch: Switch,
        effects: &mut Vec<Effect>,
    ) {
        if switch == Switch::On {
            self.switched_off.remove(&mini_program);
            self.grants_or_user_changed = true;
            return;
        }
        let its_own: Vec<SessionId> = self
            .sessions
            .iter()
            .filter(|(_, session)| session.manifest.id == mini_program)
            .map(|(session, _)| *session)
            .collect();
        self.switched_off.insert(mini_program);
        for session in its_own {
            for ticket in self.pendings.of_session(session) {
                self.fail(now, ticket, &disabled(), effects);
            }
        }
    }

    fn shut_down(&mut self, now: Moment, effects: &mut Vec<Effect>) {
        self.phase = Phase::ShutDown;
        for ticket in self.pendings.tickets() {
            self.fail(now, ticket, &shutting_down(), effects);
        }
        self.overtake_revocations(now, effects);
        self.sessions.clear();
        self.given_up.clear();
        self.store.again.clear();
        self.server_ends.again.clear();
    }
}

/// The failure of a mini-program that the host has switched off.
fn disabled() -> Failure {
    Failure::new(Reason::DisabledByHost, "The host has switched this mini-program off.")
}

fn shutting_down() -> Failure {
    Failure::new(Reason::Aborted, "The host is shutting down.")
}
