//! One message from a page: who sent it, what it is, where it goes.

use minihost_protocol::{
    BridgeVersion, Failure, Message, Notification, Reason, Refusal, Request, VersionRange, limits,
    method::{
        cancel_request,
        check_session::Session,
        get_grants::Grants,
        initialize::{self, Capabilities, Host, Initialized, MiniProgram},
    },
};
use serde_json::{Map, Value, json};

use super::{
    CallContext, Effect, Mediator, Phase, Reply, disabled, evidence,
    rate::Pace,
    registry::{EVENTS, Handler},
    responder::Responder,
    shutting_down,
    silent::Question,
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
        let handler = trusted.and_then(|()| self.admit(now, session, context, &request.method));
        let params = &request.params;
        match handler {
            Err(failure) => effects.push(responder.fail(&failure)),
            Ok(Handler::Initialize) => {
                let effect = self.initialize(now, context, responder, params);
                effects.push(effect);
            }
            Ok(Handler::RequestCode) => {
                self.request_code(now, context, responder, params, effects);
            }
            Ok(Handler::GetGrants) => {
                let grants = self.grant_infos(now, session);
                effects.push(responder.succeed(&Grants { grants: &grants }));
            }
            Ok(Handler::Revoke) => self.revoke(now, responder, params, effects),
            Ok(Handler::CheckSession) if self.has_grant(now, session) => {
                effects.push(responder.succeed(&Session { valid: true }));
            }
            Ok(Handler::CheckSession) => self.keep_silent(now, responder, Question::Session),
            Ok(Handler::OpenSettings) => self.open_settings(now, context, responder, effects),
            Ok(Handler::Host(method)) => {
                self.call_host_method(now, context, responder, *method, request.params, effects);
            }
        }
    }

    /// Whether this sender may speak at all.
    fn trust(&self, session: SessionId, context: &CallContext) -> Result<(), Failure> {
        if self.phase == Phase::ShutDown {
            return Err(shutting_down());
        }
        let opened = self.sessions.get(&session).ok_or_else(not_open)?;
        evidence::check(&opened.manifest, context)?;
        if self.switched_off.contains(&opened.manifest.id) {
            return Err(disabled());
        }
        Ok(())
    }

    /// Whether this method may be called now.
    fn admit(
        &mut self,
        now: Moment,
        session: SessionId,
        context: &CallContext,
        method: &str,
    ) -> Result<Handler, Failure> {
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
        if self.pendings.of_document(session, context.document).len() >= limits::PENDING {
            let message = "32 requests of this page wait for their answer already.";
            return Err(Failure::new(Reason::Throttled, message).retry_after(1));
        }
        let manifest = opened.manifest.clone();
        self.handler(&manifest, method)
    }

    fn initialize(
        &mut self,
        now: Moment,
        context: &CallContext,
        responder: Responder,
        params: &Map<String, Value>,
    ) -> Effect {
        let session = responder.session;
        let Some(opened) = self.sessions.get_mut(&session) else {
            return responder.fail(&not_open());
        };
        let manifest = opened.manifest.clone();
        let offered = initialize::versions(params);
        let agreed = opened.current(context.document).map(|document| document.version);
        let negotiated = offered
            .and_then(|offered| negotiate(manifest.bridge, offered, agreed.unwrap_or_default()));
        let version = match negotiated {
            Ok(version) => version,
            Err(failure) => return responder.fail(&failure),
        };
        let known = self.knowable(now, session);
        let Some(opened) = self.sessions.get_mut(&session) else {
            return responder.fail(&not_open());
        };
        if let Some(document) = opened.current(context.document) {
            document.version = Some(version);
            document.known = Some(known);
        }
        let Some(opened) = self.sessions.get(&session) else {
            return responder.fail(&not_open());
        };
        let host = &self.config.host;
        let release = manifest.version.to_string();
        responder.succeed(&Initialized {
            version,
            mini_program: MiniProgram { id: manifest.id.as_str(), version: &release },
            host: Host { name: &host.name, version: &host.version, platform: &host.platform },
            locale: self.config.locale.as_str(),
            launch: &opened.launch,
            capabilities: Capabilities {
                methods: &self.method_names(&manifest),
                events: EVENTS,
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

    pub(super) fn new_correlation(&mut self) -> CorrelationId {
        CorrelationId::new(self.new_id())
    }
}

/// Agrees on the newest version that host, manifest and page speak. A document that has agreed
/// already stays with that: a weaker one must not be talked into it later.
fn negotiate(
    manifest: VersionRange,
    offered: VersionRange,
    agreed: Option<BridgeVersion>,
) -> Result<BridgeVersion, Failure> {
    let refused = |message| {
        Failure::new(Reason::UnsupportedVersion, message)
            .detail("versions", json!(VersionRange::SUPPORTED))
    };
    let common = VersionRange::SUPPORTED.overlap(offered);
    let common = common
        .ok_or_else(|| refused("This host and this page have no bridge version in common."))?;
    let version = common.overlap(manifest).map(|range| range.max).ok_or_else(|| {
        refused("The manifest does not allow a bridge version that this page and this host speak.")
    })?;
    if agreed.is_some_and(|agreed| agreed != version) {
        return Err(refused("This page has agreed on another bridge version before."));
    }
    Ok(version)
}

/// The failure where a message comes for a session that has ended meanwhile.
pub(super) fn not_open() -> Failure {
    Failure::new(Reason::Internal, "The mini-program is not open.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(min: u32, max: u32) -> VersionRange {
        VersionRange { min: BridgeVersion(min), max: BridgeVersion(max) }
    }

    #[test]
    fn a_version_is_agreed_within_the_window_of_host_manifest_and_page() {
        assert_eq!(negotiate(range(1, 1), range(1, 9), None), Ok(BridgeVersion(1)));
        assert_eq!(
            negotiate(range(1, 3), range(1, 1), Some(BridgeVersion(1))),
            Ok(BridgeVersion(1))
        );
    }

    #[test]
    fn a_downgrade_is_an_error() {
        let refused =
            |manifest, offered, agreed| negotiate(manifest, offered, agreed).unwrap_err().reason;
        let unsupported = Reason::UnsupportedVersion;
        assert_eq!(refused(range(1, 1), range(2, 3), None), unsupported);
        assert_eq!(refused(range(2, 3), range(1, 3), None), unsupported, "below the manifest's");
        assert_eq!(refused(range(1, 2), range(1, 2), Some(BridgeVersion(2))), unsupported);
    }
}
