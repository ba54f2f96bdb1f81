//! Ending a session or a grant.

use axum::extract::State;
use axum::response::Response;

use super::PATH;
use crate::http::{Form, Problem};
use crate::login::{self, Continue, SignedIn, Visitor, see_other};
use crate::pages::Trouble;
use crate::server::Server;
use crate::store::{browser_sessions, grants};

/// Where this browser's session is ended.
pub(super) const SIGN_OUT: &str = "/account/sign-out";
/// Where another browser's session is ended.
pub(super) const SESSION: &str = "/account/sessions";
/// Where what was allowed to a client is taken back.
pub(super) const GRANT: &str = "/account/grants";

/// Signs out in this browser.
pub(super) async fn sign_out(
    State(server): State<Server>,
    visitor: Visitor,
    form: Result<Form, Problem>,
) -> Response {
    answer(&server, &visitor, form, async |user, _| login::sign_out(&server, user).await).await
}

/// Signs out in another browser.
pub(super) async fn end_session(
    State(server): State<Server>,
    visitor: Visitor,
    form: Result<Form, Problem>,
) -> Response {
    let work = async |user: SignedIn, form: Form| {
        let number = form.require("session", "session is missing")?;
        let number = number.parse::<i64>().map_err(|_| Trouble::Malformed)?;
        let (user, now) = (user.session.user, server.clock.now());
        server
            .store
            .write(move |db| match browser_sessions::id_of(db, &user, number)? {
                Some(id) => browser_sessions::end(db, &user, id, now),
                None => Ok(()),
            })
            .await?;
        Ok(see_other(PATH))
    };
    answer(&server, &visitor, form, work).await
}

/// Takes back what was allowed to a client.
pub(super) async fn end_grant(
    State(server): State<Server>,
    visitor: Visitor,
    form: Result<Form, Problem>,
) -> Response {
    let work = async |user: SignedIn, form: Form| {
        let id = form.require("grant", "grant is missing")?.to_owned();
        let (user, now) = (user.session.user, server.clock.now());
        server.store.write(move |db| grants::end_of_user(db, &user, &id, now)).await?;
        Ok(see_other(PATH))
    };
    answer(&server, &visitor, form, work).await
}

/// Does `work` for the user who is signed in, if a page that they were shown asks for it.
pub(super) async fn answer(
    server: &Server,
    visitor: &Visitor,
    form: Result<Form, Problem>,
    work: impl AsyncFnOnce(SignedIn, Form) -> Result<Response, Trouble>,
) -> Response {
    let done = async {
        let form = form?;
        let Some(user) = visitor.signed_in(server).await? else {
            return Ok(see_other(&Continue::account().by_way_of_login()));
        };
        visitor.check_form_of(server, &user, &form)?;
        work(user, form).await
    };
    done.await.unwrap_or_else(|trouble: Trouble| trouble.into_page(visitor.language(None)))
}
