//! Reading an authorization request: everything that can be refused before the user is looked at.

use std::sync::Arc;
use std::time::Duration;

use super::destination::Destination;
use super::prompt::Prompt;
use crate::client::{Client, GrantType, Requirement};
use crate::dpop;
use crate::http::{ErrorCode, Form, Problem, audience};
use crate::jose::Thumbprint;
use crate::pkce::CodeChallenge;
use crate::resource::Audience;
use crate::scope::Scopes;
use crate::secret::{Fingerprint, Pushed};
use crate::server::Server;

/// More than any client has a use for; it goes into the ID token.
const MAX_NONCE: usize = 1_024;

/// A request in which everything fits together.
pub(super) struct AuthorizationRequest {
    pub(super) client: Arc<Client>,
    pub(super) destination: Destination,
    pub(super) terms: Terms,
    /// Where it was pushed, and can be used once.
    pub(super) pushed: Option<Fingerprint<Pushed>>,
}

/// What is asked for, and how.
pub(super) struct Terms {
    pub(super) kind: ResponseType,
    /// Asked and registered; never empty.
    pub(super) scopes: Scopes,
    pub(super) audience: Audience,
    pub(super) nonce: Option<String>,
    /// The key that the code will be bound to (RFC 9449 §10).
    pub(super) key: Option<Thumbprint>,
    pub(super) prompt: Prompt,
    pub(super) max_age: Option<Duration>,
    pub(super) ui_locales: Option<String>,
}

/// What is to come back.
pub(super) enum ResponseType {
    /// A code (RFC 6749 §4.1), with PKCE or, where the client may, without.
    Code(Option<CodeChallenge>),
    /// An access token (RFC 6749 §4.2).
    Token,
}

impl Terms {
    /// Reads what is left once it is clear who asks and where the answer goes.
    pub(super) fn read(server: &Server, client: &Client, form: &Form) -> Result<Self, Problem> {
        unsupported(form)?;
        form.get("login_hint")?;
        Ok(Self {
            kind: response_type(client, form)?,
            scopes: scopes(client, form)?,
            audience: audience(server, client, form)?,
            nonce: nonce(form)?,
            key: key(form)?,
            prompt: Prompt::read(form.get("prompt")?)?,
            max_age: max_age(form)?,
            ui_locales: form.get("ui_locales")?.map(str::to_owned),
        })
    }
}

/// Parameters of OpenID Connect that change what a request means, and that this server does not
/// know (OpenID Connect Core §3.1.2.6).
fn unsupported(form: &Form) -> Result<(), Problem> {
    let refuse = |code, description| Err(Problem::new(code, description));
    if form.get("request")?.is_some() {
        return refuse(ErrorCode::RequestNotSupported, "request is not supported");
    }
    if form.get("registration")?.is_some() {
        return refuse(ErrorCode::RegistrationNotSupported, "registration is not supported");
    }
    Ok(())
}

fn response_type(client: &Client, form: &Form) -> Result<ResponseType, Problem> {
    match form.require("response_type", "response_type is missing")? {
        "code" if client.may_use(GrantType::AuthorizationCode) => {
            Ok(ResponseType::Code(code_challenge(client, form)?))
        }
        "code" => {
            Err(Problem::new(ErrorCode::UnauthorizedClient, "this client may not ask for codes"))
        }
        // A token that comes this way is bound to no key.
        "token" if client.may_use(GrantType::Implicit) && client.dpop == Requirement::Optional => {
            Ok(ResponseType::Token)
        }
        _ => Err(Problem::new(
            ErrorCode::UnsupportedResponseType,
            "this client may not use this response_type",
        )),
    }
}

fn code_challenge(client: &Client, form: &Form) -> Result<Option<CodeChallenge>, Problem> {
    let (challenge, method) = (form.get("code_challenge")?, form.get("code_challenge_method")?);
    match (challenge, method) {
        (None, None) if client.pkce == Requirement::Optional => Ok(None),
        (None, _) => Err(Problem::invalid_request("code_challenge is missing")),
        (Some(challenge), Some("S256")) => CodeChallenge::parse(challenge)
            .map(Some)
            .ok_or_else(|| Problem::invalid_request("code_challenge must be a base64url SHA-256")),
        // Without a method RFC 7636 §4.3 means "plain", which is not offered.
        (Some(_), _) => Err(Problem::invalid_request("code_challenge_method must be S256")),
    }
}

fn scopes(client: &Client, form: &Form) -> Result<Scopes, Problem> {
    let invalid = |description| Problem::new(ErrorCode::InvalidScope, description);
    let asked = match form.get("scope")? {
        None => client.default_scopes.clone(),
        Some(list) => client.read_scopes(list).map_err(|_| invalid("scope is malformed"))?,
    };
    let registered = asked.intersection(&client.scopes);
    if registered.is_empty() {
        return Err(invalid("none of the scopes can be granted"));
    }
    Ok(registered)
}

fn nonce(form: &Form) -> Result<Option<String>, Problem> {
    let nonce = form.get("nonce")?;
    if nonce.is_some_and(|nonce| nonce.len() > MAX_NONCE) {
        return Err(Problem::invalid_request("nonce is longer than 1,024 characters"));
    }
    Ok(nonce.map(str::to_owned))
}

fn key(form: &Form) -> Result<Option<Thumbprint>, Problem> {
    dpop::code_key(form.get("dpop_jkt")?, None)
}

fn max_age(form: &Form) -> Result<Option<Duration>, Problem> {
    let read = |text: &str| {
        let seconds = text.parse().map(Duration::from_secs);
        seconds.map_err(|_| Problem::invalid_request("max_age must be a number of seconds"))
    };
    form.get("max_age")?.map(read).transpose()
}
