//! Remembering: what is written before a code is asked for, and what follows from it.

use std::{collections::BTreeSet, time::Duration};

use jiff::{SignedDuration, Timestamp};
use minihost_protocol::{Failure, Reason};

use super::{
    Effect, Mediator,
    code_work::{Agreed, CodeWork, Seen, Stage},
    saving::Unsaved,
    server_end::Due,
    sheet::{Share, Sheet},
};
use crate::{
    Approval, ConsentMode, Grant, GrantEndedBy, GrantId, GrantKey, GrantParty, Manifest, Moment,
    Remember, SaveId, Scope, SessionId, Ticket, consent::Decision,
};

/// Whether everything was written that there was to write.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Saved {
    Yes,
    No,
}

/// Whether a code request comes of the answer that ends a grant.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum CodeFollows {
    Yes,
    No,
}

/// What the authorization server has given a code for.
pub(super) struct Known<'a> {
    pub(super) party: &'a GrantParty,
    pub(super) scopes: &'a BTreeSet<Scope>,
    pub(super) decision: &'a Decision,
}

const THIRTY_DAYS: SignedDuration = SignedDuration::from_hours(30 * 24);

impl Mediator {
    /// Notes what was allowed and has it stored. `None` where nothing is to be remembered.
    pub(super) fn remember(
        &mut self,
        now: Moment,
        sheet: &Sheet,
        decision: &Decision,
        allowed: &BTreeSet<Scope>,
        remember: Remember,
        effects: &mut Vec<Effect>,
    ) -> Option<SaveId> {
        self.end_under_other_keys(now, sheet, effects);
        let expires_at = match remember {
            Remember::Once => {
                // The newest answer counts: a longer one given earlier for the same ends here.
                self.take_back(now, sheet, allowed, CodeFollows::Yes, effects);
                return None;
            }
            Remember::ThirtyDays => {
                Some(now.time.checked_add(THIRTY_DAYS).unwrap_or(Timestamp::MAX))
            }
            Remember::UntilRevoked => None,
        };
        let manifest = self.sessions.get(&sheet.share.session)?.manifest.clone();
        let party = self.party_of(sheet)?;
        let grants =
            allowed.iter().map(|scope| grant(party.key(scope), decision, expires_at, &manifest));
        let replaced = self.grants.remember(grants.collect());
        self.grants_or_user_changed = true;
        let save = self.save(now, effects);
        self.saves.insert(save, Unsaved { decision: decision.id.clone(), replaced });
        Some(save)
    }

    /// Ends what was remembered of these scopes: the user has just said otherwise. At the server
    /// too, where nothing is left; but not when a code is to follow, which would end with it.
    pub(super) fn take_back(
        &mut self,
        now: Moment,
        sheet: &Sheet,
        scopes: &BTreeSet<Scope>,
        follows: CodeFollows,
        effects: &mut Vec<Effect>,
    ) -> Saved {
        let Some(party) = self.party_of(sheet) else { return Saved::No };
        let is_meant = |key: &GrantKey| key.party == party && scopes.contains(&key.scope);
        self.forget_unsaved(is_meant);
        self.note_expired(now);
        let ended = self.grants.end(now.time, GrantEndedBy::Answered, is_meant);
        // A request may still rest on what has expired since it began.
        self.end_what_rests_on(now, is_meant, &[ConsentMode::Remembered], effects);
        if ended.is_empty() {
            return Saved::No;
        }
        let due = match follows {
            CodeFollows::No => {
                self.end_at_server_where_none_remain(now, |other| other.is_same_program(&party))
            }
            CodeFollows::Yes => Due::default(),
        };
        self.save_end(now, effects);
        self.tell_server(now, due.grants, effects);
        Saved::Yes
    }

    /// Ends what was granted to the program under another key than the one that vouches for it now:
    /// its pages cannot take that back any more. At the server too, before the code is asked for.
    fn end_under_other_keys(&mut self, now: Moment, sheet: &Sheet, effects: &mut Vec<Effect>) {
        let Some(party) = self.party_of(sheet) else { return };
        let is_meant = |key: &GrantKey| key.party.is_under_another_key(&party);
        self.forget_unsaved(is_meant);
        self.note_expired(now);
        let ended = self.grants.end(now.time, GrantEndedBy::Answered, is_meant);
        let modes = [ConsentMode::Prompt, ConsentMode::Remembered];
        self.end_what_rests_on(now, is_meant, &modes, effects);
        let due =
            self.end_at_server_where_none_remain(now, |other| other.is_under_another_key(&party));
        if !ended.is_empty() || due.news {
            self.save_end(now, effects);
        }
    }

    /// Ends what is under way and rests on what was just taken back: code requests had in one of these
    /// ways, since the code that the server would give brings the grant back there, and calls of the
    /// host's own methods.
    pub(super) fn end_what_rests_on(
        &mut self,
        now: Moment,
        is_meant: impl Fn(&GrantKey) -> bool,
        modes: &[ConsentMode],
        effects: &mut Vec<Effect>,
    ) {
        let ends = |agreed: &Agreed| agreed.resting(modes).any(|key| is_meant(&key));
        let rests = |work: &CodeWork| match (&work.agreed, &work.stage) {
            (Some(agreed), _) => ends(agreed),
            (None, Stage::Issuing { scopes, mode, .. }) => {
                modes.contains(mode) && scopes.iter().any(|scope| is_meant(&work.party.key(scope)))
            }
            // What is remembered is looked at again before the code is asked for.
            (None, _) => false,
        };
        self.pendings.forget_agreed(ends);
        let codes = self.pendings.codes_where(rests);
        for ticket in codes.into_iter().chain(self.pendings.calls_where(&is_meant)) {
            let message = "What this request rests on was taken back.";
            self.fail(now, ticket, &Failure::new(Reason::ConsentRequired, message), effects);
        }
    }

    /// What has ended may not come back when a save fails that took its place.
    pub(super) fn forget_unsaved(&mut self, is_meant: impl Fn(&GrantKey) -> bool) {
        self.grants_or_user_changed = true;
        for unsaved in self.saves.values_mut() {
            unsaved.replaced.retain(|grant| !is_meant(&grant.key));
        }
    }

    /// Makes the code request of a request that remembered grants approve; after their save, where
    /// one is under way.
    pub(super) fn issue_remembered(
        &mut self,
        now: Moment,
        ticket: Ticket,
        approval: Approval,
        effects: &mut Vec<Effect>,
    ) {
        let Some(work) = self.pendings.code_mut(ticket) else { return };
        let unsaved = self.saves.iter().find(|(_, unsaved)| {
            self.grants.rests_on(&work.party, &work.scopes, &unsaved.decision)
        });
        match unsaved {
            Some((save, _)) => {
                work.stage = Stage::Saving { save: *save, approval };
                let deadline = now.uptime.saturating_add(self.config.save_deadline);
                self.pendings.wait_until(ticket, deadline);
            }
            None => self.end_first(now, ticket, approval, effects),
        }
    }

    /// Makes the code request of a request whose approval waited for the store.
    pub(super) fn issue_saved(&mut self, now: Moment, ticket: Ticket, effects: &mut Vec<Effect>) {
        match self.approval_that_holds(now, ticket, effects) {
            // What it rests on now may be another answer, which waits for a save of its own.
            Some(approval) if approval.mode() == ConsentMode::Remembered => {
                self.issue_remembered(now, ticket, approval, effects);
            }
            Some(approval) => self.end_first(now, ticket, approval, effects),
            None => {}
        }
    }

    /// The approval of a request that has waited. One that rests on grants which no longer hold is
    /// asked for after all.
    pub(super) fn approval_that_holds(
        &mut self,
        now: Moment,
        ticket: Ticket,
        effects: &mut Vec<Effect>,
    ) -> Option<Approval> {
        let approval = self.pendings.take_approval(ticket)?;
        let work = self.pendings.code_mut(ticket)?;
        let holds = approval.mode() == ConsentMode::Prompt
            || self.grants.approve(&work.party, &work.scopes, now.time).is_some();
        if holds {
            return Some(approval);
        }
        work.stage = Stage::Accepted;
        match self.may_ask_now(now, ticket) {
            Ok(()) => self.ask(ticket, now.uptime.saturating_add(self.config.prompt_deadline)),
            Err(failure) => self.fail(now, ticket, &failure, effects),
        }
        None
    }

    /// Lets a request that is on the list wait for the user.
    pub(super) fn ask(&mut self, ticket: Ticket, deadline: Duration) {
        let Some(pending) = self.pendings.get(ticket) else { return };
        let Some(work) = pending.code() else { return };
        let share =
            Share::of(&pending.responder, &work.user, &work.scopes, &work.asked, work.prompt);
        let program = work.party.mini_program.clone();
        let joined = self.sheets.join(share, &program, ticket, deadline);
        if let Some(work) = self.pendings.code_mut(ticket) {
            work.stage = Stage::Prompting { prompt: joined.prompt };
            work.seen = Seen { digest: joined.digest, choice: None };
        }
        self.pendings.wait_until(ticket, joined.deadline);
    }

    /// Adds the server's name for the grant to what is remembered. What is not, since it was for one
    /// time or could not be stored, becomes history under that name, so that the user can end it.
    pub(super) fn note_grant_id(
        &mut self,
        now: Moment,
        session: SessionId,
        known: &Known<'_>,
        grant_id: &GrantId,
        effects: &mut Vec<Effect>,
    ) {
        let Known { party, scopes, decision } = *known;
        let Some(session) = self.sessions.get(&session) else { return };
        let mut news = self.grants.note_grant_id(party, scopes, grant_id);
        let live = self.grants.live_scopes(party, scopes, now.time);
        for scope in scopes.difference(&live) {
            let grant = Grant {
                grant_id: Some(grant_id.clone()),
                ..grant(party.key(scope), decision, None, &session.manifest)
            };
            news |= self.grants.note_once(now.time, grant);
        }
        self.known_anew(grant_id);
        if !news {
            return;
        }
        let due = self.give_up_surplus(now, party);
        self.save(now, effects);
        self.tell_server(now, due, effects);
        self.tell_what_waited(now);
    }

    fn party_of(&mut self, sheet: &Sheet) -> Option<GrantParty> {
        let first = sheet.tickets.first()?;
        Some(self.pendings.code_mut(*first)?.party.clone())
    }
}

fn grant(
    key: GrantKey,
    decision: &Decision,
    expires_at: Option<Timestamp>,
    manifest: &Manifest,
) -> Grant {
    Grant {
        key,
        granted_at: decision.at,
        expires_at,
        decision: decision.id.clone(),
        locale: decision.locale.clone(),
        digest: decision.digest.clone(),
        manifest_version: manifest.version.to_string(),
        manifest_hash: manifest.hash.clone(),
        earlier_grant_ids: Vec::new(),
        grant_id: None,
        ended: None,
    }
}
