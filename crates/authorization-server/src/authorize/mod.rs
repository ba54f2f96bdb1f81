//! The authorization endpoint (RFC 6749 §3.1, OpenID Connect Core §3.1.2) and the consent page.
//!
//! The address of a request is the place to which everything returns: to it the browser comes back
//! from the login page, and it goes along with the answer to the consent page and is read anew then.
//! So nothing is kept between the steps, and any number of tabs may be open.

mod challenges;
mod consent;
mod destination;
mod endpoint;
mod issue;
mod parameters;
mod prompt;
mod pushed;
mod request;

use axum::Router;
use axum::routing::{get, post};

use crate::server::Server;

pub(crate) use challenges::Challenges;
pub(crate) use endpoint::PATH;
pub(crate) use parameters::peek;
pub(crate) use pushed::PATH as PUSHED_PATH;

/// The endpoint and its page.
pub(crate) fn routes() -> Router<Server> {
    Router::new()
        .route(PATH, get(endpoint::show).post(endpoint::forward))
        .route(PUSHED_PATH, post(pushed::push))
        .route(consent::PATH, post(consent::decide))
}
