//! The user before the consent prompt.

use std::{sync::Arc, time::Duration};

use minihost::{Choice, ConsentView, PromptId, Remember, Scope, ViewDigest, ports::ConsentPrompt};

use super::{State, Todo, World, throw};

/// What the host's process sees of the user.
pub(crate) struct Person(pub(crate) Arc<World>);

/// What the user does about a prompt.
#[derive(Clone, Copy, PartialEq)]
enum Does {
    AllowAll,
    AllowSome,
    Deny,
    Dismiss,
    /// Allows, and does it once more.
    Twice,
    /// Answers something that does not count.
    Wrongly,
    Nothing,
}

const HABITS: [(u64, Does); 7] = [
    (8, Does::AllowAll),
    (5, Does::AllowSome),
    (2, Does::Deny),
    (2, Does::Dismiss),
    (1, Does::Twice),
    (1, Does::Wrongly),
    (2, Does::Nothing),
];

impl ConsentPrompt for Person {
    fn present(&self, view: ConsentView) {
        let world = &self.0;
        let (user, now) = (world.user(), world.when().uptime);
        let what = || {
            let scopes = view.shown.scopes.iter().map(|scope| scope.name.as_str());
            let scopes: Vec<&str> = scopes.collect();
            let (program, account) = (&view.shown.mini_program.id, &view.shown.account);
            format!("prompt {}: {program} asks {account} for {scopes:?}", view.prompt.0)
        };
        let reaction = world.called(what, |state| {
            state.judge.presented(now, &view, user);
            if state.chance.percent(state.temper.host_throws) {
                state.judge.not_drawn();
                return None;
            }
            Some((state.chance.percent(10), decide(state, &view)))
        });
        let Some(reaction) = reaction else { return };
        let Some((at_once, answers)) = reaction else { throw() };
        for (after, choice, view) in answers {
            if at_once {
                // From within the call, as a host does that has its answer ready.
                world.answer(&view, choice);
            } else {
                let todo = Todo::Answer(Box::new(view), choice);
                world.state().agenda.push((now + after, todo));
            }
        }
    }

    fn dismiss(&self, prompt: PromptId) {
        let what = || format!("prompt {}: it is taken off the screen", prompt.0);
        let now = self.0.when().uptime;
        self.0.called(what, |state| state.judge.dismissed(now, prompt));
    }
}

impl World {
    /// The user answers a prompt.
    pub(crate) fn answer(&self, view: &ConsentView, choice: Choice) {
        let Some(process) = self.process() else { return };
        // The judge knows answers by their times.
        self.clock.tell_apart();
        let (user, when) = (process.account.user(), self.when());
        let counts = self.state().judge.would_count(view, &choice);
        self.note(|| format!("user: answers prompt {} with {choice:?}", view.prompt.0));
        let outcome = process.host.answer(view.prompt, &view.digest, choice.clone());
        let mut state = self.state();
        match (outcome, state.judge.asked(view, user)) {
            (Ok(()), Some(user)) if counts => state.judge.answered(when, view, &choice, &user),
            (Ok(()), _) => state.judge.accepted_wrongly(view.prompt),
            (Err(error), _) if counts => state.judge.refused_wrongly(view.prompt, error),
            (Err(_), _) => {}
        }
    }
}

/// The answers that the user will give, how long after the prompt, and to which view.
fn decide(state: &mut State, view: &ConsentView) -> Vec<(Duration, Choice, ConsentView)> {
    let chance = &mut state.chance;
    let does = chance.weighted(&HABITS);
    let latest = chance.pick(&[200, 2_000, 2_000, 60_000]);
    let after = Duration::from_millis(chance.below(latest));
    let remember = chance.pick(&view.shown.remember);
    let all = view.shown.scopes.iter().map(|scope| scope.name.clone());
    let answer = |choice| vec![(after, choice, view.clone())];
    match does {
        Does::AllowAll => answer(Choice::Allow { scopes: all.collect(), remember }),
        Does::AllowSome => {
            let scopes = chance.some(all).into_iter().collect();
            answer(Choice::Allow { scopes, remember })
        }
        Does::Deny => answer(Choice::Deny),
        Does::Dismiss => answer(Choice::Dismiss),
        Does::Twice => {
            let choice = Choice::Allow { scopes: all.collect(), remember };
            vec![(after, choice, view.clone()), (after, Choice::Deny, view.clone())]
        }
        Does::Wrongly => {
            let mut other = view.clone();
            let mut scopes: std::collections::BTreeSet<Scope> = all.collect();
            match chance.below(3) {
                0 => other.digest = ViewDigest::new("another"),
                1 => other.prompt = PromptId(view.prompt.0 + 1),
                _ => {
                    scopes.insert(Scope::new("admin"));
                }
            }
            vec![(after, Choice::Allow { scopes, remember: Remember::UntilRevoked }, other)]
        }
        Does::Nothing => Vec::new(),
    }
}
