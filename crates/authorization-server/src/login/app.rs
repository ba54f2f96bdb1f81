//! Signing in by approval in an app: the page shows a code, and the user enters it in a host app in
//! which they are signed in. The browser that shows the code holds what redeems it, in a cookie.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use serde_json::json;

use super::complete::{Login, complete, see_other};
use super::cookies::Cookie;
use super::{Continue, LoginMethod, Visitor};
use crate::accounts::Credential;
use crate::client::ClientKind;
use crate::device::{self, Asking};
use crate::error::StoreError;
use crate::http::{Form, Problem, unstored};
use crate::pages::{Frame, Language, Trouble, page};
use crate::resource::Audience;
use crate::scope::{MEDIATE, Scopes};
use crate::secret::{Device, Fingerprint};
use crate::server::Server;
use crate::store::device_requests::{self, Outcome};
use crate::store::open_requests::Party;

/// The page.
pub(super) const PATH: &str = "/login/app";
/// Where the page asks whether it can go on.
pub(super) const STATE_PATH: &str = "/login/app/state";
/// Between two questions of the page.
const INTERVAL_MILLIS: u32 = 2_000;

/// Whether there is an app in which users can approve.
pub(super) async fn is_offered(server: &Server) -> Result<bool, StoreError> {
    if !server.login.has_own_page() {
        return Ok(false);
    }
    let registered = server.catalog.snapshot().await?;
    Ok(registered.clients().any(|client| {
        matches!(client.kind, ClientKind::Host { .. }) && client.scopes.contains(MEDIATE)
    }))
}

/// Shows the code that this browser waits with already, or a new one.
pub(super) async fn show(
    State(server): State<Server>,
    visitor: Visitor,
    RawQuery(query): RawQuery,
) -> Response {
    let (continue_to, language) = place(&visitor, query.as_deref());
    let answer = async {
        if !is_offered(&server).await? {
            return Ok(see_other(&continue_to.by_way_of_login()));
        }
        let held = Held::read(&visitor);
        let standing = match &held {
            Some(held) => standing(&server, held).await?,
            None => Standing::Gone,
        };
        match (held, standing) {
            (_, Standing::Gone) => show_new(&server, &visitor, &continue_to, language).await,
            (Some(held), standing) => {
                let page = Shown { user_code: held.user_code, standing, cookie: None };
                page.into_response(&server, &visitor, &continue_to, language)
            }
            (None, _) => Err(Trouble::Failed),
        }
    };
    answer.await.unwrap_or_else(|trouble: Trouble| trouble.into_page(language))
}

/// Tells the page whether it can go on.
pub(super) async fn state(
    State(server): State<Server>,
    visitor: Visitor,
) -> Result<Response, Problem> {
    let standing = match Held::read(&visitor) {
        Some(held) => standing(&server, &held).await?,
        None => Standing::Gone,
    };
    let state = match standing {
        Standing::Waits => "pending",
        Standing::Approved => "approved",
        Standing::Denied => "denied",
        Standing::Gone => "expired",
    };
    Ok(unstored(json!({ "state": state })))
}

/// Signs the user in who has approved; otherwise says how it stands, with a new code where the old
/// one is of no use any more.
pub(super) async fn go_on(
    State(server): State<Server>,
    visitor: Visitor,
    RawQuery(query): RawQuery,
    form: Result<Form, Problem>,
) -> Response {
    let (continue_to, language) = place(&visitor, query.as_deref());
    let answer = async {
        visitor.check_form_of_browser(&server, &form?)?;
        if !is_offered(&server).await? {
            return Ok(see_other(&continue_to.by_way_of_login()));
        }
        let Some(held) = Held::read(&visitor) else {
            return show_new(&server, &visitor, &continue_to, language).await;
        };
        match redeem(&server, &held).await? {
            Redeemed::By(login) => {
                let mut response = complete(&server, &visitor, login, &continue_to).await?;
                response.headers_mut().append(SET_COOKIE, Cookie::App.clear(&server.issuer));
                Ok(response)
            }
            Redeemed::NotYet(Standing::Gone) => {
                show_new(&server, &visitor, &continue_to, language).await
            }
            Redeemed::NotYet(standing) => {
                // A denied code is over once this has been said.
                let cookie =
                    (standing == Standing::Denied).then(|| Cookie::App.clear(&server.issuer));
                let page = Shown { user_code: held.user_code, standing, cookie };
                page.into_response(&server, &visitor, &continue_to, language)
            }
        }
    };
    answer.await.unwrap_or_else(|trouble: Trouble| trouble.into_page(language))
}

fn place(visitor: &Visitor, query: Option<&str>) -> (Continue, Language) {
    let form = Form::from_query(query.unwrap_or_default()).ok();
    let asked = form.as_ref().and_then(|form| form.get("continue").ok().flatten());
    let continue_to = asked.and_then(Continue::parse).unwrap_or_else(Continue::account);
    let request = continue_to.parameters();
    let locales = request.as_ref().and_then(|form| form.get("ui_locales").ok().flatten());
    let language = visitor.language(locales);
    (continue_to, language)
}

/// What the browser's cookie holds. Has no `Debug`.
struct Held {
    device: Fingerprint<Device>,
    user_code: String,
}

impl Held {
    fn read(visitor: &Visitor) -> Option<Self> {
        let (device, user_code) = visitor.app.as_ref()?.split_once('.')?;
        let user_code = device::UserCode::read(user_code)?.grouped();
        Some(Self { device: Fingerprint::of(device), user_code })
    }
}

/// How a code stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    Waits,
    Approved,
    Denied,
    /// It is unknown, was used, or has expired.
    Gone,
}

async fn standing(server: &Server, held: &Held) -> Result<Standing, StoreError> {
    let (device, now) = (held.device.clone(), server.clock.now());
    let found = server.store.read(move |db| device_requests::find(db, &device)).await?;
    let open = found.filter(|request| {
        request.asked.client.is_none()
            && request.used_at.is_none()
            && request.asked.expires_at > now
    });
    Ok(match open.map(|request| request.outcome) {
        None => Standing::Gone,
        Some(Outcome::Pending { .. }) => Standing::Waits,
        Some(Outcome::Denied) => Standing::Denied,
        Some(Outcome::Approved(_)) => Standing::Approved,
    })
}

enum Redeemed {
    By(Login),
    NotYet(Standing),
}

/// Uses an approved code up; it signs nobody in a second time.
async fn redeem(server: &Server, held: &Held) -> Result<Redeemed, StoreError> {
    let standing = standing(server, held).await?;
    if standing != Standing::Approved {
        return Ok(Redeemed::NotYet(standing));
    }
    let (device, now) = (held.device.clone(), server.clock.now());
    let redeemed = server.store.write(move |db| {
        let Some(request) = device_requests::find(db, &device)? else {
            return Ok(Redeemed::NotYet(Standing::Gone));
        };
        Ok(match &request.outcome {
            Outcome::Approved(approval) if request.use_up(db, now)? => {
                Redeemed::By(Login {
                    user: approval.user.clone(),
                    method: LoginMethod::App,
                    credential: Credential::Elsewhere,
                    // The app vouches for a sign-in of then, not of now.
                    authenticated_at: approval.authenticated_at,
                    asked_at: now,
                })
            }
            _ => Redeemed::NotYet(Standing::Gone),
        })
    });
    redeemed.await
}

async fn show_new(
    server: &Server,
    visitor: &Visitor,
    continue_to: &Continue,
    language: Language,
) -> Result<Response, Trouble> {
    let asking = Asking {
        party: Party::browser(visitor.address),
        scopes: Scopes::default(),
        audience: Audience::default(),
        address: visitor.address,
        user_agent: visitor.user_agent(),
    };
    let codes = device::ask(server, asking).await?;
    let user_code = codes.user.grouped();
    let value = format!("{}.{user_code}", codes.device.expose());
    let cookie = Some(Cookie::App.set(&server.issuer, &value));
    let page = Shown { user_code, standing: Standing::Waits, cookie };
    page.into_response(server, visitor, continue_to, language)
}

struct Shown {
    user_code: String,
    standing: Standing,
    cookie: Option<HeaderValue>,
}

#[derive(Template)]
#[template(path = "login_app.html")]
struct AppPage<'a> {
    frame: &'a Frame,
    action: String,
    back: String,
    state: &'static str,
    interval: u32,
    token: &'a str,
    user_code: &'a str,
    waits: bool,
    goes_on: bool,
    outcome: &'static str,
    button: &'static str,
}

impl Shown {
    fn into_response(
        self,
        server: &Server,
        visitor: &Visitor,
        continue_to: &Continue,
        language: Language,
    ) -> Result<Response, Trouble> {
        let frame = Frame::new(language)?;
        let browser = visitor.browser(server)?;
        let (outcome, button) = match self.standing {
            Standing::Approved | Standing::Waits => (frame.texts.app_approved, frame.texts.go_on),
            Standing::Denied => (frame.texts.app_denied, frame.texts.app_new_code),
            Standing::Gone => (frame.texts.app_expired, frame.texts.app_new_code),
        };
        let contents = AppPage {
            frame: &frame,
            action: continue_to.by_way_of(PATH, false),
            back: continue_to.by_way_of_login(),
            state: STATE_PATH,
            interval: INTERVAL_MILLIS,
            token: browser.form_token.as_str(),
            user_code: &self.user_code,
            waits: self.standing == Standing::Waits,
            goes_on: self.standing == Standing::Approved,
            outcome,
            button,
        };
        let mut response = page(StatusCode::OK, &frame, &contents);
        let headers: &mut HeaderMap = response.headers_mut();
        for cookie in [browser.cookie, self.cookie].into_iter().flatten() {
            headers.append(SET_COOKIE, cookie);
        }
        Ok(response)
    }
}
