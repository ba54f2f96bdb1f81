//! Rule 9: what lies on the disk, what is said of it, and what a restart brings back.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use minihost::{Grant, GrantEndedBy, Remembered};

use super::{
    Judge, Key, Party, When,
    grants::{Agreement, Stored},
};
use crate::rule::Rule;

/// A grant in the file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct OnDisk {
    pub(super) granted_at: Timestamp,
    pub(super) expires_at: Option<Timestamp>,
}

impl Judge {
    /// The host begins to write. The number names the write.
    pub(crate) fn save_begins(&mut self, remembered: &Remembered) -> u64 {
        self.saves += 1;
        let save = self.saves;
        // What has expired before its first save is part of that as history.
        let expired =
            |grant: &&Grant| grant.ended.as_ref().is_none_or(|end| end.by == GrantEndedBy::Expired);
        for (key, stored) in remembered.grants.iter().filter(expired).map(of_grant) {
            let Some(agreements) = self.standing.get_mut(&key) else { continue };
            // Of answers that say the same at the same time, the earlier one is saved first.
            let is_new = |one: &Agreement| one.is(stored) && one.first_save.is_none();
            let Some(newest) = agreements.iter().position(is_new) else { continue };
            // A newer answer may have taken the place of one that still waited to be written.
            for agreement in agreements[..=newest].iter_mut() {
                agreement.first_save.get_or_insert(save);
            }
        }
        save
    }

    /// It lies on the disk, whatever the host may hear of it.
    pub(crate) fn on_disk(&mut self, remembered: &Remembered) {
        self.on_disk = live(remembered).collect();
    }

    /// The host hears how the write went.
    pub(crate) fn save_ends(&mut self, save: u64, stored: bool) {
        for agreements in self.standing.values_mut() {
            for agreement in agreements.iter_mut().filter(|one| one.first_save == Some(save)) {
                agreement.stored = if stored { Stored::Yes } else { Stored::Failing };
            }
        }
    }

    /// Whoever took grants back hears that they are gone for good. What the user agreed to since is not
    /// meant.
    pub(crate) fn told_to_be_gone(
        &mut self,
        user: &str,
        is_program: impl Fn(&Party) -> bool,
        scopes: Option<&BTreeSet<String>>,
        (asked, now): (Timestamp, Timestamp),
    ) {
        let is_meant = |party: &Party, scope: &String| {
            party.user == user
                && is_program(party)
                && scopes.is_none_or(|scopes| scopes.contains(scope))
        };
        let left = self.on_disk.iter().find(|((party, scope), stored)| {
            let granted_anew = self.standing.contains_key(&(party.clone(), scope.clone()));
            let is_older = stored.granted_at <= asked;
            is_meant(party, scope)
                && is_older
                && !granted_anew
                && stored.expires_at.is_none_or(|end| now < end)
        });
        if let Some((left, _)) = left.map(|(key, stored)| (key.clone(), *stored)) {
            let what = format!("{left:?} was said to be taken back, and lies on the disk");
            self.blame(Rule::NothingIsLost, what);
        }
    }

    /// A new process reads what an earlier one has stored.
    pub(crate) fn loaded(&mut self, remembered: &Remembered, now: When) {
        let loaded: BTreeMap<Key, OnDisk> = live(remembered).collect();
        let right = loaded == self.on_disk;
        self.expect(right, Rule::NothingIsLost, || {
            "what is read at the start is not what was written last".to_owned()
        });
        let live_grants = remembered.grants.iter().filter(|grant| grant.ended.is_none());
        let named = live_grants.filter(|grant| grant.grant_id.is_some());
        self.names_loaded(&named.map(|grant| of_grant(grant).0).collect());
        self.standing.clear();
        for (key, stored) in live(remembered) {
            self.standing.insert(key, vec![Agreement::loaded(stored)]);
        }
        self.note_expiry(now.time);
        self.refusals_loaded(&remembered.refusals, now);
    }
}

fn live(remembered: &Remembered) -> impl Iterator<Item = (Key, OnDisk)> {
    let live = remembered.grants.iter().filter(|grant| grant.ended.is_none());
    live.map(of_grant)
}

fn of_grant(grant: &Grant) -> (Key, OnDisk) {
    let key = (Party::of_grant(grant), grant.key.scope.to_string());
    (key, OnDisk { granted_at: grant.granted_at, expires_at: grant.expires_at })
}
