//! What every endpoint shares: forms, errors, and how callers prove who they are.

mod access_token;
mod caller;
mod client_authentication;
pub(crate) mod cors;
mod elsewhere;
mod form;
mod problem;
mod redirect;
mod resource;

pub(crate) use access_token::{Presented, Scheme, Unproven, access_token};
pub(crate) use caller::Caller;
pub(crate) use client_authentication::{ATTESTATION_HEADER, Authenticated, authenticate};
pub(crate) use elsewhere::TokenElsewhere;
pub(crate) use form::{Form, OptionalForm};
pub(crate) use problem::{ErrorCode, Problem, retry_after, wait_seconds};
pub(crate) use redirect::redirect_uri;
pub(crate) use resource::audience;

use axum::Json;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// A 200 JSON answer that must not be stored by anybody on the way (RFC 6749 §5.1).
pub(crate) fn unstored(body: impl Serialize) -> Response {
    ([(CACHE_CONTROL, "no-store")], Json(body)).into_response()
}
