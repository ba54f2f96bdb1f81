//! What the programs are there for.

mod cinema;
mod teahouse;

use std::sync::Arc;

use axum::{Router, http::HeaderMap};

use crate::{ProgramId, database::AccountId, program::Program, web::ApiError};

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

/// The account of the signed-in user.
fn account(program: &Program, headers: &HeaderMap) -> Result<AccountId, ApiError> {
    let (_, session) = program.session(headers).ok_or(ApiError::LoginRequired)?;
    session.signed_in.as_ref().map(|user| user.account()).ok_or(ApiError::LoginRequired)
}
