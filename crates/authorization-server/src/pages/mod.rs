//! What people see: the pages, in their languages, and the headers that protect them.

mod language;
mod protection;
mod texts;
mod trouble;

use askama::Template;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};

use crate::error::RandomnessError;
use crate::secret::random_id;

pub(crate) use language::Language;
pub(crate) use protection::protect;
pub(crate) use texts::Texts;
pub(crate) use trouble::Trouble;

/// What every page has: its language, its words, and the nonce of its own style and script.
pub(crate) struct Frame {
    pub(crate) language: Language,
    pub(crate) texts: &'static Texts,
    pub(crate) nonce: String,
}

impl Frame {
    pub(crate) fn new(language: Language) -> Result<Self, RandomnessError> {
        Ok(Self { language, texts: language.texts(), nonce: random_id()? })
    }
}

/// Fills in a page and sends it.
pub(crate) fn page(status: StatusCode, frame: &Frame, page: &impl Template) -> Response {
    let html = match page.render() {
        Ok(html) => html,
        Err(error) => {
            tracing::error!(%error, "a page could not be filled in");
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
    };
    let mut response = (status, html).into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    protect(headers, &frame.nonce);
    response
}
