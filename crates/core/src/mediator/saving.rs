//! The store of grants: what is written, and what follows from how that went. Every save is the
//! whole, so that a later one stands for those before it.

use std::collections::BTreeMap;

use super::{Effect, Mediator, SaveOutcome, again::Again};
use crate::{DecisionId, Grant, Moment, Remembered, SaveId};

/// What a save that has not been answered would make remembered.
pub(super) struct Unsaved {
    pub(super) decision: DecisionId,
    /// What it took the place of; valid again if the save fails.
    pub(super) replaced: Vec<Grant>,
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

/// What is known of the store's content.
pub(super) struct Stored {
    /// The newest save that is to be carried out.
    last: SaveId,
    /// The newest save that was answered, and with it all before.
    answered: SaveId,
    /// The newest save that was carried out.
    newest: SaveId,
    /// The first save that has nothing of what has ended, or was forgotten, since.
    without_ended: SaveId,
    pub(super) again: Again,
}

impl Stored {
    pub(super) fn nothing() -> Self {
        let none = SaveId(0);
        let again = Again::default();
        Self { last: none, answered: none, newest: none, without_ended: none, again }
    }

    /// Whether something may lie there that is granted no more.
    pub(super) fn may_hold_ended(&self) -> bool {
        self.newest < self.without_ended
    }

    /// The save on its way that has nothing of what has ended.
    fn end_under_way(&self) -> Option<SaveId> {
        let under_way = self.answered < self.without_ended && self.without_ended <= self.last;
        under_way.then_some(self.without_ended)
    }

    /// Something has ended, or was forgotten, that saves so far still have.
    fn note_end(&mut self) {
        self.without_ended = SaveId(self.last.0 + 1);
    }
}

impl Mediator {
    /// The store has answered: what waited for it goes on either way.
    pub(super) fn grants_saved(
        &mut self,
        now: Moment,
        save: SaveId,
        outcome: SaveOutcome,
        effects: &mut Vec<Effect>,
    ) {
        if save <= self.store.answered || save > self.store.last {
            return;
        }
        self.store.answered = save;
        let later = self.saves.split_off(&SaveId(save.0 + 1));
        let answered = std::mem::replace(&mut self.saves, later);
        match outcome {
            SaveOutcome::Stored => {
                self.store.newest = save;
                self.store.again.went_well();
            }
            SaveOutcome::Failed => {
                self.forget_unstored(now, answered);
                // What is on its way has all of this one too.
                if save == self.store.last {
                    self.store.again.failed(now.uptime);
                }
            }
        }
        self.revocations_saved(now, save, outcome, effects);
        for ticket in self.pendings.of_saves_until(save) {
            self.issue_saved(now, ticket, effects);
        }
    }

    /// Nothing is remembered of what could not be stored. Oldest first.
    fn forget_unstored(&mut self, now: Moment, mut unstored: BTreeMap<SaveId, Unsaved>) {
        while let Some((_, Unsaved { decision, replaced })) = unstored.pop_first() {
            // What was to be written meanwhile still had it.
            self.store.note_end();
            for later in unstored.values_mut().chain(self.saves.values_mut()) {
                later.put_back(&decision, &replaced);
            }
            self.grants.forget_decision(now.time, &decision, replaced);
            self.grants_or_user_changed = true;
            self.tell_what_waited(now);
        }
    }

    /// Moves what has expired into history. Nothing is stored for that alone: in the store it has
    /// its end in itself, but for a calendar that is set back.
    pub(super) fn note_expired(&mut self, now: Moment) {
        if self.grants.expire(now.time) {
            self.store.note_end();
            self.tell_what_waited(now);
        }
    }

    /// Has it stored that grants have ended.
    pub(super) fn save_end(&mut self, now: Moment, effects: &mut Vec<Effect>) -> SaveId {
        self.store.note_end();
        self.save(now, effects)
    }

    /// The save that has it stored that grants have ended: one that is on its way, where nothing
    /// has ended since.
    pub(super) fn save_of_end(&mut self, now: Moment, effects: &mut Vec<Effect>) -> SaveId {
        match self.store.end_under_way() {
            Some(save) => save,
            None => self.save_end(now, effects),
        }
    }

    /// Has everything stored.
    pub(super) fn save(&mut self, now: Moment, effects: &mut Vec<Effect>) -> SaveId {
        self.note_expired(now);
        self.store.again.clear();
        self.store.last = SaveId(self.store.last.0 + 1);
        let save = self.store.last;
        let grants = self.grants.snapshot(now.time);
        let releases = self.releases.snapshot();
        let refusals = self.cooldowns.snapshot(now);
        let remembered = Remembered { grants, releases, refusals };
        effects.push(Effect::Save { save, remembered });
        save
    }
}
