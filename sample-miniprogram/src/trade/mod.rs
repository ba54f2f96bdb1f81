//! What the programs are there for.

mod cinema;
mod teahouse;

use std::sync::Arc;

use axum::{
    Router,
    http::{HeaderMap, StatusCode, Uri},
    response::{IntoResponse as _, Response},
};

use crate::{
    ProgramId,
    assets::{self, Page},
    database::AccountId,
    program::Program,
    web::{ApiError, members_only},
};

/// The tables of a program's trade.
pub(crate) fn schema(id: ProgramId) -> &'static str {
    match id {
        ProgramId::Teahouse => teahouse::SCHEMA,
        ProgramId::Cinema => cinema::SCHEMA,
    }
}

/// What its pages can ask for.
pub(crate) fn routes(id: ProgramId) -> Router<Arc<Program>> {
    match id {
        ProgramId::Teahouse => teahouse::routes(),
        ProgramId::Cinema => cinema::routes(),
    }
}

/// Serves a page that belongs to the signed-in user. `check` says whether what is asked for does,
/// too; that is this program's own rule, and the authorization server knows nothing of it.
async fn members_page(
    program: &Program,
    headers: &HeaderMap,
    uri: &Uri,
    check: impl AsyncFnOnce(AccountId) -> Result<(), ApiError>,
) -> Result<Response, ApiError> {
    let user = match members_only(program, headers) {
        Ok(user) => user,
        Err(first) => return Ok(first.go(program, headers, uri).await),
    };
    let status = match check(user.account()).await {
        Ok(()) => StatusCode::OK,
        // The page says so, in the user's language.
        Err(ApiError::NotYours) => StatusCode::FORBIDDEN,
        Err(error) => return Err(error),
    };
    Ok((status, assets::page(program.id(), Page::Members, &[])).into_response())
}

/// The account of the signed-in user.
fn account(program: &Program, headers: &HeaderMap) -> Result<AccountId, ApiError> {
    let (_, session) = program.session(headers).ok_or(ApiError::LoginRequired)?;
    session.signed_in.as_ref().map(|user| user.account()).ok_or(ApiError::LoginRequired)
}
