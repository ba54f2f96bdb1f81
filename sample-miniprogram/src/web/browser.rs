//! Signing in outside a host: through the authorization server's own pages (RFC 6749 §4.1).

use std::{sync::Arc, time::Instant};

use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{ApiError, FromPage, details::described, query::Query, sign_in::redeemed};
use crate::{
    assets,
    database::Found,
    local_path::LocalPath,
    oauth::AuthorizationRequest,
    program::Program,
    session::{SignedIn, Undecided},
};

/// Sends the browser to the authorization server, for a user who wants to go to `return_to`.
pub(crate) async fn begin(
    State(program): State<Arc<Program>>,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    let asked = Query::of(&uri).one("return_to").and_then(LocalPath::read);
    to_authorization_server(&program, &headers, asked.unwrap_or_else(LocalPath::home)).await
}

/// The page, for a signed-in user; anybody else goes to sign in first and comes back here.
pub(crate) fn members_only(
    program: &Program,
    headers: &HeaderMap,
) -> Result<SignedIn, SignInFirst> {
    let session = program.session(headers);
    session.and_then(|(_, session)| session.signed_in.clone()).ok_or(SignInFirst)
}

/// Nobody is signed in in this browser.
pub(crate) struct SignInFirst;

impl SignInFirst {
    /// Where the browser goes, to come back to the page that it asked for, with its query where that
    /// can be kept.
    pub(crate) async fn go(self, program: &Program, headers: &HeaderMap, uri: &Uri) -> Response {
        let whole = uri.path_and_query().and_then(|asked| LocalPath::read(asked.as_str()));
        let return_to = whole.or_else(|| LocalPath::read(uri.path()));
        let return_to = return_to.unwrap_or_else(LocalPath::home);
        to_authorization_server(program, headers, return_to).await
    }
}

async fn to_authorization_server(
    program: &Program,
    headers: &HeaderMap,
    return_to: LocalPath,
) -> Response {
    // In a host the host is the way in; the server's pages refuse to be framed anyhow.
    if headers.get("sec-fetch-dest").is_some_and(|dest| dest == "iframe" || dest == "frame") {
        return see_other("/");
    }
    let (id, session) = match program.session(headers) {
        Some(existing) => existing,
        None => program.sessions().start(None, Instant::now()),
    };
    let (state, nonce, challenge) =
        session.attempts.begin_in_browser(return_to.clone(), |attempt| {
            (attempt.state.clone(), attempt.nonce.clone(), attempt.verifier.challenge())
        });
    let request = AuthorizationRequest {
        scopes: program.scopes(),
        state: &state,
        nonce: &nonce,
        challenge: &challenge,
    };
    match program.client().authorization_url(&request).await {
        Ok(url) => (program.cookie().set(headers, &id), see_other(url.as_str())).into_response(),
        Err(error) => failed(&error.into(), &return_to),
    }
}

/// Takes the authorization server's answer (RFC 6749 §4.1.2), redeems the code on the back channel
/// and finds the local user. Where that user goes next is for them alone: nothing of the answer stays
/// in the address.
pub(crate) async fn callback(
    State(program): State<Arc<Program>>,
    headers: HeaderMap,
    uri: Uri,
) -> Response {
    let mut return_to = LocalPath::home();
    match receive(&program, &headers, &Query::of(&uri), &mut return_to).await {
        Ok(response) => response,
        Err(error) => failed(&error, &return_to),
    }
}

async fn receive(
    program: &Program,
    headers: &HeaderMap,
    query: &Query,
    return_to: &mut LocalPath,
) -> Result<Response, ApiError> {
    if query.repeats() {
        return Err(ApiError::InvalidRequest);
    }
    let (id, session) = program.session(headers).ok_or(ApiError::NoSession)?;
    let state = query.one("state").ok_or(ApiError::StateMismatch)?;
    let (attempt, wanted) =
        session.attempts.take_in_browser(state).ok_or(ApiError::StateMismatch)?;
    *return_to = wanted.clone();
    if !program.client().is_from_issuer(query.one("iss")).await? {
        return Err(ApiError::IssuerMismatch);
    }
    if let Some(error) = query.one("error") {
        return Err(ApiError::from_authorization(error));
    }
    let code = query.one("code").ok_or(ApiError::InvalidRequest)?;
    let (tokens, details) = redeemed(program, code, attempt).await?;

    let found = program.database().find(&details.open_id, details.verified_email()).await?;
    program.sessions().end(&id);
    let (id, location) = match found {
        Found::Perhaps(customer) => {
            let undecided = Undecided { customer, details, tokens, return_to: wanted };
            (program.sessions().start_undecided(undecided, Instant::now()), "/link".to_owned())
        }
        Found::Settled => {
            let (account, sign_ins) = program.database().sign_in(&details.open_id).await?;
            tracing::info!(program = %program.id(), sign_ins, "signed in");
            let user = SignedIn::new(account, sign_ins, details, tokens);
            let (id, _) = program.sessions().start(Some(user), Instant::now());
            (id, wanted.as_str().to_owned())
        }
    };
    Ok((program.cookie().set(headers, &id), see_other(&location)).into_response())
}

/// The page that asks whether a customer's account is the user's.
pub(crate) async fn link_page(State(program): State<Arc<Program>>, headers: HeaderMap) -> Response {
    match undecided(&program, &headers, |_| ()) {
        Some(()) => assets::page(program.id(), assets::Page::Link, &[]),
        None => see_other("/"),
    }
}

/// What that page shows.
pub(crate) async fn link(
    State(program): State<Arc<Program>>,
    headers: HeaderMap,
) -> Result<Json<Value>, ApiError> {
    let told = undecided(&program, &headers, |user| {
        json!({
            "user": described(&user.details),
            "customer": { "email": user.customer.email, "since": user.customer.since },
        })
    });
    told.map(Json).ok_or(ApiError::NoSession)
}

fn undecided<T>(
    program: &Program,
    headers: &HeaderMap,
    look: impl FnOnce(&Undecided) -> T,
) -> Option<T> {
    program.session(headers)?.1.undecided(look)
}

/// The user's answer.
#[derive(Deserialize)]
pub(crate) struct Decision {
    /// Whether the customer's account is theirs; else they get one of their own.
    link: bool,
}

/// Signs the user in, to the customer's account or to one of their own, in a session under a new id.
pub(crate) async fn decide(
    State(program): State<Arc<Program>>,
    headers: HeaderMap,
    FromPage(Decision { link }): FromPage<Decision>,
) -> Result<Response, ApiError> {
    let (id, session) = program.session(&headers).ok_or(ApiError::NoSession)?;
    let user = session.decide().ok_or(ApiError::NoSession)?;
    let Undecided { customer, details, tokens, return_to } = user;
    let (account, sign_ins) = match link {
        true => program.database().link(&details.open_id, &customer).await?,
        false => program.database().sign_in(&details.open_id).await?,
    };
    tracing::info!(program = %program.id(), link, sign_ins, "signed in");
    program.sessions().end(&id);
    let user = SignedIn::new(account, sign_ins, details, tokens);
    let (id, _) = program.sessions().start(Some(user), Instant::now());
    let body = Json(json!({ "returnTo": return_to.as_str() }));
    Ok((program.cookie().set(&headers, &id), body).into_response())
}

/// The signed-in user, as their details were at the sign-in.
pub(crate) async fn account(
    State(program): State<Arc<Program>>,
    headers: HeaderMap,
) -> Result<Json<Value>, ApiError> {
    let (_, session) = program.session(&headers).ok_or(ApiError::LoginRequired)?;
    let user = session.signed_in.as_ref().ok_or(ApiError::LoginRequired)?;
    Ok(Json(json!({ "user": described(user.details()), "signIns": user.sign_ins() })))
}

/// The first page says what went wrong, and where another try would lead.
fn failed(error: &ApiError, return_to: &LocalPath) -> Response {
    tracing::info!(reason = error.reason(), "the sign-in in the browser failed");
    let query = [("error", error.reason()), ("return_to", return_to.as_str())];
    see_other(&LocalPath::home_with(&query))
}

/// 303, so that whatever led here is not sent again (RFC 9700 §4.12).
fn see_other(location: &str) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, location.to_owned())]).into_response()
}
