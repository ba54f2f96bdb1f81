//! The account page: what its user allowed, where they are signed in, and their sign-ins.

mod browser_name;
mod endings;
mod page;
mod password;

use axum::Router;
use axum::routing::{get, post};

use crate::server::Server;

pub(crate) use browser_name::browser_name;
pub(crate) use page::PATH;

/// The page and its forms.
pub(crate) fn routes() -> Router<Server> {
    Router::new()
        .route(PATH, get(page::show))
        .route(endings::SIGN_OUT, post(endings::sign_out))
        .route(endings::SESSION, post(endings::end_session))
        .route(endings::GRANT, post(endings::end_grant))
        .route(password::PATH, post(password::change))
}
