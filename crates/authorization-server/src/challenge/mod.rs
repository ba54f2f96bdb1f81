//! The authorization challenge endpoint: a host asks for a code for one of its mini-programs.
//!
//! A profile of draft-ietf-oauth-first-party-apps. The host is the client; `target_client_id` names
//! the client the code is for, and `subject_token`, the host's own access token of its user, says
//! for whom.

mod issue;
mod request;
mod subject;

use axum::extract::State;
use axum::response::Response;
use serde::Serialize;

use crate::http::{Caller, Form, Problem, authenticate, unstored};
use crate::server::Server;

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
    match &outcome {
        Ok(issued) => tracing::info!(
            host = %host_id, client = %issued.client, grant = %issued.grant.0, "code issued"
        ),
        Err(problem) => tracing::warn!(host = %host_id, ?problem, "code request refused"),
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

#[derive(Serialize)]
struct Answer<'a> {
    authorization_code: &'a str,
    client_id: &'a str,
    /// Seconds.
    expires_in: u64,
    scope: String,
    grant_id: &'a str,
}
