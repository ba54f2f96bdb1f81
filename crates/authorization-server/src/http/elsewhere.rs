//! Access tokens in the places of RFC 6750 §2.2 and §2.3, which are not offered here.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use url::form_urlencoded;

use super::Problem;
use super::form::is_form;

/// Whether the query or the form of a request has an access token. There it counts for nothing, and
/// beside one in the header it is one too many (RFC 6750 §2).
pub(crate) struct TokenElsewhere(pub(crate) bool);

impl<S: Send + Sync> FromRequest<S> for TokenElsewhere {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if request.uri().query().is_some_and(|query| has_token(query.as_bytes())) {
            return Ok(Self(true));
        }
        if !is_form(request.headers()) {
            return Ok(Self(false));
        }
        let body = Bytes::from_request(request, state)
            .await
            .map_err(|_| Problem::invalid_request("the body could not be read"))?;
        Ok(Self(has_token(&body)))
    }
}

fn has_token(parameters: &[u8]) -> bool {
    form_urlencoded::parse(parameters).any(|(name, _)| name == "access_token")
}
