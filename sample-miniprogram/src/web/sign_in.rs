use std::{sync::Arc, time::Instant};

use axum::{
    Json,
    extract::State,
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{ApiError, FromPage, details::described};
use crate::{
    oauth::{DetailsError, ExchangeError, Redeemed, Tokens, UserDetails},
    program::Program,
    session::{Attempt, SignedIn},
};

/// Tells whether this browser is signed in here.
pub(crate) async fn session(
    State(program): State<Arc<Program>>,
    headers: HeaderMap,
) -> Json<Value> {
    let is_signed_in =
        program.session(&headers).is_some_and(|(_, session)| session.signed_in.is_some());
    Json(json!({ "signedIn": is_signed_in }))
}

/// What the page begins.
#[derive(Deserialize)]
pub(crate) struct Start {
    /// Only whether the session's user is still the host's: then no more is asked for than that
    /// user has granted, since for more the host would have to ask them.
    #[serde(default)]
    confirm: bool,
}

/// Begins a sign-in: makes verifier, state and nonce, keeps them in the session, and tells the page
/// what to ask the host with.
pub(crate) async fn start(
    State(program): State<Arc<Program>>,
    headers: HeaderMap,
    FromPage(start): FromPage<Start>,
) -> Response {
    let (id, session) = match program.session(&headers) {
        Some(existing) => existing,
        None => program.sessions().start(None, Instant::now()),
    };
    let user = session.signed_in.as_ref().filter(|_| start.confirm);
    let granted = user.and_then(|user| user.current().tokens().scopes.clone());
    let request = session.attempts.begin(|attempt| {
        json!({
            "scopes": granted.as_deref().unwrap_or(program.scopes()),
            "codeChallenge": attempt.verifier.challenge(),
            "redirectUri": program.client().redirect_uri(),
            "state": attempt.state,
            "nonce": attempt.nonce,
        })
    });
    (program.cookie().set(&headers, &id), Json(request)).into_response()
}

/// What the host gave the page.
#[derive(Deserialize)]
pub(crate) struct HostAnswer {
    code: String,
    state: String,
    iss: String,
}

/// Finishes a sign-in: checks that the answer belongs to it, redeems the code, finds or makes the
/// local user, and starts a session of their own under a new id.
pub(crate) async fn finish(
    State(program): State<Arc<Program>>,
    headers: HeaderMap,
    FromPage(answer): FromPage<HostAnswer>,
) -> Result<Response, ApiError> {
    let (id, session) = program.session(&headers).ok_or(ApiError::NoSession)?;
    let attempt = session.attempts.take(&answer.state).ok_or(ApiError::StateMismatch)?;
    let client = program.client();
    if answer.iss != client.issuer() {
        return Err(ApiError::IssuerMismatch);
    }
    let (tokens, details) = redeemed(&program, &answer.code, attempt).await?;
    let (account, sign_ins) = program.database().sign_in(&details.open_id).await?;

    let body = Json(json!({ "user": described(&details), "signIns": sign_ins }));
    let signed_in = SignedIn::new(account, sign_ins, details, tokens);
    program.sessions().end(&id);
    let (id, _) = program.sessions().start(Some(signed_in), Instant::now());
    tracing::info!(program = %program.id(), sign_ins, "signed in");
    Ok((program.cookie().set(&headers, &id), body).into_response())
}

/// Redeems the code of an attempt and reads whom it stands for.
pub(super) async fn redeemed(
    program: &Program,
    code: &str,
    attempt: Attempt,
) -> Result<(Tokens, UserDetails), ApiError> {
    let client = program.client();
    let Redeemed { tokens, subject } =
        client.redeem(code, attempt.verifier, &attempt.nonce).await?;
    let details = client.user_details(&tokens.access).await.map_err(|error| match error {
        DetailsError::InvalidToken => {
            ExchangeError::Unacceptable("a token that is not good").into()
        }
        DetailsError::Exchange(error) => ApiError::from(error),
    })?;
    // OpenID Connect Core §5.3.2: details of anybody but the ID token's subject must not be used.
    if subject.as_ref() != Some(&details.open_id) {
        return Err(ExchangeError::Unacceptable("details of another user").into());
    }
    Ok((tokens, details))
}

/// Ends the session, and its tokens at the server too. Where the server cannot be told, they are
/// forgotten here all the same.
pub(crate) async fn sign_out(
    State(program): State<Arc<Program>>,
    headers: HeaderMap,
    FromPage(_): FromPage<Value>,
) -> Response {
    if let Some((id, session)) = program.session(&headers) {
        program.sessions().end(&id);
        if let Some(user) = &session.signed_in
            && let Err(error) = program.client().revoke(user.current().tokens()).await
        {
            tracing::warn!(program = %program.id(), %error, "the tokens are not revoked");
        }
    }
    (program.cookie().clear(&headers), Json(json!({}))).into_response()
}
