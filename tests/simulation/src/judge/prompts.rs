//! Rule 6, and the user's part of rule 2: what is asked, when, and what was answered.

use std::{collections::BTreeSet, time::Duration};

use jiff::Timestamp;
use minihost::{AnswerError, Choice, ConsentView, PromptId, Remember, User};
use serde_json::Value;

use super::{Judge, Party, When, requests::Waiting};
use crate::{limits, rule::Rule};

/// The prompt that the user sees.
pub(super) struct OnScreen {
    view: ConsentView,
    user: Option<User>,
    since: Duration,
}

/// An answer that counted.
pub(super) struct Answer {
    pub(super) party: Party,
    pub(super) epoch: u64,
    pub(super) allowed: BTreeSet<String>,
    /// What was granted before and was not asked again: it goes together with what is allowed.
    pub(super) before: BTreeSet<String>,
    pub(super) offered: BTreeSet<String>,
    pub(super) remember: Option<Remember>,
    pub(super) at: Timestamp,
    pub(super) digest: String,
}

impl Answer {
    pub(super) fn covers(&self, scopes: &BTreeSet<String>) -> bool {
        scopes.iter().all(|scope| self.allowed.contains(scope) || self.before.contains(scope))
    }

    /// Whether it is what the evidence of a code request speaks of.
    pub(super) fn is_told_by(&self, consent: &Value) -> bool {
        consent["digest"] == self.digest.as_str() && consent["at"] == self.at.to_string()
    }
}

impl Judge {
    /// The host draws a prompt.
    pub(crate) fn presented(&mut self, now: Duration, view: &ConsentView, user: Option<User>) {
        self.expect(self.on_screen.is_none(), Rule::OnePromptAtATime, || {
            format!("prompt {} comes while another is on screen", view.prompt.0)
        });
        let user = self.asked(view, user);
        let program = view.shown.mini_program.id.as_str();
        let offered = offered(view);
        let asked: Vec<(minihost::SessionId, &Waiting)> = self
            .waiting
            .iter()
            .filter(|(_, waiting)| {
                waiting.program.id == program && waits_for(waiting, view, &offered)
            })
            .map(|((session, _), waiting)| (*session, waiting))
            .collect();
        let nobody = asked.is_empty() && !self.is_in_flux();
        let is_away =
            |session| self.hidden.contains(session) && !self.left_just_now.contains(session);
        let hidden = !asked.is_empty() && asked.iter().all(|(session, _)| is_away(session));
        let only_consent = asked
            .iter()
            .all(|(_, waiting)| waiting.code.as_ref().is_some_and(|c| c.prompt == "consent"));
        let exactly = |waiting: &Waiting| {
            waiting.may_prompt && waiting.code.as_ref().is_some_and(|code| code.scopes == offered)
        };
        let waited = asked.iter().filter(|(_, waiting)| exactly(waiting));
        let since = waited.map(|(_, waiting)| waiting.seen_since).min();
        let touched = asked.is_empty() || asked.iter().any(|(_, waiting)| waiting.may_prompt);
        let first_time =
            asked.iter().all(|(_, waiting)| !waiting.user_answered && waiting.signed_in);
        self.expect(!nobody, Rule::NoCodeWithoutConsent, || {
            format!("{program} did not ask for {offered:?}, and the user is asked")
        });
        self.expect(!hidden, Rule::OnePromptAtATime, || format!("{program} is in the background"));
        self.expect(touched, Rule::OnePromptAtATime, || {
            format!("{program} asked from the background, or without being touched")
        });
        if let Some(user) = &user {
            let key = (user.id.to_string(), program.to_owned());
            let holds = self.refusals.get(&key).is_some_and(|refusals| refusals.holds(now));
            self.expect(!holds, Rule::OnePromptAtATime, || {
                format!("{program} asks {} soon after a refusal", user.id)
            });
        }
        if let Some(since) = since.filter(|_| only_consent && first_time) {
            self.check_turn(program, since);
        }
        self.turns.push((program.to_owned(), now));
        self.on_screen = Some(OnScreen { view: view.clone(), user, since: now });
    }

    /// Whom a prompt asks: the user who is there, or the one before where the host has yet to hear of the
    /// change.
    pub(crate) fn asked(&self, view: &ConsentView, now: Option<User>) -> Option<User> {
        let is_named = |user: &User| user.display_name == view.shown.account;
        now.filter(is_named).or_else(|| self.user.clone().filter(is_named))
    }

    /// Since a request came or its page came back to the screen, or its program had its turn, no other
    /// program may have had two.
    fn check_turn(&mut self, program: &str, since: Duration) {
        let own = self.turns.iter().rposition(|(whose, _)| whose == program);
        let later = &self.turns[own.map_or(0, |own| own + 1)..];
        let mut others: Vec<&str> =
            later.iter().filter(|(_, at)| *at > since).map(|(whose, _)| whose.as_str()).collect();
        others.sort_unstable();
        if let Some(twice) = others.windows(2).find(|pair| pair[0] == pair[1]) {
            let what = format!("{} had two turns while {program} waited", twice[0]);
            self.blame(Rule::OnePromptAtATime, what);
        }
    }

    /// A page cancels a request, or begins anew: a prompt of its that is taken off the screen in this
    /// very moment counts like one that the user has closed.
    pub(crate) fn may_take_back(&mut self, now: Duration, program: &str) {
        self.takes_back = Some((program.to_owned(), now));
    }

    /// The host takes a prompt off the screen.
    pub(crate) fn dismissed(&mut self, now: Duration, prompt: PromptId) {
        let gone = self.on_screen.take_if(|shown| shown.view.prompt == prompt);
        let Some(OnScreen { view, user: Some(user), .. }) = gone else { return };
        let program = view.shown.mini_program.id.to_string();
        if self.takes_back.as_ref().is_some_and(|it| *it == (program.clone(), now)) {
            self.refusals.entry((user.id.to_string(), program)).or_default().dismissed(now);
        }
    }

    /// The host could not draw a prompt.
    pub(crate) fn not_drawn(&mut self) {
        self.on_screen = None;
    }

    /// The prompt that the user can answer.
    pub(crate) fn view(&self) -> Option<&ConsentView> {
        self.on_screen.as_ref().map(|shown| &shown.view)
    }

    pub(super) fn check_screen(&mut self, now: Duration) {
        let both = self.on_screen.is_some() && self.elsewhere.signing_in > 0;
        self.expect(!both, Rule::OnePromptAtATime, || {
            "a prompt and a sign-in are on screen".to_owned()
        });
        if let Some(shown) = &self.on_screen {
            let epoch = |user: &Option<User>| user.as_ref().map(|user| user.epoch);
            let same = epoch(&shown.user) == epoch(&self.user);
            let name = self.user.as_ref().map(|user| user.display_name.as_str());
            let named = name == Some(shown.view.shown.account.as_str());
            let in_time = now <= shown.since + limits::PROMPT + limits::SLACK;
            let (program, offered) = (&shown.view.shown.mini_program.id, offered(&shown.view));
            let mut asked = self.waiting.iter().filter(|(_, waiting)| {
                waiting.program.id == program.as_str() && waits_for(waiting, &shown.view, &offered)
            });
            let seen = asked.any(|((session, _), _)| !self.hidden.contains(session));
            let program = program.clone();
            self.expect(same && named, Rule::NoCodeWithoutConsent, || {
                "the prompt of another user, or of an earlier sign-in, is on screen".to_owned()
            });
            self.expect(in_time, Rule::ExactlyOneAnswer, || {
                "a prompt is on screen past its deadline".to_owned()
            });
            self.expect(seen, Rule::OnePromptAtATime, || {
                format!("the prompt of {program} stays, and its page has left the screen")
            });
        }
        let mut sheets = BTreeSet::new();
        for ((session, _), waiting) in &self.waiting {
            let Some(code) = &waiting.code else { continue };
            let waits = waiting.genuine
                && waiting.may_prompt
                && waiting.signed_in
                && !waiting.user_answered
                && !waiting.code_asked
                && code.prompt == "consent";
            if waits {
                sheets.insert((&waiting.program.id, session, &code.scopes, &code.audience));
            }
        }
        let programs: Vec<&String> = sheets.iter().map(|(program, ..)| *program).collect();
        let most = programs.chunk_by(|a, b| a == b).map(<[_]>::len).max().unwrap_or(0);
        self.expect(most <= limits::WAITING_PROMPTS, Rule::OnePromptAtATime, || {
            format!("{most} prompts of one program wait")
        });
    }

    /// Whether an answer would count.
    pub(crate) fn would_count(&self, view: &ConsentView, choice: &Choice) -> bool {
        let shown = self
            .view()
            .is_some_and(|shown| shown.prompt == view.prompt && shown.digest == view.digest);
        shown
            && match choice {
                Choice::Deny | Choice::Dismiss => true,
                Choice::Allow { scopes, remember } => {
                    let offered = offered(view);
                    scopes.iter().all(|scope| offered.contains(scope.as_str()))
                        && (scopes.is_empty() || view.shown.remember.contains(remember))
                }
            }
    }

    /// The host has taken an answer that does not count.
    pub(crate) fn accepted_wrongly(&mut self, prompt: PromptId) {
        let what = format!("an answer to prompt {} counts that must not", prompt.0);
        self.blame(Rule::NoCodeWithoutConsent, what);
    }

    /// The host has refused an answer that counts.
    pub(crate) fn refused_wrongly(&mut self, prompt: PromptId, error: AnswerError) {
        let what = format!("the answer to prompt {} does not count: {error}", prompt.0);
        let in_flux = self.is_in_flux();
        self.expect(in_flux, Rule::OnePromptAtATime, || what);
    }

    /// The host has taken the user's answer to the prompt on screen.
    pub(crate) fn answered(
        &mut self,
        when: When,
        view: &ConsentView,
        choice: &Choice,
        user: &User,
    ) {
        self.on_screen = None;
        self.answers_given += 1;
        let program = view.shown.mini_program.id.to_string();
        let offered = offered(view);
        let mut facts = None;
        for waiting in self.waiting.values_mut() {
            if waiting.program.id == program && waits_for(waiting, view, &offered) {
                let exactly = waiting.code.as_ref().is_some_and(|code| code.scopes == offered);
                waiting.user_answered |= exactly;
                facts = Some(waiting.program.clone());
            }
        }
        let Some(facts) = facts else { return };
        let audience = view.shown.audience.as_ref().map(ToString::to_string);
        let party = Party::of(user.id.as_str(), &facts, audience);
        let refusals = (user.id.to_string(), program);
        let (allowed, remember) = match choice {
            Choice::Dismiss => {
                return self.refusals.entry(refusals).or_default().dismissed(when.uptime);
            }
            Choice::Deny => (BTreeSet::new(), Remember::Once),
            Choice::Allow { scopes, remember } => {
                (scopes.iter().map(ToString::to_string).collect::<BTreeSet<_>>(), *remember)
            }
        };
        if allowed.is_empty() {
            self.refusals.entry(refusals).or_default().refused(when.uptime);
        } else {
            self.refusals.remove(&refusals);
            self.agreed_under(&party);
        }
        for scope in &offered {
            let key = (party.clone(), scope.clone());
            if allowed.contains(scope) {
                self.agree(key, remember, when);
            } else {
                self.answered_otherwise(&key);
            }
        }
        let granted = self.standing.keys().filter(|(of, _)| *of == party);
        let granted = granted.map(|(_, scope)| scope.clone());
        let before = granted
            .filter(|scope| !offered.contains(scope) && self.is_granted(&party, scope, when.time))
            .collect();
        self.answers.push(Answer {
            epoch: user.epoch,
            allowed,
            before,
            offered,
            remember: (remember != Remember::Once).then_some(remember),
            at: when.time,
            digest: view.digest.to_string(),
            party,
        });
    }
}

/// Whether a request may be one of those that a prompt is shown for.
fn waits_for(waiting: &Waiting, view: &ConsentView, offered: &BTreeSet<String>) -> bool {
    let Some(code) = &waiting.code else { return false };
    let audience = view.shown.audience.as_ref().map(|audience| audience.as_str());
    waiting.genuine
        && code.prompt != "none"
        && offered.is_subset(&code.scopes)
        && code.audience.as_deref() == audience
}

fn offered(view: &ConsentView) -> BTreeSet<String> {
    view.shown.scopes.iter().map(|scope| scope.name.to_string()).collect()
}
