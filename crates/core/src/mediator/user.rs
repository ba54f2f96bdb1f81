//! Who is signed in, and what a change of that ends.

use minihost_protocol::Failure;

use super::{
    Effect, Mediator, OnSignOut,
    pending::{Errand, Work},
};
#[cfg(feature = "simulation")]
use crate::Breakage;
use crate::{Grant, Moment, User};

impl Mediator {
    /// Who is signed in.
    pub fn user(&self) -> Option<&User> {
        self.user.as_ref()
    }

    /// Has somebody else signed in, or nobody: what waits for the one before ends with `failure`. The
    /// same user in the same sign-in may have another name to be shown; nothing ends by that.
    pub(super) fn change_user(
        &mut self,
        now: Moment,
        user: Option<User>,
        failure: &Failure,
        effects: &mut Vec<Effect>,
    ) {
        let sign_in = |user: &Option<User>| user.as_ref().map(|user| (user.id.clone(), user.epoch));
        if sign_in(&self.user) == sign_in(&user) {
            self.user = user;
            return;
        }
        for ticket in self.pendings.tickets() {
            // An answer that comes early would tell what a silence is for; and whoever waits for a
            // sign-in waits for this.
            let goes_on = self.pendings.get(ticket).is_some_and(|pending| match &pending.work {
                Work::Silent(_) => true,
                Work::SignIn(waiting) => waiting.errand == Errand::SignIn,
                _ => false,
            });
            #[cfg(feature = "simulation")]
            let goes_on = goes_on || self.config.breakage == Some(Breakage::Epoch);
            if !goes_on {
                self.fail(now, ticket, failure, effects);
            }
        }
        self.user = user;
        self.grants_or_user_changed = true;
    }

    pub(super) fn after_sign_out(
        &mut self,
        now: Moment,
        before: Option<User>,
        effects: &mut Vec<Effect>,
    ) {
        let still_there = self.user.as_ref().map(|user| &user.id);
        if let Some(before) = before.filter(|before| Some(&before.id) != still_there)
            && self.config.on_sign_out == OnSignOut::ForgetGrants
        {
            self.forget_grants_of(now, &before, effects);
        }
    }

    pub(super) fn is_own(&self, grant: &Grant) -> bool {
        let own = self.user.as_ref().is_some_and(|user| user.id == grant.key.party.user);
        own && grant.key.party.issuer == self.config.issuer
    }
}
