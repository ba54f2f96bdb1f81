//! Having the user sign in again, choose an account, or go to the authorization server in a browser,
//! for a code request that wants it; and the one chance that the host gets to satisfy a server that
//! wants more.

use std::time::Duration;

use minihost_protocol::{
    Failure, Reason,
    method::request_code::{Prompt, RequestCode},
};
use url::Url;

use super::{
    BrowserSupport, Effect, Mediator, SignInSupport,
    accept::Begun,
    code_work::{Manner, Seen},
    pending::{Chance, Errand, Pending, SigningIn, Work, interaction_required, refuse},
    screen::CameFrom,
};
use crate::{IssueFailure, MiniProgramId, Moment, Ticket, User};

/// The host is to have its user sign in, or go to the authorization server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignInRequest {
    /// To be repeated.
    pub ticket: Ticket,
    /// For which program.
    pub mini_program: MiniProgramId,
    /// Who is signed in now.
    pub user: Option<User>,
    /// What is wanted.
    pub how: SignInHow,
    /// How long it may take; after that nobody waits for it.
    pub time_allowed: Duration,
}

/// What is wanted of the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignInHow {
    /// To sign in, though the sign-in there is may still be good.
    Again {
        /// In one of these ways (`acr_values`, OpenID Connect Core §3.1.2.1), where any is named.
        acr_values: Vec<String>,
        /// Seconds; a sign-in that is no older will do.
        max_age: Option<u64>,
    },
    /// To choose one of their accounts, or to sign in to another.
    ChooseAccount,
    /// To do at the authorization server what it wants done before it issues a code.
    InBrowser {
        /// Its page, for the system's browser and never for a container of mini-programs
        /// (RFC 8252 §8.12).
        page: Url,
    },
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInOutcome {
    /// The user has signed in, and the mediator was told who it is; or the user is back from the
    /// browser.
    Done,
    /// The user would not.
    Cancelled,
    /// It was not possible.
    Failed,
}

impl SignInHow {
    pub(super) fn again(request: &RequestCode) -> Self {
        Self::Again { acr_values: request.acr_values.clone(), max_age: request.max_age }
    }

    const fn errand(&self) -> Errand {
        match self {
            Self::Again { .. } | Self::ChooseAccount => Errand::SignIn,
            Self::InBrowser { .. } => Errand::Browser,
        }
    }
}

impl Mediator {
    pub(super) fn begin_sign_in(
        &mut self,
        now: Moment,
        begun: Begun<'_>,
        request: RequestCode,
        how: SignInHow,
        effects: &mut Vec<Effect>,
    ) {
        let Begun { received, context, responder, chance, agreed, seen, .. } = begun;
        let Some(session) = self.sessions.get(&responder.session) else { return };
        let mini_program = session.manifest.id.clone();
        let user = self.user.clone();
        let work = Work::SignIn(Box::new(SigningIn {
            errand: how.errand(),
            request,
            context: context.clone(),
            chance,
            agreed,
            seen,
            mini_program: mini_program.clone(),
            user: user.as_ref().map(|user| user.id.clone()),
        }));
        let pending = Pending { responder, received, work };
        if let Err(busy) = self.check_screen() {
            return refuse(now, pending, &busy, effects);
        }
        let ticket = self.pendings.new_ticket();
        let time_allowed = self.config.prompt_deadline;
        self.pendings.insert(ticket, now.uptime.saturating_add(time_allowed), pending);
        let wanted = SignInRequest { ticket, mini_program, user, how, time_allowed };
        effects.push(Effect::SignIn(Box::new(wanted)));
    }

    /// The user has signed in or not: the request begins anew, as the user who is there now.
    pub(super) fn signed_in(
        &mut self,
        now: Moment,
        ticket: Ticket,
        outcome: SignInOutcome,
        effects: &mut Vec<Effect>,
    ) {
        let waits = |pending: &Pending| matches!(pending.work, Work::SignIn(_));
        if !self.pendings.get(ticket).is_some_and(waits) {
            return;
        }
        let Some(pending) = self.pendings.take(ticket) else { return };
        let Work::SignIn(waiting) = &pending.work else { return };
        if outcome == SignInOutcome::Cancelled {
            let (user, program) = (waiting.user.as_ref(), &waiting.mini_program);
            if self.cooldowns.dismissed(user, program, now.uptime) {
                self.save(now, effects);
            }
        }
        let failure = match (outcome, waiting.errand) {
            (SignInOutcome::Done, _) if self.user.is_some() => None,
            (SignInOutcome::Cancelled, Errand::SignIn) => {
                Some(Failure::new(Reason::UserCancelled, "The user did not sign in again."))
            }
            (SignInOutcome::Cancelled, Errand::Browser) => {
                Some(Failure::new(Reason::UserCancelled, "The user closed the browser."))
            }
            (SignInOutcome::Failed, Errand::Browser) => {
                Some(interaction_required("The host could not show the user a browser."))
            }
            (SignInOutcome::Done, _) | (SignInOutcome::Failed, Errand::SignIn) => {
                Some(Failure::new(Reason::LoginRequired, "The user could not sign in again."))
            }
        };
        if let Some(failure) = failure {
            return refuse(now, pending, &failure, effects);
        }
        let Pending { responder, received, work: Work::SignIn(waiting) } = pending else { return };
        let SigningIn { mut request, context, chance, agreed, seen, user, .. } = *waiting;
        request.prompt = Prompt::Auto;
        let (context, came_from) = (&context, CameFrom::HostScreen);
        // What one user has answered is not written down as another's.
        let is_same_user = self.user.as_ref().map(|user| &user.id) == user.as_ref();
        let seen = if is_same_user { seen } else { Seen::default() };
        let begun = Begun { received, context, responder, chance, came_from, agreed, seen };
        self.proceed(now, begun, request, effects);
    }

    /// What the host can still do for a code request that the server has refused, once. Says
    /// whether that is something.
    pub(super) fn take_chance(
        &mut self,
        now: Moment,
        ticket: Ticket,
        failed: &IssueFailure,
        effects: &mut Vec<Effect>,
    ) -> bool {
        if !self.has_chance(now, ticket) {
            return false;
        }
        let free = self.check_screen().is_ok();
        let can_sign_in = free && self.config.sign_in == SignInSupport::Present;
        let can_browse = free && self.config.browser == BrowserSupport::Present;
        match (failed.reason, &failed.continue_at) {
            (Reason::InteractionRequired, Some(page)) if can_browse => {
                let page = page.clone();
                self.sign_in_and_retry(now, ticket, effects, |_| SignInHow::InBrowser { page })
            }
            (Reason::ConsentRequired, _) => self.ask_anew(now, ticket),
            (Reason::LoginRequired, _) if can_sign_in => {
                self.sign_in_and_retry(now, ticket, effects, SignInHow::again)
            }
            (Reason::AccountSelectionRequired, _) if can_sign_in => {
                self.sign_in_and_retry(now, ticket, effects, |_| SignInHow::ChooseAccount)
            }
            _ => false,
        }
    }

    /// Whether the host may still put something before the user for a code request, and may now.
    fn has_chance(&self, now: Moment, ticket: Ticket) -> bool {
        let Some(pending) = self.pendings.get(ticket) else { return false };
        let Some(work) = pending.code() else { return false };
        work.chance == Chance::Open
            && work.manner == Manner::Open
            && self.may_interrupt(now, pending, work).is_ok()
    }

    /// Asks the user once more, for all of it: the server wants more than what it was told.
    fn ask_anew(&mut self, now: Moment, ticket: Ticket) -> bool {
        let Some(work) = self.pendings.code_mut(ticket) else { return false };
        work.chance = Chance::Taken;
        work.prompt = Prompt::Consent;
        if self.may_ask_now(now, ticket).is_err() {
            return false;
        }
        let Some(work) = self.pendings.code_mut(ticket) else { return false };
        (work.sent, work.agreed) = (None, None);
        self.ask(ticket, now.uptime.saturating_add(self.config.prompt_deadline));
        true
    }

    fn sign_in_and_retry(
        &mut self,
        now: Moment,
        ticket: Ticket,
        effects: &mut Vec<Effect>,
        how: impl FnOnce(&RequestCode) -> SignInHow,
    ) -> bool {
        let Some(Pending { responder, received, work: Work::Code(work) }) =
            self.pendings.take(ticket)
        else {
            return false;
        };
        let mut work = work;
        let (context, came_from) = (work.context.clone(), work.came_from);
        let (agreed, seen) = (work.agreed.take(), std::mem::take(&mut work.seen));
        let request = work.into_request();
        let how = how(&request);
        let (context, chance) = (&context, Chance::Taken);
        // A user who signs in anew may be another one.
        let agreed = agreed.filter(|_| how.errand() == Errand::Browser);
        let begun = Begun { received, context, responder, chance, came_from, agreed, seen };
        self.begin_sign_in(now, begun, request, how, effects);
        true
    }
}
