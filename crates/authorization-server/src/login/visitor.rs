//! What a browser's request says about who is there.

use std::net::IpAddr;
use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::http::header::{HeaderName, ORIGIN, USER_AGENT};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};
use zeroize::Zeroizing;

use super::FormToken;
use super::cookies::Cookie;
use crate::audit::AUDIT;
use crate::error::{RandomnessError, StoreError};
use crate::http::Form;
use crate::pages::{Language, Trouble};
use crate::secret::{Browser, Fingerprint, Minted};
use crate::server::Server;
use crate::store::browser_sessions::{self, BrowserSession, InForce};

/// Seconds would be enough for nobody and cost a write for each page.
const BETWEEN_TOUCHES: Duration = Duration::from_secs(60);
const MAX_USER_AGENT: usize = 256;
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// A browser that asks for a page or sends a form. Has no `Debug`.
pub(crate) struct Visitor {
    /// Known when the router is served with connection info.
    pub(crate) address: Option<IpAddr>,
    headers: HeaderMap,
    session: Option<Zeroizing<String>>,
    browser: Option<Zeroizing<String>>,
    /// The codes with which this browser waits for an approval in an app.
    pub(super) app: Option<Zeroizing<String>>,
}

/// A user who is signed in, and what ties forms to their session. Has no `Debug`.
pub(crate) struct SignedIn {
    pub(crate) session: BrowserSession,
    pub(crate) form_token: FormToken,
}

/// A browser that this server can tell from others. Has no `Debug`.
pub(super) struct MarkedBrowser {
    pub(super) form_token: FormToken,
    pub(super) fingerprint: Fingerprint<Browser>,
    /// To be set where the browser is new.
    pub(super) cookie: Option<HeaderValue>,
}

impl Visitor {
    /// The user who is signed in in this browser.
    pub(crate) async fn signed_in(&self, server: &Server) -> Result<Option<SignedIn>, StoreError> {
        let Some(secret) = &self.session else { return Ok(None) };
        let fingerprint = Fingerprint::of(secret);
        let at = in_force(server);
        let found =
            server.store.read(move |db| browser_sessions::find(db, &fingerprint, at)).await?;
        let Some(session) = found else { return Ok(None) };
        if at.now.since(session.last_seen_at) >= BETWEEN_TOUCHES {
            let id = session.id;
            server.store.write(move |db| browser_sessions::touch(db, id, at.now)).await?;
        }
        Ok(Some(SignedIn { session, form_token: FormToken::of(secret) }))
    }

    /// What is known of this browser while nobody is signed in; it is marked if it is new.
    pub(super) fn browser(&self, server: &Server) -> Result<MarkedBrowser, RandomnessError> {
        if let Some(secret) = &self.browser {
            return Ok(MarkedBrowser {
                form_token: FormToken::of(secret),
                fingerprint: Fingerprint::of(secret),
                cookie: None,
            });
        }
        let secret = Minted::<Browser>::new()?;
        Ok(MarkedBrowser {
            form_token: FormToken::of(secret.expose()),
            fingerprint: secret.fingerprint(),
            cookie: Some(Cookie::Browser.set(&server.issuer, secret.expose())),
        })
    }

    /// What the browser was marked with before.
    pub(super) fn known_browser(&self) -> Option<Fingerprint<Browser>> {
        self.browser.as_ref().map(|secret| Fingerprint::of(secret))
    }

    /// Refuses a form that another site sent, or that was not shown to this browser before anybody
    /// was signed in.
    pub(super) fn check_form_of_browser(
        &self,
        server: &Server,
        form: &Form,
    ) -> Result<(), Trouble> {
        let token = self.browser.as_ref().map(|secret| FormToken::of(secret));
        self.check(server, token.as_ref(), form)
    }

    /// Refuses a form that another site sent, or that was not shown to this user.
    pub(crate) fn check_form_of(
        &self,
        server: &Server,
        user: &SignedIn,
        form: &Form,
    ) -> Result<(), Trouble> {
        self.check(server, Some(&user.form_token), form)
    }

    fn check(
        &self,
        server: &Server,
        token: Option<&FormToken>,
        form: &Form,
    ) -> Result<(), Trouble> {
        let sent = form.get("token").map_err(|_| Trouble::Forged)?;
        let is_ours = token.is_some_and(|token| token.is(sent));
        if is_ours && self.is_from_own_page(server) {
            return Ok(());
        }
        tracing::warn!(target: AUDIT, "a form was refused that no page of this server sent");
        Err(Trouble::Forged)
    }

    /// Browsers say where a form comes from. Pages here hide their address, and with it go forms
    /// whose `Origin` is `null`; then only the token tells.
    fn is_from_own_page(&self, server: &Server) -> bool {
        let site = self.headers.get(SEC_FETCH_SITE);
        let origin = self.headers.get(ORIGIN);
        site.is_none_or(|site| site == "same-origin")
            && origin.is_none_or(|origin| origin == "null" || origin == server.issuer.as_str())
    }

    /// The language of pages for this browser, where the client wishes for one of `ui_locales`.
    pub(crate) fn language(&self, ui_locales: Option<&str>) -> Language {
        Language::choose(ui_locales, &self.headers)
    }

    /// What the browser calls itself, as far as it is worth keeping.
    pub(super) fn user_agent(&self) -> Option<String> {
        let text = self.headers.get(USER_AGENT)?.to_str().ok()?;
        Some(text.chars().take(MAX_USER_AGENT).collect())
    }
}

/// Which sessions are in force now.
pub(crate) fn in_force(server: &Server) -> InForce {
    let now = server.clock.now();
    InForce { now, idle_since: now.minus(server.lifetimes.session_idle) }
}

impl FromRequestParts<Server> for Visitor {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        server: &Server,
    ) -> Result<Self, Self::Rejection> {
        let read = |cookie: Cookie| cookie.read(&server.issuer, &parts.headers);
        Ok(Self {
            address: server.trusted_proxies.client_address(parts),
            session: read(Cookie::Session),
            browser: read(Cookie::Browser),
            app: read(Cookie::App),
            headers: parts.headers.clone(),
        })
    }
}
