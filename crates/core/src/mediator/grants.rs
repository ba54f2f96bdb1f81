//! Remembering: what is written before a code is asked for, and what follows from it.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::{Effect, Mediator, SaveOutcome, pending::Stage, sheet::Sheet};
use crate::{
    Grant, GrantId, GrantKey, GrantParty, Moment, Remember, SaveId, Scope, Ticket,
    consent::Decision,
};

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
            Remember::Once => return None,
            Remember::ThirtyDays => {
                Some(now.time.checked_add(THIRTY_DAYS).unwrap_or(Timestamp::MAX))
            }
            Remember::UntilRevoked => None,
        };
        let manifest = self.sessions.get(&sheet.share.session)?.manifest.clone();
        let first = sheet.tickets.first()?;
        let party = self.pendings.get_mut(*first)?.party.clone();
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
        self.grants.remember(grants.collect());
        let save = self.save(effects);
        self.saves.insert(save, decision.id.clone());
        Some(save)
    }

    /// The store has answered: what waited for it goes on either way.
    pub(super) fn grants_saved(
        &mut self,
        now: Moment,
        save: SaveId,
        outcome: SaveOutcome,
        effects: &mut Vec<Effect>,
    ) {
        if let Some(decision) = self.saves.remove(&save)
            && outcome == SaveOutcome::Failed
        {
            self.grants.forget_decision(&decision);
        }
        for ticket in self.pendings.of_save(save) {
            self.issue_saved(now, ticket, effects);
        }
    }

    /// Makes the code request of a request whose approval waited for the store.
    pub(super) fn issue_saved(&mut self, now: Moment, ticket: Ticket, effects: &mut Vec<Effect>) {
        let Some(mut pending) = self.pendings.take(ticket) else { return };
        match pending.stage {
            Stage::Saving { approval, .. } => {
                let (scopes, mode) = (approval.scopes().clone(), approval.mode());
                pending.stage = Stage::Issuing { scopes, mode };
                self.pendings.insert(ticket, pending);
                self.issue(now, ticket, approval, effects);
            }
            stage => {
                pending.stage = stage;
                self.pendings.insert(ticket, pending);
            }
        }
    }

    /// Adds the server's name for the grant to what is remembered, if it is.
    pub(super) fn note_grant_id(
        &mut self,
        party: &GrantParty,
        scopes: &BTreeSet<Scope>,
        grant_id: &GrantId,
        effects: &mut Vec<Effect>,
    ) {
        if self.grants.note_grant_id(party, scopes, grant_id) {
            self.save(effects);
        }
    }

    fn save(&mut self, effects: &mut Vec<Effect>) -> SaveId {
        self.last_save += 1;
        let save = SaveId(self.last_save);
        effects.push(Effect::SaveGrants { save, grants: self.grants.snapshot() });
        save
    }
}
