use std::sync::Arc;

use axum::{
    Json,
    extract::{FromRequest, Request},
    http::header,
};
use serde::de::DeserializeOwned;

use super::ApiError;
use crate::program::Program;

/// The JSON body of a request that this program's own page made.
///
/// Every request that changes something is read through it, which is the defence against forged
/// requests: a browser sends `Origin` with each of them, and no form of another site can send JSON.
pub(crate) struct FromPage<T>(pub(crate) T);

impl<T: DeserializeOwned> FromRequest<Arc<Program>> for FromPage<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, program: &Arc<Program>) -> Result<Self, ApiError> {
        let origin = request.headers().get(header::ORIGIN).map(|value| value.as_bytes());
        if origin != Some(program.origin().as_str().as_bytes()) {
            return Err(ApiError::ForeignOrigin);
        }
        let Json(body) =
            Json::from_request(request, &()).await.map_err(|_| ApiError::InvalidRequest)?;
        Ok(Self(body))
    }
}
