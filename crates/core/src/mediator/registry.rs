//! Who may call what. The declarations are the protocol's and the host's; what neither declares for
//! a program is refused, and what may be called is what `host.initialize` tells.

use minihost_protocol::{
    Failure, Reason,
    declaration::{Access, Call, Method, Prompting},
    event::{GRANTS_CHANGED, SESSION_CHANGED, VISIBILITY_CHANGED},
    method::{check_session, get_grants, initialize, open_settings, request_code, revoke},
    registry::{METHODS, find},
};

use super::{CallContext, Mediator, SettingsPage, screen::CameFrom};
use crate::{HostMethodDeclaration, Manifest, SessionId};

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

impl Handler {
    fn of(method: &Method) -> Option<Self> {
        Some(match method.name {
            name if name == initialize::METHOD.name => Self::Initialize,
            name if name == request_code::METHOD.name => Self::RequestCode,
            name if name == get_grants::METHOD.name => Self::GetGrants,
            name if name == revoke::METHOD.name => Self::Revoke,
            name if name == check_session::METHOD.name => Self::CheckSession,
            name if name == open_settings::METHOD.name => Self::OpenSettings,
            _ => return None,
        })
    }
}

impl Mediator {
    /// Finds what answers a method by its exact name.
    pub(super) fn handler(&self, manifest: &Manifest, name: &str) -> Result<Handler, Failure> {
        let built_in = find(name).filter(|method| self.is_open(method)).and_then(Handler::of);
        let handler = built_in.or_else(|| {
            let own = self.own_methods(manifest).find(|method| method.name.as_str() == name)?;
            Some(Handler::Host(Box::new(own.clone())))
        });
        handler
            .ok_or_else(|| Failure::new(Reason::UnsupportedMethod, "This host has no such method."))
    }

    /// What a program's pages may call.
    pub(super) fn method_names<'a>(&'a self, manifest: &'a Manifest) -> Vec<&'a str> {
        let answered = METHODS.iter().filter(|method| method.call == Call::Request);
        let built_in = answered.filter(|method| self.is_open(method)).map(|method| method.name);
        built_in.chain(self.own_methods(manifest).map(|method| method.name.as_str())).collect()
    }

    /// Whether the page's situation allows what takes the screen.
    pub(super) fn may_show(
        &self,
        session: SessionId,
        context: &CallContext,
        prompting: Prompting,
    ) -> Result<(), Failure> {
        match prompting {
            Prompting::Never => Ok(()),
            Prompting::Possible => self.may_prompt(session, context, CameFrom::Page),
        }
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
    use super::*;

    #[test]
    fn whatever_is_declared_with_an_answer_has_a_handler() {
        for method in METHODS {
            assert_eq!(
                Handler::of(method).is_some(),
                method.call == Call::Request,
                "{}",
                method.name
            );
        }
        let events: Vec<&str> =
            minihost_protocol::registry::EVENTS.iter().map(|event| event.name).collect();
        assert_eq!(events, EVENTS);
    }
}
