//! Confirming a user code in a host app, whose user is signed in there.
//!
//! The host is authenticated as everywhere and names its user by `subject_token`, as in a code
//! request. Without `decision` it learns what asks, so that its user can be told; with `approve` or
//! `deny` it passes the user's answer on.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use jiff::Timestamp;
use rusqlite::Connection;
use serde_json::{Value, json};

use super::{UserCode, UserCodeHash};
use crate::audit::AUDIT;
use crate::challenge::{Subject, SubjectToken, insufficient};
use crate::client::{Client, ClientId, ClientKind, Names, Requirement};
use crate::clock::UnixMillis;
use crate::http::{Authenticated, Caller, ErrorCode, Form, Problem, authenticate, unstored};
use crate::resource::Resource;
use crate::scope::Scopes;
use crate::server::Server;
use crate::store::device_requests::{self, Asked, Decider};
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
    let subject = subject(&server, &host, &form, now).await?;
    let (code, asked) = asked(&server, &subject, &form, now).await?;
    let client = match &asked.client {
        Some(id) => Some(asking_client(&server, &host, may_mediate_for, id).await?),
        None => None,
    };
    let scopes = allowable(&host, client.as_deref(), &asked, &allowed)?;
    let Some(decision) = decision else {
        return Ok(unstored(described(client.as_deref(), &scopes, &asked, now)));
    };
    let is_for_program = client.is_some_and(|client| client.kind == ClientKind::MiniProgram);
    if decision == Decision::Approve && is_for_program && *consent_evidence == Requirement::Required
    {
        // A code that is confirmed brings no consent evidence, without which this host gives nothing.
        return Err(Problem::new(
            ErrorCode::ConsentRequired,
            "this host must send consent evidence, and cannot approve codes of its programs",
        ));
    }
    let approved = (decision == Decision::Approve).then_some(scopes);
    let answer = Answer { code, subject, host: host.id.clone(), approved, now };
    if !server.store.write(move |db| answer.carry_out(db)).await? {
        return Err(unknown());
    }
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

async fn subject(
    server: &Server,
    host: &Authenticated,
    form: &Form,
    now: UnixMillis,
) -> Result<Subject, Problem> {
    let token = SubjectToken::read(host, form)?;
    let host = host.id.clone();
    let found = server.store.read(move |db| token.find(db, &host, None, now)).await?;
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
fn unknown() -> Problem {
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
fn allowable(
    host: &Client,
    client: Option<&Client>,
    asked: &Asked,
    allowed: &Option<Scopes>,
) -> Result<Scopes, Problem> {
    let Some(client) = client else {
        return Ok(Scopes::default());
    };
    let most = client.scopes.intersection(&asked.scopes).intersection(&host.scopes);
    let scopes = match allowed {
        Some(allowed) => most.intersection(allowed),
        None => most,
    };
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

struct Answer {
    code: UserCodeHash,
    subject: Subject,
    host: ClientId,
    approved: Option<Scopes>,
    now: UnixMillis,
}

impl Answer {
    /// `false` when somebody else was faster.
    fn carry_out(self, db: &Connection) -> rusqlite::Result<bool> {
        let Some(request) = device_requests::find_open(db, &self.code, self.now)? else {
            return Ok(false);
        };
        let decider = Decider {
            user: &self.subject.user,
            host: Some(&self.host),
            authenticated_at: self.subject.authenticated_at,
        };
        request.decide(db, &decider, self.approved.as_ref(), self.now)?;
        Ok(true)
    }
}
