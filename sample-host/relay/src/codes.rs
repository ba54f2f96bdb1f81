//! The two things that an app can ask for.

use std::sync::Arc;
use std::time::Instant;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use minihost::{CorrelationId, GrantId, backend::Mediated, ports::GrantEnding};

use crate::answer;
use crate::grants::Known;
use crate::idempotency::{Outcome, Turn};
use crate::identify::{Caller, Sent, identify};
use crate::log::Entry;
use crate::problem::Problem;
use crate::request::{self, Wanted};
use crate::state::Relay;

const LONGEST_KEY: usize = 128;

/// `POST /v1/codes`.
pub(crate) async fn issue(
    State(relay): State<Arc<Relay>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut entry = Entry::new("POST /v1/codes");
    let answer = code(&relay, &headers, &body, &mut entry).await;
    entry.end(answer.as_ref().err());
    match answer {
        Ok(body) => answer::response(&body),
        Err(problem) => problem.into_response(),
    }
}

async fn code(relay: &Arc<Relay>, headers: &HeaderMap, body: &[u8], entry: &mut Entry) -> Outcome {
    let _place = relay.in_flight.try_acquire().map_err(|_| busy())?;
    let sent = Sent { method: "POST", path: "/v1/codes", headers };
    let caller = admit(relay, sent).await?;
    if !is_json(headers) {
        return Err(Problem::invalid_request("the body must be application/json"));
    }
    let wanted = request::read(body, relay.config.programs(), Timestamp::now())?;
    entry.program(wanted.asked.client_id.as_str());
    let key = idempotency_key(headers)?;
    let user = caller.holder.user.clone();
    match relay.idempotency.turn(user.as_str(), key, body, Instant::now()) {
        Turn::Other => Err(Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            minihost::Reason::InvalidRequest,
            "the idempotency key was used for another request",
        )),
        Turn::Full => Err(busy()),
        Turn::Again(repetition) => {
            let lost = Problem::unavailable("the request that came first has no outcome");
            repetition.outcome().await.unwrap_or(Err(lost))
        }
        Turn::First(telling) => {
            let (relay, correlation) = (relay.clone(), entry.correlation());
            // A task of its own: a caller that goes away leaves an outcome for its repetition.
            let work = tokio::spawn(async move {
                let outcome = make(&relay, caller, wanted, correlation).await;
                telling.tell(outcome.clone());
                outcome
            });
            work.await.unwrap_or(Err(Problem::unavailable("the request was not finished")))
        }
    }
}

async fn make(
    relay: &Relay,
    caller: Caller,
    wanted: Wanted,
    correlation: CorrelationId,
) -> Outcome {
    let Caller { holder, token } = caller;
    let Wanted { asked, scopes, consent } = wanted;
    let user = holder.user.clone();
    let time_allowed = relay.config.limits.time_allowed();
    let mediated = Mediated { holder, token, asked, scopes, consent, correlation, time_allowed };
    let issued = relay.backend.issue(&mediated).await.map_err(|error| {
        tracing::warn!(correlation = %mediated.correlation, %error, "no code was issued");
        Problem::from(&error)
    })?;
    if let Some(grant) = &issued.grant_id {
        let client = issued.client_id.as_str();
        // A grant that could not be ended later must not begin: the code is dropped.
        relay.grants.add(user.as_str(), client, grant.as_str()).await.map_err(|error| {
            tracing::error!(correlation = %mediated.correlation, %error, "a grant was not written down");
            Problem::unavailable("the relay cannot keep its books just now")
        })?;
    }
    Ok(answer::body(&issued, &mediated.scopes))
}

/// `DELETE /v1/grants/{clientId}`.
pub(crate) async fn end(
    State(relay): State<Arc<Relay>>,
    Path(client_id): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let mut entry = Entry::new("DELETE /v1/grants");
    let sent = Sent { method: "DELETE", path: uri.path(), headers: &headers };
    let ended = end_grants(&relay, &client_id, sent, &mut entry).await;
    entry.end(ended.as_ref().err());
    match ended {
        Ok(GrantEnding::Ended) => StatusCode::NO_CONTENT.into_response(),
        Ok(GrantEnding::LocalOnly) => answer::response(r#"{"atServer":false}"#),
        Err(problem) => problem.into_response(),
    }
}

async fn end_grants(
    relay: &Relay,
    client_id: &str,
    sent: Sent<'_>,
    entry: &mut Entry,
) -> Result<GrantEnding, Problem> {
    let _place = relay.in_flight.try_acquire().map_err(|_| busy())?;
    let Caller { holder, token } = admit(relay, sent).await?;
    if relay.config.programs().iter().any(|program| program.client_id == client_id) {
        entry.program(client_id);
    }
    let unwritten = |error| {
        tracing::error!(%error, "the grants cannot be read or written");
        Problem::unavailable("the relay cannot read its books just now")
    };
    let user = holder.user.as_str();
    let grants = match relay.grants.known(user, client_id).await.map_err(unwritten)? {
        Known::Nothing => return Ok(GrantEnding::LocalOnly),
        Known::Ended => return Ok(GrantEnding::Ended),
        Known::Live(grants) => grants,
    };
    for grant in grants {
        let time_allowed = relay.config.limits.time_allowed();
        let id = GrantId::new(grant.as_str());
        let ended = relay.backend.end_grant(&id, &holder, &token, time_allowed).await;
        let ended = ended.map_err(|error| {
            tracing::warn!(%error, "a grant was not ended");
            Problem::from(&error)
        })?;
        if ended == GrantEnding::LocalOnly {
            return Ok(ended);
        }
        relay.grants.end(user, client_id, &grant).await.map_err(unwritten)?;
    }
    Ok(GrantEnding::Ended)
}

/// Who calls, and whether the user has not called too often.
async fn admit(relay: &Relay, sent: Sent<'_>) -> Result<Caller, Problem> {
    let caller = identify(relay, sent).await?;
    relay.limit.take(caller.holder.user.as_str(), Instant::now()).map_err(|seconds| {
        let detail = "the user's app has asked too often";
        Problem::new(StatusCode::TOO_MANY_REQUESTS, minihost::Reason::Throttled, detail)
            .after(seconds)
    })?;
    Ok(caller)
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = value.and_then(|value| value.split(';').next()).unwrap_or_default();
    essence.trim().eq_ignore_ascii_case("application/json")
}

fn idempotency_key(headers: &HeaderMap) -> Result<&str, Problem> {
    let key = headers.get("idempotency-key").and_then(|value| value.to_str().ok());
    let key = key.filter(|key| (1..=LONGEST_KEY).contains(&key.len()));
    key.ok_or(Problem::invalid_request("the Idempotency-Key must be 1 to 128 visible characters"))
}

fn busy() -> Problem {
    Problem::unavailable("too many requests are under way")
}
