//! What users agreed to, as the world keeps it: no code, call or event may go beyond it.

use std::collections::BTreeSet;

use minihost_core::{CodeRequest, ConsentMode, Scope, UserId};

use super::{THIRTY_DAYS, World};
use crate::histories::event::{PROGRAMS, scopes};

impl World {
    pub(super) fn remembered_now(&self, user: &UserId, program: &str) -> BTreeSet<Scope> {
        let now = self.machine.now().uptime;
        let live = self
            .remembered
            .iter()
            .filter(|((whose, whom, _), until)| whose == user && whom == program && now < **until);
        live.map(|((_, _, scope), _)| scope.clone()).collect()
    }

    pub(super) fn agree(
        &mut self,
        user: &UserId,
        program: &str,
        allowed: BTreeSet<Scope>,
        remember: bool,
    ) {
        let mut all = self.remembered_now(user, program);
        all.extend(allowed.iter().cloned());
        self.answers.push((user.clone(), program.to_owned(), all));
        if remember {
            let until = self.machine.now().uptime + THIRTY_DAYS;
            let keys = allowed.into_iter().map(|scope| (user.clone(), program.to_owned(), scope));
            self.remembered.extend(keys.map(|key| (key, until)));
        }
    }

    /// The newest answer is what counts of everything that it was asked about.
    pub(super) fn take_back(&mut self, user: &UserId, program: &str, offered: &BTreeSet<Scope>) {
        self.remembered.retain(|(whose, whom, scope), _| {
            whose != user || whom != program || !offered.contains(scope)
        });
    }

    /// What is taken back, in the program or in the host, is granted no more.
    pub(super) fn forget(&mut self, session: usize, bits: Option<u8>) {
        let Some(user) = self.user.clone() else { return };
        let scopes = bits.map(scopes);
        self.remembered.retain(|(whose, whom, scope), _| {
            *whose != user
                || whom != PROGRAMS[session]
                || scopes.as_ref().is_some_and(|scopes| !scopes.contains(scope))
        });
    }

    /// No code without consent: either remembered and not expired, or in one answer of this user
    /// to this program.
    pub(super) fn check_consent(&self, request: &CodeRequest) {
        let (user, program) = (&request.user().id, request.asked().client_id.as_str());
        assert_eq!(Some(user), self.user.as_ref(), "a code for a user who is gone");
        assert!(!request.scopes().is_empty());
        assert_eq!(request.scopes(), &request.evidence().scopes);
        let covered = match request.mode() {
            ConsentMode::Remembered => {
                request.scopes().is_subset(&self.remembered_now(user, program))
            }
            ConsentMode::Silent => panic!("this host lets nobody know anything silently"),
            ConsentMode::Prompt => self.answers.iter().any(|(whose, whom, scopes)| {
                whose == user && whom == program && request.scopes().is_subset(scopes)
            }),
        };
        assert!(covered, "a code without consent: {:?}", request.scopes());
    }
}
