//! The answer with a code.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::http::header;
use axum::response::{IntoResponse, Response};
use minihost::{IssuedCode, Scope};
use serde_json::json;

/// The body.
pub(crate) fn body(issued: &IssuedCode, asked: &BTreeSet<Scope>) -> Arc<str> {
    let scopes = issued.scopes.as_ref().unwrap_or(asked);
    let mut body = json!({
        "code": issued.code.expose(),
        "clientId": issued.client_id,
        "scopes": scopes,
    });
    if let Some(issuer) = &issued.issuer {
        body["iss"] = json!(issuer);
    }
    if let Some(seconds) = issued.expires_in {
        body["expiresIn"] = json!(seconds);
    }
    if let Some(grant) = &issued.grant_id {
        body["grantId"] = json!(grant);
    }
    body.to_string().into()
}

pub(crate) fn response(body: &str) -> Response {
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    (headers, body.to_owned()).into_response()
}
