//! The authorization challenge endpoint: a host asks for a code for one of its mini-programs.
//!
//! A profile of draft-ietf-oauth-first-party-apps. The host is the client; `target_client_id` names
//! the client the code is for, and `subject_token`, the host's own access token of its user, says
//! for whom.

mod issue;
mod request;
mod subject;

use std::net::IpAddr;

use axum::extract::State;
use axum::response::Response;
use serde::Serialize;

use crate::audit::AUDIT;
use crate::client::Client;
use crate::http::{Caller, ErrorCode, Form, Problem, authenticate, unstored};
use crate::server::Server;
use crate::throttle;

use request::CodeRequest;

pub(crate) use subject::{Subject, SubjectToken, insufficient};

/// Where hosts ask for codes.
pub(crate) const PATH: &str = "/challenge";

/// Issues a code, or says what is in the way.
pub(crate) async fn answer(
    State(server): State<Server>,
    caller: Caller,
    form: Form,
) -> Result<Response, Problem> {
    let host = authenticate(&server, &caller, &form).await?;
    let host_id = host.id.clone();
    let outcome = async {
        let request = CodeRequest::read(&server, &host, &form).await?;
        issue::issue(&server, request).await
    }
    .await;
    let outcome = match outcome {
        Err(problem) if problem.code() == ErrorCode::InsufficientAuthorization => {
            Err(throttled(&server, &host, &form, caller.address).err().unwrap_or(problem))
        }
        outcome => outcome,
    };
    match &outcome {
        Ok(issued) => {
            tracing::info!(target: AUDIT, host = %host_id, client = %issued.client, grant = %issued.grant.0, "code issued"
            )
        }
        Err(problem) => {
            tracing::warn!(target: AUDIT, host = %host_id, ?problem, "code request refused")
        }
    }
    let issued = outcome?;
    Ok(unstored(Answer {
        authorization_code: issued.code.expose(),
        client_id: issued.client.as_str(),
        expires_in: server.lifetimes.code.as_secs(),
        scope: issued.scopes.to_string(),
        grant_id: &issued.grant.0,
    }))
}

/// Counts a failure to say for whom the code is, and refuses to look at more of them for a while.
/// Requests that succeed never come here; nor do those for other users of the host.
fn throttled(
    server: &Server,
    host: &Client,
    form: &Form,
    address: Option<IpAddr>,
) -> Result<(), Problem> {
    let token = form.get("subject_token")?.unwrap_or_default();
    let subject = throttle::Subject::user_token(&host.id, token, address);
    let now = server.clock.now();
    server.throttle.check(&subject, now)?;
    server.throttle.count_failure(&subject, now);
    Ok(())
}

#[derive(Serialize)]
struct Answer<'a> {
    authorization_code: &'a str,
    client_id: &'a str,
    /// Seconds.
    expires_in: u64,
    scope: String,
    grant_id: &'a str,
}
