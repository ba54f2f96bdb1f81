//! Rule 6, beyond prompts: what else the host puts before its user for a program.

use std::time::Duration;

use minihost::User;

use super::{Judge, requests::Waiting};
use crate::{limits, rule::Rule};

/// What is before the user beside a prompt.
#[derive(Default)]
pub(super) struct Elsewhere {
    /// Sign-ins and browsers.
    pub(super) signing_in: u32,
    /// When the settings were last wanted.
    settings: Option<Duration>,
}

impl Judge {
    /// The host has its user sign in, or go to a browser, for a program.
    pub(crate) fn sign_in_shown(&mut self, now: Duration, program: &str, user: Option<&User>) {
        self.elsewhere.signing_in += 1;
        let alone = self.elsewhere.signing_in == 1;
        self.expect(alone, Rule::OnePromptAtATime, || "two sign-ins are on screen".to_owned());
        let in_flux = self.is_in_flux();
        let asks = |waiting: &Waiting| {
            waiting.program.id == program
                && waiting.genuine
                && waiting.code.as_ref().is_some_and(|code| code.prompt != "none")
        };
        let hidden = &self.hidden;
        let mut asked: Vec<_> = self.waiting.iter_mut().filter(|(_, one)| asks(one)).collect();
        let touched = asked.iter().any(|((session, _), waiting)| {
            let visible = waiting.was_elsewhere || !hidden.contains(session);
            waiting.may_prompt && visible
        });
        asked.iter_mut().for_each(|(_, waiting)| waiting.was_elsewhere = true);
        self.expect(touched || in_flux, Rule::OnePromptAtATime, || {
            format!("{program} has the user sign in from the background, or without being touched")
        });
        if let Some(user) = user {
            let key = (user.id.to_string(), program.to_owned());
            let holds = self.refusals.get(&key).is_some_and(|refusals| refusals.holds(now));
            self.expect(!holds, Rule::OnePromptAtATime, || {
                format!("{program} has {} sign in soon after a refusal", user.id)
            });
        }
    }

    /// However that ended.
    pub(crate) fn sign_in_gone(&mut self) {
        self.elsewhere.signing_in = self.elsewhere.signing_in.saturating_sub(1);
    }

    /// A page has the settings opened.
    pub(crate) fn settings_wanted(&mut self, now: Duration) {
        let before = self.elsewhere.settings.replace(now);
        let rested = before.is_none_or(|at| now >= at + limits::SETTINGS_REST);
        self.expect(rested, Rule::OnePromptAtATime, || {
            "pages have the settings opened again and again".to_owned()
        });
    }
}
