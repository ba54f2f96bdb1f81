//! Who may call what. The declarations are the protocol's and the host's; what neither declares for
//! a program is refused, and what may be called is what `host.initialize` tells.

use minihost_protocol::{
    Failure, Reason,
    declaration::{Access, Call, Method, Prompting, Rule},
    event::{GRANTS_CHANGED, SESSION_CHANGED, VISIBILITY_CHANGED},
    method::{check_session, get_grants, initialize, open_settings, request_code, revoke},
    registry::{METHODS, find},
};

use super::{CallContext, Mediator, SettingsPage, screen::CameFrom};
use crate::{HostMethodDeclaration, Manifest, Moment, Scope, SessionId};

/// What answers a call.
pub(super) enum Handler {
    Initialize,
    RequestCode,
    GetGrants,
    Revoke,
    CheckSession,
    OpenSettings,
    Host(Box<HostMethodDeclaration>),
}

/// Every event's name, as pages learn it.
pub(super) const EVENTS: &[&str] =
    &[GRANTS_CHANGED.name, SESSION_CHANGED.name, VISIBILITY_CHANGED.name];

/// A method that a page may know of, with what its declaration demands of a call.
pub(super) struct Known {
    pub(super) handler: Handler,
    scope: Option<Scope>,
    prompting: Prompting,
}

impl Known {
    fn of(method: &Method) -> Option<Self> {
        let handler = match method.name {
            name if name == initialize::METHOD.name => Handler::Initialize,
            name if name == request_code::METHOD.name => Handler::RequestCode,
            name if name == get_grants::METHOD.name => Handler::GetGrants,
            name if name == revoke::METHOD.name => Handler::Revoke,
            name if name == check_session::METHOD.name => Handler::CheckSession,
            name if name == open_settings::METHOD.name => Handler::OpenSettings,
            _ => return None,
        };
        let Rule { scope, prompting, .. } = method.rule;
        Some(Self { handler, scope: scope.map(Scope::new), prompting })
    }

    fn own(method: &HostMethodDeclaration) -> Self {
        let (scope, prompting) = (method.scope.clone(), method.prompting);
        Self { handler: Handler::Host(Box::new(method.clone())), scope, prompting }
    }
}

impl Mediator {
    /// Finds a method by its exact name.
    pub(super) fn known(&self, manifest: &Manifest, name: &str) -> Result<Known, Failure> {
        let built_in = find(name).filter(|method| self.is_open(method)).and_then(Known::of);
        let known = built_in.or_else(|| {
            let own = self.own_methods(manifest).find(|method| method.name.as_str() == name)?;
            Some(Known::own(own))
        });
        known
            .ok_or_else(|| Failure::new(Reason::UnsupportedMethod, "This host has no such method."))
    }

    /// Whether this page may call a method now. Calls of every method, the host's own and all others,
    /// are held to their declaration here and nowhere else.
    pub(super) fn permit(
        &self,
        now: Moment,
        session: SessionId,
        context: &CallContext,
        known: &Known,
    ) -> Result<(), Failure> {
        if let Some(scope) = &known.scope {
            let granted = self.program_party(session).is_some_and(|party| {
                let scopes = [scope.clone()].into();
                self.grants.live_scopes(&party, &scopes, now.time) == scopes
            });
            if !granted {
                // The same whether somebody is signed in or not.
                let message = "The user has not granted what this method needs.";
                return Err(Failure::new(Reason::ConsentRequired, message)
                    .detail("scopes", vec![scope.as_str()]));
            }
        }
        match known.prompting {
            Prompting::Possible => {
                self.may_prompt(session, context, CameFrom::Page)?;
                match &known.handler {
                    Handler::Host(_) => self.check_own_screen(now, session),
                    _ => Ok(()),
                }
            }
            Prompting::Never | Prompting::WhereNeeded => Ok(()),
        }
    }

    /// What a program's pages may call.
    pub(super) fn method_names<'a>(&'a self, manifest: &'a Manifest) -> Vec<&'a str> {
        let answered = METHODS.iter().filter(|method| method.call == Call::Request);
        let built_in = answered.filter(|method| self.is_open(method)).map(|method| method.name);
        built_in.chain(self.own_methods(manifest).map(|method| method.name.as_str())).collect()
    }

    fn is_open(&self, method: &Method) -> bool {
        match method.rule.access {
            Access::First | Access::Every => true,
            Access::WithSettingsPage => self.config.settings == SettingsPage::Present,
            Access::Declared => false,
        }
    }

    fn own_methods<'a>(
        &'a self,
        manifest: &'a Manifest,
    ) -> impl Iterator<Item = &'a HostMethodDeclaration> {
        self.config.methods.iter().filter(|method| {
            manifest.methods.contains(method.name.as_str()) && method.allows(&manifest.id)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jiff::Timestamp;

    use super::*;
    use crate::{
        Capability, Config, DocumentId, Frame, HostInfo, Issuer, Locale, ReplyToken, Visibility,
    };

    #[test]
    fn whatever_is_declared_with_an_answer_has_a_handler() {
        for method in METHODS {
            assert_eq!(
                Known::of(method).is_some(),
                method.call == Call::Request,
                "{}",
                method.name
            );
        }
        let events: Vec<&str> =
            minihost_protocol::registry::EVENTS.iter().map(|event| event.name).collect();
        assert_eq!(events, EVENTS);
    }

    #[test]
    fn whatever_a_declaration_demands_is_demanded_of_the_hosts_own_answers_too() {
        let info = HostInfo { name: "T".into(), version: "1".into(), platform: "test".into() };
        let config = Config::new(Issuer::new("https://as.example"), info, Locale::new("en"));
        let mediator = Mediator::new(config, Box::new(|| 1));
        let now = Moment { uptime: Duration::ZERO, time: Timestamp::UNIX_EPOCH };
        let context = |visibility| CallContext {
            document: DocumentId(1),
            reply_token: ReplyToken(1),
            origin: None,
            frame: Frame::Main,
            capability: Capability::Held,
            visibility,
            gesture_age: Some(Duration::ZERO),
        };
        let verdict = |rule, visibility| {
            let known = Known::of(&Method { rule, ..get_grants::METHOD }).unwrap();
            let permitted = mediator.permit(now, SessionId(1), &context(visibility), &known);
            permitted.err().map(|failure| failure.reason)
        };
        let (seen, hidden) = (Visibility::Visible, Visibility::Hidden);
        assert_eq!(verdict(Rule::QUIET, hidden), None);
        let scoped = Rule { scope: Some("phone"), ..Rule::QUIET };
        assert_eq!(verdict(scoped, seen), Some(Reason::ConsentRequired));
        let showing = Rule { prompting: Prompting::Possible, ..Rule::QUIET };
        assert_eq!(verdict(showing, hidden), Some(Reason::InteractionRequired));
        let asking = Rule { prompting: Prompting::WhereNeeded, ..Rule::QUIET };
        assert_eq!(verdict(asking, hidden), None);
    }
}
