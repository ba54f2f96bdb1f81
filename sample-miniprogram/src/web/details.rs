use std::sync::Arc;

use axum::{Json, extract::State, http::HeaderMap};
use serde_json::{Value, json};

use super::{ApiError, FromPage};
use crate::{
    oauth::{DetailsError, ExchangeError, UserDetails},
    program::Program,
    session::{Refresh, SignedIn},
};

/// Asks the authorization server for the user's details now. When the access token has expired, it
/// is refreshed and the question asked once more.
pub(crate) async fn details(
    State(program): State<Arc<Program>>,
    headers: HeaderMap,
    FromPage(_): FromPage<Value>,
) -> Result<Json<Value>, ApiError> {
    let (id, session) = program.session(&headers).ok_or(ApiError::LoginRequired)?;
    let signed_in = session.signed_in.as_ref().ok_or(ApiError::LoginRequired)?;
    let (details, refreshed) = match current_details(&program, signed_in).await {
        Ok(found) => found,
        Err(DetailsError::InvalidToken) => {
            program.sessions().end(&id);
            return Err(ApiError::LoginRequired);
        }
        Err(DetailsError::Exchange(error)) => return Err(error.into()),
    };
    // OpenID Connect Core §5.3.2: an answer about somebody else must not be used.
    if details.open_id != *signed_in.open_id() {
        return Err(ExchangeError::Unacceptable("details of another user").into());
    }
    Ok(Json(json!({ "user": described(&details), "refreshed": refreshed })))
}

/// The details, and whether the token had to be refreshed for them. `InvalidToken`: the user must
/// continue with the host again.
async fn current_details(
    program: &Program,
    signed_in: &SignedIn,
) -> Result<(UserDetails, bool), DetailsError> {
    let client = program.client();
    let current = signed_in.current();
    match client.user_details(&current.tokens().access).await {
        Err(DetailsError::InvalidToken) => {}
        answered => return Ok((answered?, false)),
    }
    tracing::info!(program = %program.id(), "the access token has expired; refreshing it");
    match signed_in.refresh(current, Arc::clone(client)).await? {
        Refresh::Done(fresh) => Ok((client.user_details(&fresh.tokens().access).await?, true)),
        Refresh::SignInAgain => Err(DetailsError::InvalidToken),
    }
}

/// The details as the page shows them; null for what the user does not share.
pub(super) fn described(details: &UserDetails) -> Value {
    json!({
        "id": details.open_id.as_str(),
        "username": details.username,
        "email": details.email,
        "emailVerified": details.email_verified,
        "phone": details.phone,
    })
}
