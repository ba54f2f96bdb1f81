//! What the user does of their own accord.

use std::collections::BTreeSet;

use minihost::{MiniProgramId, OnSignOut, SaveOutcome, Scope, session::Password};

use crate::{day::Day, judge::Party, page::SCOPES, world::password_of};

impl Day<'_> {
    pub(crate) fn sign_in(&self) {
        let who = self.world.state().chance.weighted(&[(3, "alice"), (1, "bob")]);
        self.world.note(|| format!("user: signs in as {who}"));
        let account = self.process.account.clone();
        tokio::spawn(async move {
            let _ = account.sign_in_with_password(who, Password::new(password_of(who))).await;
        });
    }

    pub(crate) fn sign_out(&self) {
        self.world.note(|| "user: signs out".to_owned());
        let (world, account) = (self.world.clone(), self.process.account.clone());
        tokio::spawn(async move {
            // From its first turn on; the host knows of nothing before.
            if let Some(user) = account.user() {
                let mut state = world.state();
                if state.temper.on_sign_out == OnSignOut::ForgetGrants {
                    state.judge.taken_back(|party, _| party.user == user.id.as_str());
                }
            }
            let _ = account.sign_out().await;
        });
    }

    /// The user takes back in the host what a program was granted.
    pub(crate) fn revoke(&self, program: &'static str) {
        let scopes = {
            let chance = &mut self.world.state().chance;
            chance.percent(40).then(|| chance.some(SCOPES))
        };
        self.world.note(|| format!("user: takes back {scopes:?} from {program}"));
        let scopes: Option<BTreeSet<String>> =
            scopes.map(|scopes| scopes.into_iter().map(str::to_owned).collect());
        let Some(user) = self.process.account.user() else { return };
        let user = user.id.to_string();
        let named = scopes.as_ref().map(|scopes| scopes.iter().map(Scope::new).collect());
        let (world, host) = (self.world.clone(), self.process.host.clone());
        tokio::spawn(async move {
            // From its first turn on; the host knows of nothing before.
            world.state().judge.taken_back(|party, scope| {
                party.user == user
                    && party.program == program
                    && scopes.as_ref().is_none_or(|scopes| scopes.contains(scope))
            });
            let asked = world.when().time;
            let outcome = host.revoke(MiniProgramId::new(program), named).await;
            if outcome.is_ok_and(|outcome| outcome.saved == SaveOutcome::Stored) {
                let now = world.when().time;
                world.note(|| format!("user: hears that it is taken back from {program}"));
                let mut state = world.state();
                let is_program = |party: &Party| party.program == program;
                state.judge.told_to_be_gone(&user, is_program, scopes.as_ref(), (asked, now));
            }
        });
    }
}
