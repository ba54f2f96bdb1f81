//! Confirming a user code in a host app, whose user is signed in there.
//!
//! The host is authenticated as everywhere and names its user by `subject_token`, as in a code
//! request. Without `decision` it learns what asks, so that its user can be told; with `approve` or
//! `deny` it passes the user's answer on. An approval may carry consent evidence, as a code request
//! does, and must where the host is registered so.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use jiff::Timestamp;
use rusqlite::Connection;
use serde_json::{Value, json};

use super::verdict::{Answer, Verdict};
use super::{UserCode, UserCodeHash};
use crate::audit::AUDIT;
use crate::challenge::{Subject, SubjectToken, insufficient};
use crate::client::{Client, ClientId, ClientKind, Names, Requirement};
use crate::clock::UnixMillis;
use crate::consent::{ConsentEvidence, Mode};
use crate::http::{Caller, ErrorCode, Form, Problem, authenticate, unstored};
use crate::resource::Resource;
use crate::scope::Scopes;
use crate::server::Server;
use crate::store::device_requests::{self, Asked};
use crate::store::grants::GrantId;
use crate::throttle;

/// What the host's user answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Decision {
    Approve,
    Deny,
}

/// Tells a host what asks, or takes its user's answer.
pub(crate) async fn answer(
    State(server): State<Server>,
    caller: Caller,
    form: Form,
) -> Result<Response, Problem> {
    let host = authenticate(&server, &caller, &form).await?;
    let ClientKind::Host { may_mediate_for, consent_evidence } = &host.kind else {
        return Err(Problem::new(
            ErrorCode::UnauthorizedClient,
            "only hosts may answer for their users here",
        ));
    };
    let now = server.clock.now();
    let decision = decision(&form)?;
    let allowed = allowed(&form)?;
    let consent = consent(&server, decision, &form)?;
    let token = SubjectToken::read(&host, &form)?;
    let subject = subject(&server, &host, &token, now).await?;
    let (code, asked) = asked(&server, &subject, &form, now).await?;
    let client = match &asked.client {
        Some(id) => Some(asking_client(&server, &host, may_mediate_for, id).await?),
        None => None,
    };
    let agreed = consent.as_ref().map(|consent| &consent.scopes);
    let allowed = [allowed.as_ref(), agreed];
    let allowable = || allowable(&host, client.as_deref(), &asked, allowed.into_iter().flatten());
    let Some(decision) = decision else {
        return Ok(unstored(described(client.as_deref(), &allowable()?, &asked, now)));
    };
    let verdict = match (decision, &client) {
        // Who cannot allow it may still refuse it.
        (Decision::Deny, _) => Verdict::Deny,
        (Decision::Approve, None) if consent.is_some() => {
            let description = "a sign-in to this server takes no consent evidence";
            return Err(Problem::invalid_request(description));
        }
        (Decision::Approve, None) => Verdict::SignIn,
        (Decision::Approve, Some(client)) => {
            let must = *consent_evidence == Requirement::Required
                && client.kind == ClientKind::MiniProgram;
            if must && consent.is_none() {
                return Err(Problem::new(
                    ErrorCode::ConsentRequired,
                    "this host must send consent evidence",
                ));
            }
            let (scopes, new_grant) = (allowable()?, GrantId::new()?);
            let consent = consent.map(Box::new);
            Verdict::Grant { client: client.id.clone(), scopes, new_grant, consent }
        }
    };
    let answer = Answer { code, subject: token, host: host.id.clone(), verdict, now };
    server.store.write(move |db| answer.carry_out(db)).await??;
    tracing::info!(target: AUDIT, host = %host.id, ?decision, "user code answered");
    Ok(unstored(json!({})))
}

fn decision(form: &Form) -> Result<Option<Decision>, Problem> {
    match form.get("decision")? {
        None => Ok(None),
        Some("approve") => Ok(Some(Decision::Approve)),
        Some("deny") => Ok(Some(Decision::Deny)),
        Some(_) => Err(Problem::invalid_request("decision must be approve or deny")),
    }
}

/// The scopes that the user allows, where they do not allow all that is asked for.
fn allowed(form: &Form) -> Result<Option<Scopes>, Problem> {
    let scopes = form.get("scope")?.map(Scopes::parse).transpose();
    scopes.map_err(|_| Problem::new(ErrorCode::InvalidScope, "scope is malformed"))
}

/// The evidence of the user's consent. Only the answer to a prompt will do: no earlier one says that
/// the device that asks now is the user's (RFC 8628 §5.4).
fn consent(
    server: &Server,
    decision: Option<Decision>,
    form: &Form,
) -> Result<Option<ConsentEvidence>, Problem> {
    let Some(json) = form.get("consent")? else {
        return Ok(None);
    };
    if decision != Some(Decision::Approve) {
        return Err(Problem::invalid_request("consent evidence goes with an approval"));
    }
    let age = server.lifetimes.consent_prompt;
    let evidence = ConsentEvidence::read(json, server.clock.now(), age)?;
    if evidence.mode != Mode::Prompt {
        return Err(Problem::new(
            ErrorCode::ConsentRequired,
            "a code is approved by the answer to a prompt alone",
        ));
    }
    Ok(Some(evidence))
}

async fn subject(
    server: &Server,
    host: &Client,
    token: &SubjectToken,
    now: UnixMillis,
) -> Result<Subject, Problem> {
    let found = server.store.read(|db| token.find(db, &host.id, None, now)).await?;
    found.ok_or_else(insufficient)
}

/// The request that the user's code belongs to. Wrong codes are counted (RFC 8628 §5.1).
async fn asked(
    server: &Server,
    subject: &Subject,
    form: &Form,
    now: UnixMillis,
) -> Result<(UserCodeHash, Asked), Problem> {
    let typed = form.require("user_code", "user_code is missing")?;
    let attempts = throttle::Subject::user_codes(&subject.user);
    server.throttle.check(&attempts, now)?;
    if let Some(code) = UserCode::read(typed) {
        let code = code.hash(&server.seal);
        let find = {
            let code = code.clone();
            move |db: &Connection| device_requests::find_open(db, &code, now)
        };
        if let Some(request) = server.store.read(find).await? {
            return Ok((code, request.asked));
        }
    }
    server.throttle.count_failure(&attempts, now);
    tracing::warn!(target: AUDIT, user = %subject.user, "user code refused");
    Err(unknown())
}

/// One text for every cause, so that trying codes teaches nothing.
pub(super) fn unknown() -> Problem {
    Problem::invalid_grant("the user code is unknown, was answered, or has expired")
}

/// The client that asks, if this host may answer for it: as with code requests, only for those
/// registered to it, or for itself.
async fn asking_client(
    server: &Server,
    host: &Client,
    may_mediate_for: &[ClientId],
    id: &str,
) -> Result<Arc<Client>, Problem> {
    let forbidden = || {
        Problem::new(
            ErrorCode::UnauthorizedClient,
            "this host may not answer for the client that asks",
        )
    };
    let id = ClientId::new(id).map_err(|_| forbidden())?;
    if id != host.id && !may_mediate_for.contains(&id) {
        return Err(forbidden());
    }
    server.catalog.client(&id).await?.ok_or_else(forbidden)
}

/// What the user of this host can allow: no more than the host may pass on. This server's own
/// sign-in page asks for no scopes.
fn allowable<'a>(
    host: &Client,
    client: Option<&Client>,
    asked: &Asked,
    allowed: impl Iterator<Item = &'a Scopes>,
) -> Result<Scopes, Problem> {
    let Some(client) = client else {
        return Ok(Scopes::default());
    };
    let most = client.scopes.intersection(&asked.scopes).intersection(&host.scopes);
    let scopes = allowed.fold(most, |scopes, allowed| scopes.intersection(allowed));
    if scopes.is_empty() {
        return Err(Problem::new(ErrorCode::InvalidScope, "none of the scopes can be granted"));
    }
    Ok(scopes)
}

/// What the user must know to decide. Without `client_id` it is a browser that signs in to this
/// server itself.
fn described(client: Option<&Client>, scopes: &Scopes, asked: &Asked, now: UnixMillis) -> Value {
    let mut answer = json!({
        "requested_at": Timestamp::from(asked.created_at).to_string(),
        "expires_in": asked.expires_at.since(now).as_secs(),
    });
    let mut set = |name: &str, value: Option<&str>| {
        if let Some(value) = value {
            answer[name] = value.into();
        }
    };
    set("address", asked.address.as_deref());
    set("user_agent", asked.user_agent.as_deref());
    if let Some(client) = client {
        set("client_id", Some(client.id.as_str()));
        set("scope", Some(&scopes.to_string()));
        name("client_name", &client.names, &mut set);
        if let Some(publisher) = &client.publisher {
            name("publisher_name", publisher, &mut set);
        }
    }
    if !asked.audience.is_this_server() {
        answer["resource"] = asked.audience.iter().map(Resource::as_str).collect();
    }
    answer
}

/// With variants by language tag (OpenID Connect Registration §2.1).
fn name(member: &str, names: &Names, set: &mut impl FnMut(&str, Option<&str>)) {
    set(member, Some(names.default_name()));
    for (language, localized) in names.localized() {
        set(&format!("{member}#{language}"), Some(localized));
    }
}
