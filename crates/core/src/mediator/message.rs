//! One message from a page: who sent it, what it is, where it goes.

use minihost_protocol::{
    Failure, Message, Notification, Reason, Refusal, Request, limits,
    method::{cancel_request, check_session::Session, get_grants::Grants, initialize},
};

use super::{
    CallContext, Effect, Mediator, Phase, Reply, disabled, evidence,
    rate::Pace,
    registry::{Handler, Known},
    responder::Responder,
    session::given_up,
    shutting_down,
    silent::Question,
};
use crate::{CorrelationId, Moment, SessionId};

/// What is known of whoever sent a message before it is read.
struct Sender {
    trusted: Result<(), Failure>,
    pace: Pace,
}

impl Sender {
    fn is_too_fast(&self) -> bool {
        self.pace == Pace::TooFast
    }
}

impl Mediator {
    pub(super) fn receive(
        &mut self,
        now: Moment,
        session: SessionId,
        context: &CallContext,
        text: &[u8],
        effects: &mut Vec<Effect>,
    ) {
        let settle = Effect::Settle { session, reply_token: context.reply_token };
        let known = self.sessions.get_mut(&session);
        let current = known.is_some_and(|known| known.current(context.document).is_some());
        let is_over = self.phase == Phase::ShutDown || self.given_up.contains(&session);
        if !current && !is_over {
            return effects.push(settle);
        }
        let sender = self.sender(now, session, context);
        match Message::parse(text) {
            Err(refusal) => {
                let refusal = if sender.is_too_fast() { Refusal::TOO_FAST } else { refusal };
                effects.push(self.refuse(session, context, refusal));
            }
            Ok(Message::Notification(notification)) => {
                if sender.trusted.is_ok() {
                    self.notified(now, session, context, &notification, effects);
                }
                effects.push(settle);
            }
            Ok(Message::Request(request)) => {
                self.requested(now, session, context, sender, request, effects);
            }
        }
    }

    /// Whether this sender may speak, and how fast it does. Whatever the program's own page sends
    /// counts, also what turns out to be no message; what others send in its name does not.
    fn sender(&mut self, now: Moment, session: SessionId, context: &CallContext) -> Sender {
        let trusted = self.trust(session, context);
        let opened = self.sessions.get_mut(&session).filter(|_| trusted.is_ok());
        let pace = opened.map_or(Pace::Fine, |opened| opened.rate.count(now.uptime));
        Sender { trusted, pace }
    }

    /// A request that is cancelled must not go on before the user because its page was noisy: the
    /// rate does not hold a cancellation back. Each ends one request at most.
    fn notified(
        &mut self,
        now: Moment,
        session: SessionId,
        context: &CallContext,
        notification: &Notification,
        effects: &mut Vec<Effect>,
    ) {
        if notification.method != cancel_request::METHOD.name {
            return;
        }
        let Some(id) = cancel_request::target(&notification.params) else { return };
        if let Some(ticket) = self.pendings.find(session, context.document, &id) {
            let failure = Failure::new(Reason::Aborted, "The mini-program cancelled the request.");
            let shown = self.sheets.program_on_screen();
            self.fail(now, ticket, &failure, effects);
            self.count_if_taken_back(now, shown, effects);
        }
    }

    fn requested(
        &mut self,
        now: Moment,
        session: SessionId,
        context: &CallContext,
        sender: Sender,
        request: Request,
        effects: &mut Vec<Effect>,
    ) {
        let reused = || self.pendings.find(session, context.document, &request.id).is_some();
        if sender.trusted.is_ok() && reused() {
            let refusal = if sender.is_too_fast() { Refusal::TOO_FAST } else { Refusal::REUSED_ID };
            return effects.push(self.refuse(session, context, refusal));
        }
        let responder = Responder {
            session,
            document: context.document,
            reply_token: context.reply_token,
            id: request.id,
            correlation: self.new_correlation(),
        };
        let known = match self.admit(session, context, sender, &request.method) {
            Ok(known) => known,
            Err(failure) => return effects.push(responder.fail(&failure)),
        };
        if let Err(failure) = self.permit(now, session, context, &known) {
            return self.refuse_call(now, responder, &known.handler, &failure, effects);
        }
        let params = &request.params;
        match known.handler {
            Handler::Initialize => {
                let effect = self.initialize(now, context, responder, params);
                effects.push(effect);
            }
            Handler::RequestCode => {
                self.request_code(now, context, responder, params, effects);
            }
            Handler::GetGrants => {
                let grants = self.grant_infos(now, session);
                effects.push(responder.succeed(&Grants { grants: &grants }));
            }
            Handler::Revoke => self.revoke(now, responder, params, effects),
            Handler::CheckSession if self.has_grant(now, session) => {
                effects.push(responder.succeed(&Session { valid: true }));
            }
            Handler::CheckSession => self.keep_silent(now, responder, Question::Session),
            Handler::OpenSettings => self.open_settings(now, responder, effects),
            Handler::Host(method) => {
                self.call_host_method(now, responder, *method, request.params, effects);
            }
        }
    }

    /// Whether this sender may speak at all.
    fn trust(&self, session: SessionId, context: &CallContext) -> Result<(), Failure> {
        if self.phase == Phase::ShutDown {
            return Err(shutting_down());
        }
        if self.given_up.contains(&session) {
            return Err(given_up());
        }
        let opened = self.sessions.get(&session).ok_or_else(not_open)?;
        evidence::check(&opened.manifest, context)?;
        if self.switched_off.contains(&opened.manifest.id) {
            return Err(disabled());
        }
        Ok(())
    }

    /// Finds the method, where this page may have anything more answered now.
    fn admit(
        &mut self,
        session: SessionId,
        context: &CallContext,
        sender: Sender,
        method: &str,
    ) -> Result<Known, Failure> {
        let too_fast = sender.is_too_fast();
        sender.trusted?;
        let opened = self.sessions.get_mut(&session).ok_or_else(not_open)?;
        if too_fast {
            let message = "This mini-program sends messages too fast.";
            return Err(Failure::new(Reason::Throttled, message).retry_after(1));
        }
        let initialized =
            opened.current(context.document).is_some_and(|document| document.version.is_some());
        if !initialized && method != initialize::METHOD.name {
            let message = "The first message must be `host.initialize`.";
            return Err(Failure::new(Reason::InvalidRequest, message));
        }
        if self.pendings.of_document(session, context.document).len() >= limits::PENDING {
            let message = "32 requests of this page wait for their answer already.";
            return Err(Failure::new(Reason::Throttled, message).retry_after(1));
        }
        let manifest = opened.manifest.clone();
        self.known(&manifest, method)
    }

    fn refuse(&mut self, session: SessionId, context: &CallContext, refusal: Refusal) -> Effect {
        let correlation = self.new_correlation();
        Effect::Reply(Reply {
            session,
            document: context.document,
            in_reply_to: context.reply_token,
            text: refusal.to_text(correlation.as_str()),
        })
    }

    pub(super) fn new_id(&mut self) -> String {
        format!("{:032x}", self.ids.next_id())
    }

    pub(super) fn new_correlation(&mut self) -> CorrelationId {
        CorrelationId::new(self.new_id())
    }
}

/// The failure where a message comes for a session that has ended meanwhile.
pub(super) fn not_open() -> Failure {
    Failure::new(Reason::Internal, "The mini-program is not open.")
}
