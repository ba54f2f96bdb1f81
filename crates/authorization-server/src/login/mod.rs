//! Signing in: the pages, the sessions that browsers hold, and where the browser goes on afterwards.

mod app;
mod complete;
mod continue_to;
mod cookies;
mod external;
mod form_token;
mod method;
mod page;
mod password;
mod receipt;
mod visitor;

use axum::Router;
use axum::routing::get;

use crate::server::Server;

pub use external::{AuthenticationSystem, LoginPlace};

pub(crate) use complete::{see_other, sign_out};
pub(crate) use continue_to::Continue;
pub(crate) use form_token::FormToken;
pub(crate) use method::LoginMethod;
pub(crate) use page::PATH;
pub(crate) use password::{NotSignedIn, check as check_password};
pub(crate) use receipt::{Interaction, Receipts};
pub(crate) use visitor::{SignedIn, Visitor, in_force};

/// The pages for signing in.
pub(crate) fn routes() -> Router<Server> {
    Router::new()
        .route(PATH, get(page::show).post(page::sign_in))
        .route(external::START, get(external::start))
        .route(external::CALLBACK, get(external::finish))
        .route(app::PATH, get(app::show).post(app::go_on))
        .route(app::STATE_PATH, get(app::state))
}
