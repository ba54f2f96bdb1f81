//! What users, the host and the authorization server answer.

use std::collections::BTreeSet;

use minihost_core::{
    AuthorizationCode, Choice, ClientId, GrantId, HostMethodFailure, Input, IssueFailure,
    IssuedCode, PromptId, Remember, Scope, SignInOutcome,
};
use minihost_protocol::Reason;
use serde_json::json;

use super::{Answers, World};
use crate::histories::event::scopes;

impl World {
    pub(super) fn answer(&mut self, prompt: Option<u64>, choice: u8, allow: u8, remember: bool) {
        let shown = self.on_screen.as_ref().map(|(prompt, ..)| *prompt);
        let Some(prompt) = prompt.map(PromptId).or(shown) else { return };
        let choice = match choice {
            0 => Choice::Deny,
            1 => Choice::Dismiss,
            _ => Choice::Allow {
                scopes: scopes(allow),
                remember: if remember { Remember::ThirtyDays } else { Remember::Once },
            },
        };
        if shown == Some(prompt) {
            let (_, user, program, offered) = self.on_screen.take().unwrap();
            if choice != Choice::Dismiss {
                self.take_back(&user, &program, &offered);
            }
            if let Choice::Allow { scopes, .. } = &choice {
                let allowed: BTreeSet<Scope> = scopes.intersection(&offered).cloned().collect();
                self.agree(&user, &program, allowed, remember);
            }
        }
        let effects = self.machine.feed(Input::Answered { prompt, choice });
        self.observe(effects);
    }

    pub(super) fn returned(&mut self, call: usize, ok: bool) {
        if self.calls.is_empty() {
            return;
        }
        let index = call % self.calls.len();
        let effects = match self.calls.remove(index) {
            (ticket, Answers::SignIn) => {
                let outcome = if ok { SignInOutcome::Done } else { SignInOutcome::Cancelled };
                self.machine.feed(Input::SignInDone { ticket, outcome })
            }
            (ticket, Answers::Settings) => self.machine.feed(Input::SettingsShown { ticket }),
            (ticket, Answers::Method) => {
                let failure =
                    HostMethodFailure { reason: Reason::Internal, message: "Broken.".into() };
                let outcome = if ok { Ok(json!({"printed": true})) } else { Err(failure) };
                self.machine.feed(Input::MethodReturned { ticket, outcome })
            }
        };
        self.observe(effects);
    }

    pub(super) fn issued(&mut self, ticket: usize, ok: bool) {
        if self.tickets.is_empty() {
            return;
        }
        let (ticket, client) = self.tickets[ticket % self.tickets.len()].clone();
        self.in_flight.remove(&ticket);
        let outcome = if ok {
            Ok(IssuedCode {
                code: AuthorizationCode::new("code"),
                client_id: ClientId::new(client),
                scopes: None,
                issuer: None,
                expires_in: None,
                grant_id: Some(GrantId::new("g")),
            })
        } else {
            let reason = match ticket.0 % 3 {
                0 => Reason::ConsentRequired,
                1 => Reason::LoginRequired,
                _ => Reason::Network,
            };
            Err(IssueFailure::because(reason))
        };
        let effects = self.machine.feed(Input::CodeIssued { ticket, outcome });
        self.observe(effects);
    }
}
