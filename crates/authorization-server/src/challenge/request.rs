//! Reading a code request: everything that can be refused before looking at the user's token.

use std::sync::Arc;
use std::time::Duration;

use super::subject::SubjectToken;
use crate::client::{Client, ClientId, ClientKind, Requirement};
use crate::consent::ConsentEvidence;
use crate::dpop;
use crate::http::{Authenticated, ErrorCode, Form, Problem, audience};
use crate::jose::Thumbprint;
use crate::pkce::CodeChallenge;
use crate::resource::Audience;
use crate::scope::Scopes;
use crate::server::Server;
use crate::store::codes::CodeRedirect;

/// As long as a program may send it over the bridge.
const MAX_NONCE: usize = 256;

/// A code request in which the host, the mini-program, the redirect URI, the scopes and the consent
/// evidence fit together.
pub(super) struct CodeRequest {
    pub(super) host: ClientId,
    pub(super) target: ClientId,
    pub(super) redirect: CodeRedirect,
    pub(super) challenge: CodeChallenge,
    pub(super) nonce: Option<String>,
    /// The key of the mini-program, where it had the host name one. The key of the host itself says
    /// nothing about who may redeem the code.
    pub(super) key: Option<Thumbprint>,
    pub(super) audience: Audience,
    /// Asked, registered for both sides, and consented; never empty.
    pub(super) scopes: Scopes,
    pub(super) subject: SubjectToken,
    pub(super) max_age: Option<Duration>,
    pub(super) consent: Option<ConsentEvidence>,
}

impl CodeRequest {
    /// Reads the form of an authenticated client.
    pub(super) async fn read(
        server: &Server,
        host: &Authenticated,
        form: &Form,
    ) -> Result<Self, Problem> {
        let target = target(server, host, form).await?;
        if form.require("response_type", "response_type is missing")? != "code" {
            return Err(Problem::new(
                ErrorCode::UnsupportedResponseType,
                "response_type must be code",
            ));
        }
        if form.get("auth_session")?.is_some() {
            // This server answers at once and never hands one out.
            return Err(Problem::new(
                ErrorCode::InvalidSession,
                "auth_session is unknown; start again without it",
            ));
        }
        let redirect = redirect(&target, form)?;
        let challenge = code_challenge(form)?;
        let nonce = nonce(form)?;
        let key = dpop::code_key(form.get("dpop_jkt")?, None)?;
        let audience = audience(server, &target, form)?;
        acr_values(form)?;
        let max_age = max_age(form)?;
        let subject = SubjectToken::read(host, form)?;
        let consent = consent(server, host, form)?;
        let scopes = scopes(host, &target, consent.as_ref(), form)?;
        Ok(Self {
            host: host.id.clone(),
            target: target.id.clone(),
            redirect,
            challenge,
            nonce,
            key,
            audience,
            scopes,
            subject,
            max_age,
            consent,
        })
    }
}

/// The mini-program, if the host may ask for it. An unknown one looks like a forbidden one.
async fn target(server: &Server, host: &Client, form: &Form) -> Result<Arc<Client>, Problem> {
    let unauthorized = |description| Problem::new(ErrorCode::UnauthorizedClient, description);
    let ClientKind::Host { may_mediate_for, .. } = &host.kind else {
        return Err(unauthorized("only hosts may ask for codes here"));
    };
    let id = form.require("target_client_id", "target_client_id is missing")?;
    let forbidden = || unauthorized("this host may not ask for codes for target_client_id");
    let id = ClientId::new(id).map_err(|_| forbidden())?;
    if !may_mediate_for.contains(&id) {
        return Err(forbidden());
    }
    let target = server.catalog.client(&id).await?;
    target.filter(|client| client.kind == ClientKind::MiniProgram).ok_or_else(forbidden)
}

fn redirect(target: &Client, form: &Form) -> Result<CodeRedirect, Problem> {
    let asked = form.require("redirect_uri", "redirect_uri is missing")?;
    target
        .redirect_uris
        .iter()
        .any(|uri| uri.as_str() == asked)
        .then(|| CodeRedirect { uri: asked.to_owned(), was_given: true })
        .ok_or_else(|| Problem::invalid_request("redirect_uri is not registered for this client"))
}

fn code_challenge(form: &Form) -> Result<CodeChallenge, Problem> {
    let challenge = form.require("code_challenge", "code_challenge is missing")?;
    // Without a method RFC 7636 §4.3 means "plain", which is not offered.
    if form.get("code_challenge_method")? != Some("S256") {
        return Err(Problem::invalid_request("code_challenge_method must be S256"));
    }
    CodeChallenge::parse(challenge)
        .ok_or_else(|| Problem::invalid_request("code_challenge must be a base64url SHA-256"))
}

fn nonce(form: &Form) -> Result<Option<String>, Problem> {
    let nonce = form.get("nonce")?;
    if nonce.is_some_and(|nonce| nonce.chars().count() > MAX_NONCE) {
        return Err(Problem::invalid_request("nonce is longer than 256 characters"));
    }
    Ok(nonce.map(str::to_owned))
}

/// A wish that may stay unmet (OpenID Connect Core §3.1.2.1): this server tells no classes of
/// authentication apart, and no ID token of it has an `acr`, by which the mini-program sees that.
fn acr_values(form: &Form) -> Result<(), Problem> {
    form.get("acr_values").map(drop)
}

fn max_age(form: &Form) -> Result<Option<Duration>, Problem> {
    form.get("max_age")?
        .map(|text| {
            text.parse()
                .map(Duration::from_secs)
                .map_err(|_| Problem::invalid_request("max_age must be a number of seconds"))
        })
        .transpose()
}

fn consent(
    server: &Server,
    host: &Client,
    form: &Form,
) -> Result<Option<ConsentEvidence>, Problem> {
    match form.get("consent")? {
        Some(json) => {
            let age = server.lifetimes.consent_prompt;
            ConsentEvidence::read(json, server.clock.now(), age).map(Some)
        }
        None if matches!(
            host.kind,
            ClientKind::Host { consent_evidence: Requirement::Required, .. }
        ) =>
        {
            Err(Problem::new(ErrorCode::ConsentRequired, "this host must send consent evidence"))
        }
        None => Ok(None),
    }
}

fn scopes(
    host: &Client,
    target: &Client,
    consent: Option<&ConsentEvidence>,
    form: &Form,
) -> Result<Scopes, Problem> {
    let invalid = |description| Problem::new(ErrorCode::InvalidScope, description);
    let asked = form.get("scope")?.ok_or_else(|| invalid("scope is missing"))?;
    let asked = Scopes::parse(asked).map_err(|_| invalid("scope is malformed"))?;
    let registered = asked.intersection(&target.scopes).intersection(&host.scopes);
    let granted = match consent {
        Some(evidence) => registered.intersection(&evidence.scopes),
        None => registered,
    };
    if granted.is_empty() {
        return Err(invalid("none of the scopes can be granted"));
    }
    Ok(granted)
}
