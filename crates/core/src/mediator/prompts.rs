//! Asking the user: what goes on screen, and what an answer means.

use std::collections::BTreeSet;

use minihost_protocol::{Failure, Reason, method::request_code::Prompt};

use super::{
    Effect, Mediator, Visibility,
    code_work::{Agreed, Stage},
    grants::{CodeFollows, Saved},
    sheet::{OnScreen, PutBack, Sheet},
};
#[cfg(feature = "simulation")]
use crate::Breakage;
use crate::{
    Choice, ConsentView, DecisionId, MiniProgramId, Moment, PromptId, Remember, Scope, SessionId,
    UserChoice,
    consent::{ApprovedBy, Decision, Surroundings, Until, compose},
};

impl Mediator {
    /// Fills the screen, if it is free and somebody waits.
    pub(super) fn show_next(&mut self, now: Moment, effects: &mut Vec<Effect>) {
        while !self.pendings.fill_screen()
            && let Some(sheet) = self.next_sheet()
        {
            self.show(now, sheet, effects);
        }
    }

    fn next_sheet(&mut self) -> Option<Sheet> {
        let sessions = &self.sessions;
        let is_visible = |session| {
            sessions.get(&session).is_none_or(|session| session.visibility == Visibility::Visible)
        };
        self.sheets.next(is_visible)
    }

    fn show(&mut self, now: Moment, sheet: Sheet, effects: &mut Vec<Effect>) {
        let (Some(session), Some(user)) =
            (self.sessions.get(&sheet.share.session), self.user.clone())
        else {
            return;
        };
        let manifest = session.manifest.clone();
        if let Err(failure) = self.check_cooldown(now, &sheet.program) {
            return self.fail_each(now, &sheet.tickets, &failure, effects);
        }
        let already = self.granted_earlier(now, &sheet);
        if already == *sheet.share.scopes {
            return self.approve_remembered(now, &sheet, effects);
        }
        let missing: BTreeSet<Scope> = sheet.share.scopes.difference(&already).cloned().collect();
        let audience = sheet.share.audience.as_ref();
        let others = self.sessions.values().map(|session| &session.manifest);
        let others = others.filter(|other| other.id != manifest.id);
        let around = Surroundings {
            host: &self.config.host,
            locale: &self.config.locale,
            words: &self.config.words,
            remember: self.config.remember.as_slice(),
            others: others.map(|other| other.name.pick(&self.config.locale)).collect(),
        };
        let shown = compose(&manifest, &user, &missing, audience, &around);
        let view = ConsentView { prompt: sheet.prompt, digest: shown.digest(), shown };
        for ticket in &sheet.tickets {
            if let Some(work) = self.pendings.code_mut(*ticket) {
                work.seen.digest = Some(view.digest.clone());
            }
        }
        effects.push(Effect::Prompt(view.clone()));
        self.sheets.show(OnScreen { sheet, view, already });
    }

    /// Takes the prompt of a page that has left the screen off the screen too: the user would answer it
    /// before another page. It comes back with its page, within its time.
    pub(super) fn withdraw_prompt_of(&mut self, session: SessionId, effects: &mut Vec<Effect>) {
        let Some(PutBack { before, sheet }) = self.sheets.put_back(session) else { return };
        for ticket in &sheet.tickets {
            if let Some(work) = self.pendings.code_mut(*ticket) {
                work.stage = Stage::Prompting { prompt: sheet.prompt };
            }
        }
        effects.push(Effect::DismissPrompt(before));
    }

    /// Counts it like a closing by the user where a page has just taken its own prompt off the screen:
    /// one that asks and takes back, again and again, would have prompts flash for as long as the user
    /// touches it.
    pub(super) fn count_if_taken_back(
        &mut self,
        now: Moment,
        shown: Option<MiniProgramId>,
        effects: &mut Vec<Effect>,
    ) {
        let Some(program) = shown.filter(|_| self.sheets.view().is_none()) else { return };
        let user = self.user.as_ref().map(|user| user.id.clone());
        if self.cooldowns.dismissed(user.as_ref(), &program, now.uptime) {
            self.save(now, effects);
        }
    }

    /// What need not be asked: grants may have come since the request was made.
    fn granted_earlier(&mut self, now: Moment, sheet: &Sheet) -> BTreeSet<Scope> {
        let first = sheet.tickets.first().and_then(|ticket| self.pendings.code_mut(*ticket));
        match (first, sheet.share.prompt) {
            (None, _) | (_, Prompt::Consent) => BTreeSet::new(),
            (Some(work), _) => self.grants.live_scopes(&work.party, &sheet.share.scopes, now.time),
        }
    }

    fn approve_remembered(&mut self, now: Moment, sheet: &Sheet, effects: &mut Vec<Effect>) {
        for ticket in &sheet.tickets {
            let Some(work) = self.pendings.code_mut(*ticket) else { continue };
            if let Some(approval) = self.grants.approve(&work.party, &work.scopes, now.time) {
                self.issue_remembered(now, *ticket, approval, effects);
            }
        }
    }

    /// Carries an answer out. One that comes late finds no prompt and changes nothing.
    pub(super) fn answer(
        &mut self,
        now: Moment,
        prompt: PromptId,
        choice: Choice,
        effects: &mut Vec<Effect>,
    ) {
        let Some(shown) = self.sheets.take(prompt) else { return };
        let Some(user) = self.user.as_ref().map(|user| user.id.clone()) else { return };
        let program = shown.sheet.program.clone();
        let noted = match &choice {
            Choice::Dismiss => UserChoice::Dismissed,
            Choice::Deny => UserChoice::Denied,
            Choice::Allow { scopes, .. } if scopes.is_empty() => UserChoice::Denied,
            Choice::Allow { scopes, remember } => {
                UserChoice::Allowed { scopes: scopes.clone(), remember: *remember }
            }
        };
        for ticket in &shown.sheet.tickets {
            if let Some(work) = self.pendings.code_mut(*ticket) {
                work.seen.choice = Some((noted.clone(), now.uptime));
            }
        }
        let (allowed, remember) = match choice {
            Choice::Dismiss => {
                if self.cooldowns.dismissed(Some(&user), &program, now.uptime) {
                    self.save(now, effects);
                }
                let failure = Failure::new(
                    Reason::UserCancelled,
                    "The user closed the prompt without an answer.",
                );
                return self.fail_each(now, &shown.sheet.tickets, &failure, effects);
            }
            Choice::Deny => (BTreeSet::new(), Remember::Once),
            Choice::Allow { scopes, remember } => (scopes, remember),
        };
        let offered = shown.view.shown.scopes.iter().map(|scope| scope.name.clone());
        #[cfg(feature = "simulation")]
        let allowed = match self.config.breakage {
            Some(Breakage::Consent) if !allowed.is_empty() => offered.clone().collect(),
            _ => allowed,
        };
        let (allowed, refused): (BTreeSet<Scope>, BTreeSet<Scope>) =
            offered.partition(|scope| allowed.contains(scope));
        let (follows, changed) = if allowed.is_empty() {
            self.cooldowns.refused(Some(&user), &program, now.uptime);
            (CodeFollows::No, true)
        } else {
            (CodeFollows::Yes, self.cooldowns.allowed(&user, &program))
        };
        let saved = self.take_back(now, &shown.sheet, &refused, follows, effects);
        // What is remembered of an agreement below is written there.
        let unsaved = (changed || self.store.may_hold_ended()) && saved == Saved::No;
        if unsaved && (allowed.is_empty() || remember == Remember::Once) {
            self.save(now, effects);
        }
        if allowed.is_empty() {
            let failure = Failure::new(Reason::UserDenied, "The user refused.");
            return self.fail_each(now, &shown.sheet.tickets, &failure, effects);
        }
        self.approve(now, shown, &allowed, remember, effects);
    }

    /// Makes an approval for each request that waited, and a code request of each: at once, or as
    /// soon as what is to be remembered has been stored.
    fn approve(
        &mut self,
        now: Moment,
        shown: OnScreen,
        allowed: &BTreeSet<Scope>,
        remember: Remember,
        effects: &mut Vec<Effect>,
    ) {
        let decision = Decision {
            id: DecisionId::new(self.new_id()),
            at: now.time,
            locale: shown.view.shown.locale.clone(),
            digest: Some(shown.view.digest.clone()),
        };
        let save = self.remember(now, &shown.sheet, &decision, allowed, remember, effects);
        for ticket in shown.sheet.tickets {
            let Some(work) = self.pendings.code_mut(ticket) else { continue };
            let before = self.grants.live_scopes(&work.party, &shown.already, now.time);
            let scopes = &before | allowed;
            let approval = decision.approve(ApprovedBy {
                user: work.user.id.clone(),
                mini_program: work.party.mini_program.clone(),
                scopes: scopes.clone(),
            });
            let (decision, party) = (decision.clone(), work.party.clone());
            work.agreed = Some(Box::new(Agreed { decision, party, scopes, before }));
            match save {
                Some(save) => {
                    work.stage = Stage::Saving { save, approval };
                    let deadline = now.uptime.saturating_add(self.config.save_deadline);
                    self.pendings.wait_until(ticket, deadline);
                }
                None => self.end_first(now, ticket, approval, effects),
            }
        }
    }

    /// The host could not show a prompt: whoever waits for it need not wait any longer.
    pub(super) fn prompt_failed(
        &mut self,
        now: Moment,
        prompt: PromptId,
        effects: &mut Vec<Effect>,
    ) {
        let Some(shown) = self.sheets.take(prompt) else { return };
        let failure = Failure::new(Reason::Internal, "The host could not show its prompt.");
        self.fail_each(now, &shown.sheet.tickets, &failure, effects);
    }

    fn fail_each(
        &mut self,
        now: Moment,
        tickets: &[crate::Ticket],
        failure: &Failure,
        effects: &mut Vec<Effect>,
    ) {
        for ticket in tickets {
            self.fail(now, *ticket, failure, effects);
        }
    }
}

/// The failure of a program whose last prompt was refused a short while ago.
pub(super) fn cooling_down(until: Until, now: Moment) -> Failure {
    match until {
        Until::Uptime(end) => {
            let left = end.saturating_sub(now.uptime);
            Failure::new(Reason::Cooldown, "The user refused a short while ago.")
                .retry_after(left.as_secs() + u64::from(left.subsec_nanos() > 0))
        }
        Until::SettingsOpened => Failure::new(
            Reason::Cooldown,
            "The user refused three times; they must open the host's settings first.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_page_is_told_the_whole_seconds_after_which_it_may_ask() {
        let now = Moment { uptime: Duration::from_secs(10), time: jiff::Timestamp::UNIX_EPOCH };
        for (end, seconds) in [(30_000, 20), (30_001, 21), (29_999, 20), (10_000, 0), (9_000, 0)] {
            let until = Until::Uptime(Duration::from_millis(end));
            assert_eq!(cooling_down(until, now).retry_after, Some(seconds), "{end}");
        }
        assert_eq!(cooling_down(Until::SettingsOpened, now).retry_after, None);
    }
}
