//! One message from a page: who sent it, what it is, where it goes.

use minihost_protocol::{
    Failure, Message, Notification, Reason, Refusal, Request, VersionRange, limits,
    method::{
        cancel_request,
        initialize::{self, Capabilities, Host, Initialized, MiniProgram},
    },
};
use serde_json::json;

use super::{
    CallContext, Effect, Mediator, Phase, Reply, evidence,
    rate::Pace,
    registry::{self, Method},
    responder::Responder,
    shutting_down,
};
use crate::{CorrelationId, Moment, SessionId};

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
        if !current && self.phase == Phase::Running {
            return effects.push(settle);
        }
        match Message::parse(text) {
            Err(refusal) => effects.push(self.refuse(session, context, refusal)),
            Ok(Message::Notification(notification)) => {
                self.notified(now, session, context, &notification, effects);
                effects.push(settle);
            }
            Ok(Message::Request(request)) => {
                self.requested(now, session, context, request, effects);
            }
        }
    }

    fn notified(
        &mut self,
        now: Moment,
        session: SessionId,
        context: &CallContext,
        notification: &Notification,
        effects: &mut Vec<Effect>,
    ) {
        let trusted = self.sessions.get_mut(&session).is_some_and(|session| {
            evidence::check(&session.manifest, context).is_ok()
                && session.rate.count(now.uptime) == Pace::Fine
        });
        if !trusted || notification.method != cancel_request::METHOD.name {
            return;
        }
        let Some(id) = cancel_request::target(&notification.params) else { return };
        if let Some(ticket) = self.pendings.find(session, context.document, &id) {
            let failure = Failure::new(Reason::Aborted, "The mini-program cancelled the request.");
            self.fail(now, ticket, &failure, effects);
        }
    }

    fn requested(
        &mut self,
        now: Moment,
        session: SessionId,
        context: &CallContext,
        request: Request,
        effects: &mut Vec<Effect>,
    ) {
        let trusted = self.trust(session, context);
        let reused = || self.pendings.find(session, context.document, &request.id).is_some();
        if trusted.is_ok() && reused() {
            return effects.push(self.refuse(session, context, Refusal::REUSED_ID));
        }
        let responder = Responder {
            session,
            document: context.document,
            reply_token: context.reply_token,
            id: request.id,
            correlation: self.new_correlation(),
        };
        match trusted.and_then(|()| self.admit(now, session, context, &request.method)) {
            Err(failure) => effects.push(responder.fail(&failure)),
            Ok(Method::Initialize) => {
                let effect = self.initialize(session, context, responder, &request.params);
                effects.push(effect);
            }
            Ok(Method::RequestCode) => {
                self.request_code(now, context, responder, &request.params, effects);
            }
        }
    }

    /// Whether this sender may speak at all.
    fn trust(&self, session: SessionId, context: &CallContext) -> Result<(), Failure> {
        if self.phase == Phase::ShutDown {
            return Err(shutting_down());
        }
        let opened = self.sessions.get(&session).ok_or_else(not_open)?;
        evidence::check(&opened.manifest, context)
    }

    /// Whether this method may be called now.
    fn admit(
        &mut self,
        now: Moment,
        session: SessionId,
        context: &CallContext,
        method: &str,
    ) -> Result<Method, Failure> {
        let opened = self.sessions.get_mut(&session).ok_or_else(not_open)?;
        if opened.rate.count(now.uptime) == Pace::TooFast {
            let message = "This mini-program sends messages too fast.";
            return Err(Failure::new(Reason::Throttled, message).retry_after(1));
        }
        let initialized =
            opened.current(context.document).is_some_and(|document| document.version.is_some());
        if !initialized && method != initialize::METHOD.name {
            let message = "The first message must be `host.initialize`.";
            return Err(Failure::new(Reason::InvalidRequest, message));
        }
        if self.pendings.of_document(session, context.document) >= limits::PENDING {
            let message = "32 requests of this page wait for their answer already.";
            return Err(Failure::new(Reason::Throttled, message).retry_after(1));
        }
        Method::find(method)
            .ok_or_else(|| Failure::new(Reason::UnsupportedMethod, "This host has no such method."))
    }

    fn initialize(
        &mut self,
        session: SessionId,
        context: &CallContext,
        responder: Responder,
        params: &serde_json::Map<String, serde_json::Value>,
    ) -> Effect {
        let offered = match initialize::versions(params) {
            Ok(offered) => offered,
            Err(failure) => return responder.fail(&failure),
        };
        let Some(version) = VersionRange::SUPPORTED.agree(offered) else {
            let message = "This host and this page have no bridge version in common.";
            let failure = Failure::new(Reason::UnsupportedVersion, message)
                .detail("versions", json!(VersionRange::SUPPORTED));
            return responder.fail(&failure);
        };
        let Some(opened) = self.sessions.get_mut(&session) else {
            return responder.fail(&not_open());
        };
        if let Some(document) = opened.current(context.document) {
            document.version = Some(version);
        }
        let host = &self.config.host;
        responder.succeed(&Initialized {
            version,
            mini_program: MiniProgram {
                id: opened.manifest.id.as_str(),
                version: &opened.manifest.version,
            },
            host: Host { name: &host.name, version: &host.version, platform: &host.platform },
            locale: self.config.locale.as_str(),
            launch: &opened.launch,
            capabilities: Capabilities {
                methods: registry::NAMES,
                events: registry::EVENTS,
                limits: limits::LIMITS,
            },
        })
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

    fn new_correlation(&mut self) -> CorrelationId {
        CorrelationId::new(self.new_id())
    }
}

/// The failure where a message comes for a session that has ended meanwhile.
pub(super) fn not_open() -> Failure {
    Failure::new(Reason::Internal, "The mini-program is not open.")
}
