//! `host.openSettings`: the page sends the user to the host's settings.

use minihost_protocol::method::open_settings::Shown;

use super::{
    Effect, Mediator,
    pending::{Pending, Work},
    responder::Responder,
};
use crate::{Moment, Ticket};

impl Mediator {
    pub(super) fn open_settings(
        &mut self,
        now: Moment,
        responder: Responder,
        effects: &mut Vec<Effect>,
    ) {
        if let Err(failure) = self.check_settings(now) {
            return effects.push(responder.fail(&failure));
        }
        self.settings_opened_at = Some(now.uptime);
        let Some(session) = self.sessions.get(&responder.session) else { return };
        let ticket = self.pendings.new_ticket();
        effects.push(Effect::OpenSettings { ticket, mini_program: session.manifest.id.clone() });
        let deadline = now.uptime.saturating_add(self.config.settings_deadline);
        let pending = Pending { responder, received: now, work: Work::Settings };
        self.pendings.insert(ticket, deadline, pending);
    }

    /// The settings that a page asked for are on screen. They do not end a cooldown: the page, not
    /// the user, wanted them.
    pub(super) fn settings_shown(&mut self, ticket: Ticket, effects: &mut Vec<Effect>) {
        if self.pendings.get(ticket).is_some_and(|asked| matches!(asked.work, Work::Settings))
            && let Some(Pending { responder, .. }) = self.pendings.take(ticket)
        {
            effects.push(responder.succeed(&Shown {}));
        }
    }
}
