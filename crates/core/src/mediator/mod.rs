//! The machine that decides. One match arm per input; the rules stand in the files beside this one.

mod code_issued;
mod config;
mod effect;
mod evidence;
mod grants;
mod input;
mod message;
mod pending;
mod prompts;
mod rate;
mod registry;
mod request_code;
mod responder;
mod session;
mod sheet;

pub use config::{Config, GesturePolicy, HostInfo, IdSource};
pub use effect::{Effect, Reply};
pub use input::{CallContext, Capability, Frame, Input, SaveOutcome, Visibility};

use std::{collections::BTreeMap, time::Duration};

use grants::Unsaved;
use minihost_protocol::{Failure, Reason};
use pending::{Pendings, Stage};
use session::Session;
use sheet::Sheets;

use crate::{
    AnswerError, Choice, ConsentView, Grant, Moment, PromptId, SaveId, Scope, SessionId, User,
    ViewDigest, consent::Cooldowns, grant::GrantBook,
};

/// Sessions, documents, pending requests, prompts and grants of one host.
pub struct Mediator {
    config: Config,
    ids: Box<dyn IdSource>,
    phase: Phase,
    user: Option<User>,
    sessions: BTreeMap<SessionId, Session>,
    pendings: Pendings,
    sheets: Sheets,
    cooldowns: Cooldowns,
    grants: GrantBook,
    saves: BTreeMap<SaveId, Unsaved>,
    last_save: u64,
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
            pendings: Pendings::default(),
            sheets: Sheets::default(),
            cooldowns: Cooldowns::default(),
            grants: GrantBook::default(),
            saves: BTreeMap::new(),
            last_save: 0,
        }
    }

    /// Takes one input and says what is to be done, in this order. Never blocks.
    pub fn handle(&mut self, now: Moment, input: Input<'_>) -> Vec<Effect> {
        let mut effects = Vec::new();
        match input {
            Input::GrantsLoaded(grants) => self.grants.load(grants),
            Input::UserChanged(user) => {
                let message = "The user of the host has changed.";
                let failure = Failure::new(Reason::AccountChanged, message);
                self.change_user(now, user, &failure, &mut effects);
            }
            Input::SignInEnded => {
                let message = "The user's sign-in to the host has ended.";
                let failure = Failure::new(Reason::LoginRequired, message);
                self.change_user(now, None, &failure, &mut effects);
            }
            Input::LocaleChanged(locale) => self.config.locale = locale,
            Input::Opened { session, manifest, launch } => {
                self.sessions.insert(session, Session::new(manifest, launch));
            }
            Input::DocumentStarted { session, document } => {
                self.start_document(now, session, document, &mut effects);
            }
            Input::VisibilityChanged { session, visibility } => {
                if let Some(session) = self.sessions.get_mut(&session) {
                    session.visibility = visibility;
                }
            }
            Input::Message { session, context, text } => {
                self.receive(now, session, &context, text, &mut effects);
            }
            Input::Closed { session } => self.close(now, session, &mut effects),
            Input::Answered { prompt, choice } => {
                self.answer(now, prompt, choice, &mut effects);
            }
            Input::GrantsSaved { save, outcome } => {
                self.grants_saved(now, save, outcome, &mut effects);
            }
            Input::CodeIssued { ticket, outcome } => {
                self.code_issued(now, ticket, outcome, &mut effects);
            }
            Input::SettingsOpened => self.cooldowns = Cooldowns::default(),
            Input::Tick => self.expire(now, &mut effects),
            Input::ShutDown => self.shut_down(now, &mut effects),
        }
        self.show_next(now, &mut effects);
        effects
    }

    /// The uptime at which [`Input::Tick`] is due, where something waits.
    pub fn next_deadline(&self) -> Option<Duration> {
        self.pendings.next_deadline()
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
        if let Choice::Allow { scopes, .. } = choice {
            let offered = |name: &Scope| view.shown.scopes.iter().any(|scope| scope.name == *name);
            if !scopes.iter().all(offered) {
                return Err(AnswerError::OtherScopes);
            }
        }
        Ok(())
    }

    /// The live grants of the user who is signed in.
    pub fn grants(&self, now: Moment) -> Vec<Grant> {
        let mut grants = self.grants.snapshot(now.time);
        grants.retain(|grant| {
            let own = self.user.as_ref().is_some_and(|user| user.id == grant.key.party.user);
            own && grant.key.party.issuer == self.config.issuer
        });
        grants
    }

    /// Who is signed in.
    pub fn user(&self) -> Option<&User> {
        self.user.as_ref()
    }

    /// How many requests wait for their answer.
    pub fn pending_requests(&self) -> usize {
        self.pendings.len()
    }

    fn change_user(
        &mut self,
        now: Moment,
        user: Option<User>,
        failure: &Failure,
        effects: &mut Vec<Effect>,
    ) {
        if self.user != user {
            self.fail_all(now, failure, effects);
            self.user = user;
        }
    }

    fn shut_down(&mut self, now: Moment, effects: &mut Vec<Effect>) {
        self.phase = Phase::ShutDown;
        self.fail_all(now, &shutting_down(), effects);
        self.sessions.clear();
    }

    fn fail_all(&mut self, now: Moment, failure: &Failure, effects: &mut Vec<Effect>) {
        for ticket in self.pendings.tickets() {
            self.fail(now, ticket, failure, effects);
        }
    }

    fn expire(&mut self, now: Moment, effects: &mut Vec<Effect>) {
        for ticket in self.pendings.due(now.uptime) {
            match self.pendings.stage(ticket) {
                Some(Stage::Saving { .. }) => self.issue_saved(now, ticket, effects),
                Some(Stage::Prompting { .. }) => {
                    let failure = Failure::new(Reason::Timeout, "The user did not answer in time.");
                    self.fail(now, ticket, &failure, effects);
                }
                Some(Stage::Issuing { .. }) => {
                    let message = "The authorization server did not answer in time.";
                    self.fail(now, ticket, &Failure::new(Reason::Timeout, message), effects);
                }
                None => {}
            }
        }
    }
}

fn shutting_down() -> Failure {
    Failure::new(Reason::Aborted, "The host is shutting down.")
}
