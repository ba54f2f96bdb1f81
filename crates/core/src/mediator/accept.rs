//! Whether a program may ask for a code as it does: its request, held against its manifest and the user.

use std::{collections::BTreeSet, sync::Arc};

use minihost_protocol::{
    Failure, Reason,
    method::request_code::{Prompt, RequestCode},
};
use serde_json::json;

use super::{
    CallContext, Mediator, SignInHow, SignInSupport,
    code_work::{Agreed, Seen},
    message::not_open,
    pending::{Chance, interaction_required},
    responder::Responder,
    screen::CameFrom,
};
use crate::{AskedCode, Audience, GrantParty, Manifest, Moment, RedirectUri, Scope, User};

/// A request that has come, with the way back to its page.
pub(super) struct Begun<'a> {
    pub(super) received: Moment,
    pub(super) context: &'a CallContext,
    pub(super) responder: Responder,
    pub(super) chance: Chance,
    pub(super) came_from: CameFrom,
    /// What its user has agreed to already.
    pub(super) agreed: Option<Box<Agreed>>,
    /// What its user has seen and answered already.
    pub(super) seen: Seen,
}

/// A request that is allowed, before it waits for anything.
pub(super) struct Accepted {
    pub(super) asked: AskedCode,
    pub(super) scopes: Arc<BTreeSet<Scope>>,
    pub(super) prompt: Prompt,
    pub(super) state: Option<String>,
    pub(super) party: GrantParty,
    pub(super) user: User,
}

/// Why a request goes no further.
pub(super) enum Stop {
    /// The user signs in first, or chooses an account.
    SignIn(SignInHow),
    /// The page is told at once.
    Refuse(Failure),
    /// The page must not learn anything.
    KeepSilent(BTreeSet<Scope>),
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Refuse(failure)
    }
}

impl Mediator {
    /// Whether the mini-program may ask for this at all.
    pub(super) fn accept(
        &self,
        now: Moment,
        begun: &Begun<'_>,
        request: &RequestCode,
    ) -> Result<Accepted, Stop> {
        let session = self.sessions.get(&begun.responder.session).ok_or_else(not_open)?;
        let manifest = &session.manifest;
        let scopes = declared_scopes(manifest, &request.scopes)?;
        let redirect_uri = redirect_uri(manifest, request.redirect_uri.clone())?;
        let audience = audience(manifest, request.audience.clone())?;
        let how = match request.prompt {
            Prompt::Login => Some(SignInHow::again(request)),
            Prompt::SelectAccount => Some(SignInHow::ChooseAccount),
            Prompt::Auto | Prompt::None | Prompt::Consent => None,
        };
        if let Some(how) = how {
            if self.config.sign_in == SignInSupport::Absent {
                let message = "This host cannot sign the user in again on request.";
                return Err(interaction_required(message).into());
            }
            self.may_ask(now, begun, request.prompt, &scopes)?;
            self.check_cooldown(now, &manifest.id)?;
            return Err(Stop::SignIn(how));
        }
        let Some(user) = self.user.clone() else {
            // A page that could not have the user asked must not learn why it could not.
            self.may_ask(now, begun, request.prompt, &scopes)?;
            if self.config.sign_in == SignInSupport::Present {
                self.check_cooldown(now, &manifest.id)?;
                return Err(Stop::SignIn(SignInHow::again(request)));
            }
            let message = "Nobody is signed in to the host.";
            return Err(Failure::new(Reason::LoginRequired, message).into());
        };
        Ok(Accepted {
            party: GrantParty {
                issuer: self.config.issuer.clone(),
                user: user.id.clone(),
                mini_program: manifest.id.clone(),
                publisher_key: manifest.trust.publisher_key(),
                client_id: manifest.client_id.clone(),
                audience: audience.clone(),
            },
            asked: AskedCode {
                client_id: manifest.client_id.clone(),
                redirect_uri,
                code_challenge: request.code_challenge.clone(),
                nonce: request.nonce.clone(),
                audience,
                acr_values: request.acr_values.clone(),
                max_age: request.max_age,
            },
            scopes: Arc::new(scopes),
            prompt: request.prompt,
            state: request.state.clone(),
            user,
        })
    }
}

fn declared_scopes(manifest: &Manifest, asked: &[String]) -> Result<BTreeSet<Scope>, Failure> {
    let asked: BTreeSet<Scope> = asked.iter().map(Scope::new).collect();
    let declared: BTreeSet<Scope> =
        asked.iter().filter_map(|scope| Some(manifest.declared(scope)?.name.clone())).collect();
    let undeclared: Vec<&str> = asked.difference(&declared).map(Scope::as_str).collect();
    if undeclared.is_empty() {
        return Ok(declared);
    }
    let message = "The manifest does not declare every scope that is asked for.";
    Err(Failure::new(Reason::ScopeNotDeclared, message).detail("scopes", json!(undeclared)))
}

fn redirect_uri(manifest: &Manifest, asked: Option<String>) -> Result<RedirectUri, Failure> {
    let wrong = |message| Err(Failure::new(Reason::InvalidRequest, message));
    match (asked, manifest.redirect_uris.as_slice()) {
        (Some(asked), known) => match known.iter().find(|known| known.as_str() == asked) {
            Some(known) => Ok(known.clone()),
            None => wrong("`redirectUri` is not one of the manifest's."),
        },
        (None, [only]) => Ok(only.clone()),
        (None, _) => wrong("`redirectUri` is required: the manifest has more than one."),
    }
}

fn audience(manifest: &Manifest, asked: Option<String>) -> Result<Option<Audience>, Failure> {
    match asked.map(Audience::new) {
        Some(asked) if !manifest.audiences.contains(&asked) => {
            let message = "`audience` is not one of the manifest's.";
            Err(Failure::new(Reason::InvalidRequest, message))
        }
        asked => Ok(asked),
    }
}
