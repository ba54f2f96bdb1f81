//! Token requests by GET, as programs send them that were written for open platforms.
//!
//! What is in a query is easily kept by whoever sees it on the way, so nobody else may do this (RFC
//! 6749 §3.2), and nothing here puts a query into a log.

use axum::extract::{RawQuery, State};
use axum::http::header::{ALLOW, CACHE_CONTROL};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse as _, Response};

use crate::client::{ClientId, Dialect};
use crate::error::StoreError;
use crate::http::{Caller, Form, Problem};
use crate::server::Server;

/// Answers as to POST where the query names a client that speaks the dialect, and otherwise with
/// 405, whatever else is in it.
pub(crate) async fn answer(
    State(server): State<Server>,
    method: Method,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let form = query.as_deref().and_then(|query| Form::from_query(query).ok());
    match form {
        // HEAD comes here too, and would spend a code whose tokens nobody gets.
        Some(form) if method == Method::GET && is_allowed(&server, &form).await? => {
            super::exchange(&server, &caller, &form).await
        }
        _ => Ok((StatusCode::METHOD_NOT_ALLOWED, [(ALLOW, "POST"), (CACHE_CONTROL, "no-store")])
            .into_response()),
    }
}

async fn is_allowed(server: &Server, form: &Form) -> Result<bool, StoreError> {
    let Ok(Some(id)) = form.get("client_id") else {
        return Ok(false);
    };
    let Ok(id) = ClientId::new(id) else {
        return Ok(false);
    };
    let client = server.catalog.client(&id).await?;
    Ok(client.is_some_and(|client| client.dialect == Dialect::OpenPlatform))
}
