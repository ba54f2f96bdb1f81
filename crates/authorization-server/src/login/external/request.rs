//! Sending the browser to the authentication system.

use axum::extract::{RawQuery, State};
use axum::http::header::SET_COOKIE;
use axum::response::Response;
use serde_json::json;

use super::{AuthenticationSystem, CALLBACK, LIFETIME};
use crate::jose::{KeyError, SigningAlgorithm};
use crate::login::page::Place;
use crate::login::{Visitor, see_other};
use crate::pages::Trouble;
use crate::secret::{LoginRequest, Minted};
use crate::server::Server;
use crate::store::external_logins::{self, NewExternalLogin};
use crate::store::open_requests::{Kind, Party};

const KIND: &str = "minihost-login-request+jwt";

/// Takes the link of the login page.
pub(in crate::login) async fn start(
    State(server): State<Server>,
    visitor: Visitor,
    RawQuery(query): RawQuery,
) -> Response {
    let place = Place::read(&server, &visitor, query.as_deref()).await;
    let language = place.language;
    let begun = match server.login.system() {
        Some(system) => begin(&server, &visitor, system, &place).await,
        None => Err(Trouble::Malformed),
    };
    begun.unwrap_or_else(|trouble| trouble.into_page(language))
}

/// Sends the browser there.
pub(in crate::login) async fn begin(
    server: &Server,
    visitor: &Visitor,
    system: &AuthenticationSystem,
    place: &Place,
) -> Result<Response, Trouble> {
    let reference = Minted::<LoginRequest>::new()?;
    let browser = visitor.browser(server)?;
    let now = server.clock.now();
    let new = NewExternalLogin {
        request: reference.fingerprint(),
        browser: browser.fingerprint,
        party: Party::browser(visitor.address),
        continue_to: place.continue_to.address(),
        needs_proof: place.needs_proof,
        expires_at: now.plus(LIFETIME),
    };
    let limits = server.open_requests;
    let stored = server.store.write(move |db| {
        if let Err(full) = new.party.check(db, Kind::ExternalLogin, limits, now)? {
            return Ok(Err(full.into_problem(now)));
        }
        external_logins::insert(db, &new, now).map(Ok)
    });
    stored.await??;
    let mut claims = json!({
        "iss": server.issuer.as_str(),
        "aud": system.id,
        "iat": now.as_seconds(),
        "exp": now.plus(LIFETIME).as_seconds(),
        "jti": reference.expose(),
        "callback": server.issuer.endpoint(CALLBACK),
        "fresh": place.needs_proof,
        "ui_locales": place.language.tag(),
    });
    if !place.login_hint.is_empty() {
        claims["login_hint"] = place.login_hint.as_str().into();
    }
    let keys = server.catalog.keys().await?;
    let key = keys.signer(SigningAlgorithm::EdDsa, now).ok_or_else(KeyError::missing);
    let request = key.and_then(|key| key.token(KIND, &claims)).map_err(|error| {
        tracing::error!(%error, "a login request was not signed");
        Trouble::Failed
    })?;
    let mut url = system.url.clone();
    url.query_pairs_mut().append_pair("request", &request);
    let mut response = see_other(url.as_str());
    if let Some(cookie) = browser.cookie {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    Ok(response)
}
