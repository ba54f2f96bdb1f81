//! Beginning and ending a user's session in a browser.

use axum::http::header::{CACHE_CONTROL, LOCATION, REFERRER_POLICY, SET_COOKIE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use tracing::field::display;

use super::cookies::Cookie;
use super::external::SKEW;
use super::page::SIGNED_OUT;
use super::{Continue, Interaction, LoginMethod, SignedIn, Visitor};
use crate::accounts::Credential;
use crate::audit::AUDIT;
use crate::client::ClientId;
use crate::clock::UnixMillis;
use crate::pages::{Language, Trouble};
use crate::secret::{Minted, Session};
use crate::server::Server;
use crate::store::browser_sessions::{self, NewSession};
use crate::store::logins::{self, NewLogin};
use crate::user::UserId;

/// A user who proved who they are.
pub(crate) struct Login {
    pub(crate) user: UserId,
    pub(crate) method: LoginMethod,
    pub(crate) credential: Credential,
    /// Elsewhere that may be a while ago.
    pub(crate) authenticated_at: UnixMillis,
    /// When they were asked to. Only who proved it since then has done so for the request at hand.
    pub(crate) asked_at: UnixMillis,
}

impl Login {
    fn interaction(&self) -> Interaction {
        match self.authenticated_at >= self.asked_at.minus(SKEW) {
            true => Interaction::SignedIn,
            false => Interaction::ChoseAccount,
        }
    }
}

/// Signs the user in in this browser, whatever the method was, and sends it on.
///
/// The browser's secret is a new one, so that nobody who knew the one before is signed in too. The
/// session of the same user goes on; that of another is ended, as if they had signed out. Who signed
/// in with a password that was replaced meanwhile is asked for it once more.
pub(crate) async fn complete(
    server: &Server,
    visitor: &Visitor,
    login: Login,
    continue_to: &Continue,
) -> Result<Response, Trouble> {
    let did = login.interaction();
    let Login { user, method, credential, authenticated_at, .. } = login;
    let secret = Minted::<Session>::new()?;
    let hash = secret.fingerprint();
    let before = visitor.signed_in(server).await?.map(|user| user.session);
    let address = visitor.address.map(|address| address.to_string());
    let user_agent = visitor.user_agent();
    let client = client_of(continue_to);
    let now = server.clock.now();
    let expires_at = now.plus(server.lifetimes.session);
    let session = server
        .store
        .write(move |db| {
            if !credential.is_current(db, &user)? {
                return Ok(None);
            }
            let user_agent = user_agent.as_deref();
            let new = NewSession {
                hash: &hash,
                user: &user,
                method,
                user_agent,
                authenticated_at,
                expires_at,
            };
            let login = NewLogin {
                user: &user,
                method,
                address: address.as_deref(),
                user_agent,
                client: client.as_deref(),
            };
            logins::record(db, &login, now)?;
            match before {
                Some(same) if same.user == user && browser_sessions::is_open(db, same.id)? => {
                    browser_sessions::renew(db, same.id, &new, now)?;
                    Ok(Some(same.id))
                }
                other => {
                    if let Some(other) = other {
                        browser_sessions::end(db, &other.user, other.id, now)?;
                    }
                    browser_sessions::begin(db, &new, now).map(Some)
                }
            }
        })
        .await?;
    let address = visitor.address.map(display);
    let Some(session) = session else {
        tracing::warn!(target: AUDIT, address, "a password was replaced while it was looked at");
        return Ok(see_other(&continue_to.by_way_of_login()));
    };
    let method = method.as_str();
    tracing::info!(target: AUDIT, method, address, "a user signed in");
    let receipt = continue_to
        .is_authorization()
        .then(|| server.receipts.issue(did, session, continue_to, now));
    let cookie = Cookie::Session.set(&server.issuer, secret.expose());
    Ok(redirect(continue_to.location(receipt.as_deref()), Some(cookie)))
}

/// Sends the browser on with the account that its user is signed in with.
pub(super) fn keep_account(server: &Server, user: &SignedIn, continue_to: &Continue) -> Response {
    let (did, now) = (Interaction::ChoseAccount, server.clock.now());
    let receipt = continue_to
        .is_authorization()
        .then(|| server.receipts.issue(did, user.session.id, continue_to, now));
    redirect(continue_to.location(receipt.as_deref()), None)
}

/// Ends the session, and with it the tokens that came from it.
pub(crate) async fn sign_out(server: &Server, user: SignedIn) -> Result<Response, Trouble> {
    let now = server.clock.now();
    let session = user.session;
    server.store.write(move |db| browser_sessions::end(db, &session.user, session.id, now)).await?;
    let login = HeaderValue::from_static(SIGNED_OUT);
    Ok(redirect(login, Some(Cookie::Session.clear(&server.issuer))))
}

/// Sends the browser to a page of this server, where it does not send again what it sent here
/// (RFC 9700 §4.12).
pub(crate) fn see_other(address: &str) -> Response {
    match HeaderValue::try_from(address) {
        Ok(location) => redirect(location, None),
        Err(_) => Trouble::Malformed.into_page(Language::default()),
    }
}

fn redirect(location: HeaderValue, cookie: Option<HeaderValue>) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    let headers = response.headers_mut();
    headers.insert(LOCATION, location);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    if let Some(cookie) = cookie {
        headers.append(SET_COOKIE, cookie);
    }
    response
}

fn client_of(continue_to: &Continue) -> Option<String> {
    let parameters = continue_to.parameters().filter(|_| continue_to.is_authorization())?;
    let id = ClientId::new(parameters.get("client_id").ok()??).ok()?;
    Some(id.to_string())
}
