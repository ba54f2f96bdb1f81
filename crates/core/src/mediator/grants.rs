//! Remembering: what is written before a code is asked for, and what follows from it.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use minihost_protocol::method::request_code::Prompt;

use super::{
    Effect, Mediator, SaveOutcome,
    pending::{Pending, Stage, interaction_required},
    sheet::{Share, Sheet},
};
use crate::{
    Approval, ConsentMode, DecisionId, Grant, GrantId, GrantKey, GrantParty, Moment, Remember,
    SaveId, Scope, Ticket, consent::Decision,
};

/// What a save that has not been answered would make remembered.
pub(super) struct Unsaved {
    decision: DecisionId,
    /// What it took the place of; valid again if the save fails.
    replaced: Vec<Grant>,
}

impl Unsaved {
    /// What this took the place of was itself never stored: what was there before that counts.
    fn put_back(&mut self, decision: &DecisionId, before: &[Grant]) {
        self.replaced.retain_mut(|grant| {
            if grant.decision != *decision {
                return true;
            }
            let older = before.iter().find(|older| older.key == grant.key);
            older.map(|older| *grant = older.clone()).is_some()
        });
    }
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
        let expires_at = match remember {
            Remember::Once => {
                // The newest answer counts: a longer one given earlier for the same ends here.
                self.take_back(now, sheet, allowed, effects);
                return None;
            }
            Remember::ThirtyDays => {
                Some(now.time.checked_add(THIRTY_DAYS).unwrap_or(Timestamp::MAX))
            }
            Remember::UntilRevoked => None,
        };
        let manifest = self.sessions.get(&sheet.share.session)?.manifest.clone();
        let party = self.party_of(sheet)?;
        let grants = allowed.iter().map(|scope| Grant {
            key: GrantKey { party: party.clone(), scope: scope.clone() },
            granted_at: now.time,
            expires_at,
            decision: decision.id.clone(),
            locale: decision.locale.clone(),
            digest: decision.digest.clone(),
            manifest_version: manifest.version.clone(),
            manifest_hash: manifest.hash.clone(),
            grant_id: None,
        });
        let replaced = self.grants.remember(grants.collect());
        let save = self.save(now, effects);
        self.saves.insert(save, Unsaved { decision: decision.id.clone(), replaced });
        Some(save)
    }

    /// Ends what was remembered of these scopes: the user has just said otherwise.
    pub(super) fn take_back(
        &mut self,
        now: Moment,
        sheet: &Sheet,
        scopes: &BTreeSet<Scope>,
        effects: &mut Vec<Effect>,
    ) {
        let Some(party) = self.party_of(sheet) else { return };
        // Nor may it come back when a save fails that took its place.
        for unsaved in self.saves.values_mut() {
            unsaved
                .replaced
                .retain(|grant| grant.key.party != party || !scopes.contains(&grant.key.scope));
        }
        if self.grants.forget(&party, scopes) {
            self.save(now, effects);
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
        let Some(pending) = self.pendings.get_mut(ticket) else { return };
        let unsaved = self.saves.iter().find(|(_, unsaved)| {
            self.grants.rests_on(&pending.party, &pending.scopes, &unsaved.decision)
        });
        match unsaved {
            Some((save, _)) => {
                pending.stage = Stage::Saving { save: *save, approval };
                pending.deadline = now.uptime.saturating_add(self.config.save_deadline);
            }
            None => self.issue(now, ticket, approval, effects),
        }
    }

    /// The store has answered: what waited for it goes on either way.
    pub(super) fn grants_saved(
        &mut self,
        now: Moment,
        save: SaveId,
        outcome: SaveOutcome,
        effects: &mut Vec<Effect>,
    ) {
        if let Some(Unsaved { decision, replaced }) = self.saves.remove(&save)
            && outcome == SaveOutcome::Failed
        {
            self.grants.forget_decision(&decision);
            for later in self.saves.values_mut() {
                later.put_back(&decision, &replaced);
            }
            self.grants.load(replaced);
        }
        for ticket in self.pendings.of_save(save) {
            self.issue_saved(now, ticket, effects);
        }
    }

    /// Makes the code request of a request whose approval waited for the store. One that rests on
    /// grants which no longer hold is asked for after all.
    pub(super) fn issue_saved(&mut self, now: Moment, ticket: Ticket, effects: &mut Vec<Effect>) {
        let Some(approval) = self.pendings.take_approval(ticket) else { return };
        let Some(pending) = self.pendings.get_mut(ticket) else { return };
        let holds = approval.mode() == ConsentMode::Prompt
            || self.grants.approve(&pending.party, &pending.scopes, now.time).is_some();
        if holds {
            return self.issue(now, ticket, approval, effects);
        }
        let deadline = now.uptime.saturating_add(self.config.prompt_deadline);
        let Pending { responder, user, scopes, asked, prompt, .. } = &*pending;
        let share = Share::of(responder, user, scopes, asked, *prompt);
        let joined = self.sheets.join(share, &pending.party.mini_program, ticket, deadline);
        pending.stage = Stage::Prompting { prompt: joined.prompt };
        pending.deadline = joined.deadline;
        pending.digest = joined.digest;
        if pending.prompt == Prompt::None {
            let failure = interaction_required("The user would have to be asked.");
            self.fail(now, ticket, &failure, effects);
        }
    }

    /// Adds the server's name for the grant to what is remembered, if it is.
    pub(super) fn note_grant_id(
        &mut self,
        now: Moment,
        party: &GrantParty,
        scopes: &BTreeSet<Scope>,
        grant_id: &GrantId,
        effects: &mut Vec<Effect>,
    ) {
        if self.grants.note_grant_id(party, scopes, grant_id) {
            self.save(now, effects);
        }
    }

    fn save(&mut self, now: Moment, effects: &mut Vec<Effect>) -> SaveId {
        self.last_save += 1;
        let save = SaveId(self.last_save);
        effects.push(Effect::SaveGrants { save, grants: self.grants.snapshot(now.time) });
        save
    }

    fn party_of(&mut self, sheet: &Sheet) -> Option<GrantParty> {
        let first = sheet.tickets.first()?;
        Some(self.pendings.get_mut(*first)?.party.clone())
    }
}
