//! What comes out of the machine, and what must hold after each event.

use std::time::Duration;

use minihost_core::{Effect, ReplyToken, Scope, SessionId};
use minihost_protocol::limits;
use serde_json::{Value, json};

use super::{Answers, Waiting, World};
use crate::histories::event::PROGRAMS;

/// How long the network is given.
const NETWORK: Duration = Duration::from_secs(30);

impl World {
    pub(crate) fn observe(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Reply(reply) => {
                    let key = (reply.session, reply.in_reply_to);
                    let waited = self.unanswered.remove(&key);
                    let waited = waited.expect("a reply to a request that had one or is gone");
                    assert_eq!(reply.document, waited.document, "a reply to another document");
                    let message: Value = serde_json::from_str(&reply.text).unwrap();
                    assert!(message["id"] == waited.id || message["id"].is_null());
                    if let Some(since) = waited.silent_since {
                        self.check_silence(since, &message);
                    }
                }
                Effect::Prompt(view) => {
                    self.check_screen_is_free();
                    let offered = view.shown.scopes.iter().map(|s| s.name.clone()).collect();
                    let program = view.shown.mini_program.id.to_string();
                    let user = self.user.clone().expect("a prompt without a user");
                    self.on_screen = Some((view.prompt, user, program, offered));
                }
                Effect::DismissPrompt(prompt) => {
                    let shown = self.on_screen.take();
                    assert_eq!(shown.map(|(shown, ..)| shown), Some(prompt));
                }
                Effect::Save { save, .. } => {
                    self.saves.push(save);
                    self.store_is_owed = false;
                }
                Effect::IssueCode(request) => {
                    self.check_consent(&request);
                    let client = request.asked().client_id.to_string();
                    self.tickets.push((request.ticket(), client));
                    self.in_flight.insert(request.ticket());
                }
                Effect::AbandonCode(ticket) => {
                    assert!(self.in_flight.remove(&ticket), "nothing to give up");
                }
                Effect::Tell(told) => {
                    assert_eq!(self.documents.get(&told.session), Some(&told.document));
                    self.check_event(told.session, &told.text);
                }
                Effect::CallMethod(call) => {
                    let user = call.user.expect("the method needs a scope").id;
                    let granted = self.remembered_now(&user, call.mini_program.as_str());
                    assert!(granted.contains(&Scope::new("profile")), "a call without its scope");
                    self.calls.push((call.ticket, Answers::Method));
                }
                Effect::AbandonMethod(ticket) | Effect::AbandonSignIn(ticket) => {
                    let before = self.calls.len();
                    self.calls.retain(|(called, _)| *called != ticket);
                    assert_eq!(self.calls.len() + 1, before, "nothing to give up");
                }
                Effect::OpenSettings { ticket, .. } => {
                    self.check_screen_is_free();
                    self.calls.push((ticket, Answers::Settings));
                }
                Effect::SignIn(wanted) => {
                    self.check_screen_is_free();
                    self.calls.push((wanted.ticket, Answers::SignIn));
                }
                Effect::EndAtServer { ending, .. } => self.endings.push(ending),
                Effect::Revoked { call, .. } => {
                    assert!(self.revokes.remove(&call), "one outcome for each taking back");
                }
                Effect::Settle { .. } | Effect::Audit(_) => {}
            }
        }
    }

    /// Nothing comes before a user who is busy with a prompt or a sign-in. When the settings are over,
    /// nobody says.
    fn check_screen_is_free(&self) {
        assert!(self.on_screen.is_none(), "something comes while a prompt is on screen");
        let fills = |(_, answers): &(_, Answers)| *answers == Answers::SignIn;
        assert!(!self.calls.iter().any(fills), "something comes while the screen is filled");
    }

    /// A page without a grant learns the same after the same time, whatever it asks silently.
    fn check_silence(&self, since: Duration, message: &Value) {
        let reason = &message["error"]["data"]["reason"];
        let whoever_asks = ["aborted", "throttled", "disabled_by_host", "invalid_request"];
        if whoever_asks.iter().any(|known| reason == known) {
            return;
        }
        let nothing =
            reason == "interaction_required" || message["result"] == json!({"valid": false});
        assert!(nothing, "a silent question was answered: {message}");
        let waited = self.machine.now().uptime - since;
        assert!(waited >= Duration::from_secs(1), "an answer came early: {message}");
    }

    /// An event tells a page no more than what is remembered for it.
    fn check_event(&self, session: SessionId, text: &str) {
        let event: Value = serde_json::from_str(text).unwrap();
        let program = PROGRAMS[usize::try_from(session.0).unwrap() - 1];
        let user = self.user.as_ref();
        let granted = user.map(|user| self.remembered_now(user, program)).unwrap_or_default();
        if event["method"] == "auth.sessionChanged" && event["params"]["valid"] == true {
            assert!(!granted.is_empty(), "a session event without a grant");
        }
        for grant in event["params"]["grants"].as_array().into_iter().flatten() {
            assert!(granted.contains(&Scope::new(grant["scope"].as_str().unwrap())));
        }
    }

    pub(super) fn invariants(&mut self) {
        let waiting = self.machine.mediator.pending_requests();
        self.most_pending = self.most_pending.max(waiting);
        assert_eq!(waiting, self.unanswered.len(), "what waits is what has no answer");
        for (session, document) in &self.documents {
            let own = |((of, _), waiting): &(&(SessionId, ReplyToken), &Waiting)| {
                of == session && waiting.document == *document
            };
            let pending = self.unanswered.iter().filter(own).count();
            assert!(pending <= limits::PENDING, "more than a page may have pending");
        }
        assert!(self.in_flight.len() <= waiting, "a code request that nobody waits for");
        let open = self.machine.mediator.open_prompt().map(|view| view.prompt);
        assert_eq!(open, self.on_screen.as_ref().map(|(prompt, ..)| *prompt));
        let seen = self.on_screen.as_ref().is_none_or(|(_, _, program, _)| {
            let hidden: Vec<&str> = self.hidden.iter().map(|session| PROGRAMS[*session]).collect();
            !hidden.contains(&program.as_str())
        });
        assert!(seen, "the prompt of a page that is not on screen");
        let grants = self.machine.mediator.grants(self.machine.now());
        let will_end = grants.iter().any(|grant| grant.expires_at.is_some());
        let is_due = self.machine.mediator.next_deadline().is_some();
        let must_be_due = waiting > 0 || will_end || !self.revokes.is_empty() || self.store_is_owed;
        assert!(!must_be_due || is_due, "a tick comes where something ends by itself");
        // What a page took back has a time, though the page no longer waits.
        let page_revoked =
            self.page_revoked.is_some_and(|at| self.machine.now().uptime < at + NETWORK);
        let may_be_due = must_be_due || page_revoked || self.server_failed;
        assert!(may_be_due || !is_due, "no tick comes where nothing ends");
    }
}
