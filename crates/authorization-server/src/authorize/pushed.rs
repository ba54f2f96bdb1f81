//! Pushing an authorization request before the browser is sent (RFC 9126): who asks is proved then,
//! and nothing of it goes through the browser but a reference.

use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;

use super::destination::Destination;
use super::parameters::REFERENCE;
use super::request::Terms;
use crate::dpop;
use crate::http::{Caller, Form, Problem, authenticate, unstored};
use crate::secret::{Minted, Pushed};
use crate::server::Server;
use crate::store::open_requests::{Kind, Party};
use crate::store::pushed_requests;

/// Where clients push requests.
pub(crate) const PATH: &str = "/par";

/// Long enough for a user who has to sign in first: a request is used up when it is answered, not
/// when the page is loaded.
const LIFETIME: Duration = Duration::from_secs(600);

/// What says who pushes, and not what is asked for.
const OF_THE_CLIENT: [&str; 5] =
    ["client_id", "client_secret", "client_assertion", "client_assertion_type", KEY];

/// What the code is to be bound to (RFC 9449 §10).
const KEY: &str = "dpop_jkt";

#[derive(Serialize)]
struct Answer {
    request_uri: String,
    /// Seconds.
    expires_in: u64,
}

/// Keeps a request, if the browser could come with it.
pub(super) async fn push(
    State(server): State<Server>,
    caller: Caller,
    form: Form,
) -> Result<Response, Problem> {
    let client = authenticate(&server, &caller, &form).await?;
    if form.get("request_uri")?.is_some() {
        return Err(Problem::invalid_request("request_uri must not be pushed"));
    }
    let destination = Destination::read(&client, &form)
        .map_err(|_| Problem::invalid_request("redirect_uri is not registered for this client"))?;
    destination.check(&form)?;
    Terms::read(&server, &client, &form)?;
    let key = dpop::code_key(form.get(KEY)?, client.key.as_ref())?;
    let reference = Minted::<Pushed>::new()?;
    let request_uri = format!("{REFERENCE}{}", reference.expose());
    let fingerprint = reference.fingerprint();
    let mut parameters = form.to_query_without(&OF_THE_CLIENT);
    if let Some(key) = key {
        parameters.push_str(&format!("&{KEY}={key}"));
    }
    let now = server.clock.now();
    let party = Party::client(&client, caller.address);
    let limits = server.open_requests;
    let stored = server.store.write(move |db| {
        if let Err(full) = party.check(db, Kind::Pushed, limits, now)? {
            return Ok(Err(full.into_problem(now)));
        }
        let expires_at = now.plus(LIFETIME);
        pushed_requests::insert(db, &fingerprint, &party, &parameters, expires_at).map(Ok)
    });
    stored.await??;
    let answer = unstored(Answer { request_uri, expires_in: LIFETIME.as_secs() });
    Ok((StatusCode::CREATED, answer).into_response())
}
