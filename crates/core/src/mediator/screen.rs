//! One user before one screen: what may be put before them, and when. A prompt, a sign-in, a browser,
//! the host's settings and its own methods that show something come one at a time, never for a page in
//! the background or one that was not touched, and not to a user who has just refused. A prompt leaves
//! the screen with its page, and comes back with it.

use std::time::Duration;

use minihost_protocol::{Failure, Reason, method::request_code::Prompt};

use super::{
    CallContext, GesturePolicy, Mediator, Visibility,
    code_work::CodeWork,
    pending::{Pending, interaction_required},
    prompts::cooling_down,
    sheet::Share,
};
use crate::{MiniProgramId, Moment, SessionId, Ticket};

/// How long after one page has opened the settings no page opens them again.
const SETTINGS_REST: Duration = Duration::from_secs(5);

/// From where a request has come to the point at which it needs the user.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum CameFrom {
    /// From its page: what the container says of that counts.
    Page,
    /// From a screen of the host's own, such as a browser, which covers the page: that the container
    /// has the page in the background says nothing of it.
    HostScreen,
}

impl Mediator {
    /// Whether the page's situation allows that the user is asked something.
    pub(super) fn may_prompt(
        &self,
        session: SessionId,
        context: &CallContext,
        came_from: CameFrom,
    ) -> Result<(), Failure> {
        if came_from == CameFrom::HostScreen {
            return Ok(());
        }
        #[cfg(feature = "simulation")]
        if self.config.breakage == Some(crate::Breakage::Background) {
            return Ok(());
        }
        if context.visibility == Visibility::Hidden || !self.is_visible(session) {
            return Err(interaction_required("The user is asked only while the page is visible."));
        }
        if let GesturePolicy::WithinWhereKnown(limit) = self.config.gesture
            && context.gesture_age.is_some_and(|age| age > limit)
        {
            return Err(interaction_required("The user is asked only after touching the page."));
        }
        Ok(())
    }

    /// Whether the user may be asked, or sent to sign in, for a request that is on the list.
    pub(super) fn may_interrupt(
        &self,
        now: Moment,
        pending: &Pending,
        work: &CodeWork,
    ) -> Result<(), Failure> {
        if work.prompt == Prompt::None {
            return Err(interaction_required("The user would have to be asked."));
        }
        self.may_prompt(pending.responder.session, &work.context, work.came_from)?;
        self.check_cooldown(now, &work.party.mini_program)
    }

    /// Whether a request that is on the list may wait for a prompt.
    pub(super) fn may_ask_now(&self, now: Moment, ticket: Ticket) -> Result<(), Failure> {
        let Some(pending) = self.pendings.get(ticket) else { return Ok(()) };
        let Some(work) = pending.code() else { return Ok(()) };
        self.may_interrupt(now, pending, work)?;
        let share =
            Share::of(&pending.responder, &work.user, &work.scopes, &work.asked, work.prompt);
        self.check_queue(&work.party.mini_program, &share)
    }

    /// Whether whoever sits before the host is left alone by this program, having refused it.
    pub(super) fn check_cooldown(
        &self,
        now: Moment,
        program: &MiniProgramId,
    ) -> Result<(), Failure> {
        let user = self.user.as_ref().map(|user| &user.id);
        match self.cooldowns.active(user, program, now.uptime) {
            Some(until) => Err(cooling_down(until, now)),
            None => Ok(()),
        }
    }

    /// Whether the host can put something else than a prompt before the user now.
    pub(super) fn check_screen(&self) -> Result<(), Failure> {
        if self.sheets.view().is_none() && !self.pendings.fill_screen() {
            return Ok(());
        }
        let message = "The user is being asked something else already.";
        Err(Failure::new(Reason::Busy, message).retry_after(5))
    }

    /// Whether a method of the host's own may show the user something for this page: it takes its turn,
    /// and leaves a user alone who has just refused the program.
    pub(super) fn check_own_screen(&self, now: Moment, session: SessionId) -> Result<(), Failure> {
        self.check_screen()?;
        match self.sessions.get(&session) {
            Some(opened) => self.check_cooldown(now, &opened.manifest.id),
            None => Ok(()),
        }
    }

    /// Whether the settings may be opened for a page, which were opened for one at this uptime.
    pub(super) fn check_settings(&self, now: Moment) -> Result<(), Failure> {
        self.check_screen()?;
        let opened = self.settings_opened_at;
        let left = opened.and_then(|at| (at + SETTINGS_REST).checked_sub(now.uptime));
        match left.filter(|left| !left.is_zero()) {
            Some(left) => {
                let message = "The settings were opened for a page a moment ago.";
                let seconds = left.as_secs() + u64::from(left.subsec_nanos() > 0);
                Err(Failure::new(Reason::Throttled, message).retry_after(seconds))
            }
            None => Ok(()),
        }
    }

    /// Whether the container has the mini-program on screen.
    pub(super) fn is_visible(&self, session: SessionId) -> bool {
        let session = self.sessions.get(&session);
        session.is_some_and(|session| session.visibility == Visibility::Visible)
    }
}
