//! Changing one's password.

use axum::extract::State;
use axum::http::header::RETRY_AFTER;
use axum::response::Response;

use super::PATH as ACCOUNT;
use super::endings::answer;
use super::page::{self, NotChanged, Notice};
use crate::audit::AUDIT;
use crate::http::{Form, Problem, retry_after};
use crate::login::{NotSignedIn, SignedIn, Visitor, check_password, see_other};
use crate::pages::Trouble;
use crate::password::Password;
use crate::server::Server;
use crate::store::browser_sessions::{self, BrowserSession};
use crate::store::users;

/// Where the form is sent.
pub(super) const PATH: &str = "/account/password";

/// What people can remember and still have hashed.
const LENGTH: std::ops::RangeInclusive<usize> = 8..=256;

/// Whether the user has a password here; others have theirs where they sign in.
pub(super) async fn can_be_changed(
    server: &Server,
    session: &BrowserSession,
) -> Result<bool, Trouble> {
    let Some(username) = session.username.clone().filter(|_| server.accounts.are_local()) else {
        return Ok(false);
    };
    let found = server.store.read(move |db| users::credentials(db, &username)).await?;
    Ok(found.is_some())
}

/// Replaces the password, if the user knows the one before. Everything that rested on it ends: the
/// user's other sessions, and all of their tokens.
pub(super) async fn change(
    State(server): State<Server>,
    visitor: Visitor,
    form: Result<Form, Problem>,
) -> Response {
    let work = async |user: SignedIn, form: Form| match try_change(&server, &visitor, &user, &form)
        .await?
    {
        Ok(()) => Ok(see_other(&format!("{ACCOUNT}?changed=password"))),
        Err(why) => {
            let notice = Notice::NotChanged(why);
            let language = visitor.language(None);
            let mut response = page::render(&server, &user, language, notice).await?;
            if let NotChanged::Throttled(span) = why {
                response.headers_mut().insert(RETRY_AFTER, retry_after(span));
            }
            Ok(response)
        }
    };
    answer(&server, &visitor, form, work).await
}

async fn try_change(
    server: &Server,
    visitor: &Visitor,
    user: &SignedIn,
    form: &Form,
) -> Result<Result<(), NotChanged>, Trouble> {
    let field = |name| form.get(name).map(Option::unwrap_or_default);
    let (current, new) = (field("current")?, field("new")?);
    if field("again")? != new {
        return Ok(Err(NotChanged::NewDiffer));
    }
    if !LENGTH.contains(&new.chars().count()) {
        return Ok(Err(NotChanged::NewLength));
    }
    let username = match &user.session.username {
        Some(username) if can_be_changed(server, &user.session).await? => username,
        _ => return Err(Trouble::Malformed),
    };
    let credential = match check_password(server, visitor, username, current).await {
        Ok(user) => user.credential,
        Err(NotSignedIn::Wrong) => return Ok(Err(NotChanged::CurrentIsWrong)),
        Err(NotSignedIn::Throttled(span)) => {
            return Ok(Err(NotChanged::Throttled(span)));
        }
        Err(NotSignedIn::Trouble(trouble)) => return Err(trouble),
    };
    let hashed = server.passwords.hash(Password::new(new)).await.map_err(|error| {
        tracing::error!(%error, "a new password was not hashed");
        Trouble::Failed
    })?;
    let (session, now) = (user.session.clone(), server.clock.now());
    let changed = server.store.write(move |db| {
        if !credential.is_current(db, &session.user)? {
            return Ok(false);
        }
        users::set_password(db, &session.user, &hashed)?;
        browser_sessions::end_all_but(db, &session.user, session.id, now)?;
        Ok(true)
    });
    if !changed.await? {
        return Ok(Err(NotChanged::CurrentIsWrong));
    }
    tracing::info!(target: AUDIT, "a user changed their password");
    Ok(Ok(()))
}
