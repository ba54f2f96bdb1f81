//! The login page.

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::http::header::{RETRY_AFTER, SET_COOKIE};
use axum::response::Response;

use super::complete::{Login, complete, keep_account};
use super::continue_to::PROOF;
use super::external::{self, START};
use super::password::{self, NotSignedIn};
use super::{Continue, LoginMethod, LoginPlace, Visitor, app};
use crate::accounts::SignedIn;
use crate::authorize;
use crate::client::ClientId;
use crate::http::{Form, Problem, retry_after, wait_seconds};
use crate::pages::{Frame, Language, Trouble, page};
use crate::server::Server;

/// Where users sign in.
pub(crate) const PATH: &str = "/login";
/// The page after a sign-out; where users sign in elsewhere, it must not send them there at once.
pub(super) const SIGNED_OUT: &str = "/login?signed_out=1";

/// Shows the page.
pub(super) async fn show(
    State(server): State<Server>,
    visitor: Visitor,
    RawQuery(query): RawQuery,
) -> Response {
    let place = Place::read(&server, &visitor, query.as_deref()).await;
    let language = place.language;
    if let LoginPlace::Elsewhere(system) = &server.login
        && !place.signed_out
    {
        let begun = external::begin(&server, &visitor, system, &place).await;
        return begun.unwrap_or_else(|trouble| trouble.into_page(language));
    }
    let shown = show_form(&server, &visitor, &place, None).await;
    shown.unwrap_or_else(|trouble| trouble.into_page(language))
}

/// Takes what the page sent.
pub(super) async fn sign_in(
    State(server): State<Server>,
    visitor: Visitor,
    RawQuery(query): RawQuery,
    form: Result<Form, Problem>,
) -> Response {
    let place = Place::read(&server, &visitor, query.as_deref()).await;
    let language = place.language;
    let answer = async {
        let form = form?;
        visitor.check_form_of_browser(&server, &form)?;
        if form.get("method")? == Some("continue") {
            return match visitor.signed_in(&server).await? {
                Some(user) => Ok(keep_account(&server, &user, &place.continue_to)),
                None => show_form(&server, &visitor, &place, None).await,
            };
        }
        if !server.login.has_own_page() {
            return Err(Trouble::Malformed);
        }
        let username = form.get("username")?.unwrap_or_default();
        let password = form.get("password")?.unwrap_or_default();
        match password::check(&server, &visitor, username, password).await {
            Ok(SignedIn { user, credential, .. }) => {
                let now = server.clock.now();
                let login = Login {
                    user,
                    method: LoginMethod::Password,
                    credential,
                    authenticated_at: now,
                    asked_at: now,
                };
                complete(&server, &visitor, login, &place.continue_to).await
            }
            Err(NotSignedIn::Trouble(trouble)) => Err(trouble),
            Err(refused) => show_form(&server, &visitor, &place, Some((username, refused))).await,
        }
    };
    answer.await.unwrap_or_else(|trouble: Trouble| trouble.into_page(language))
}

/// What the query says: where to go on, and what the request that waits there wishes for.
pub(super) struct Place {
    pub(super) continue_to: Continue,
    pub(super) language: Language,
    /// The name of the registered client that the browser says it comes from.
    client: Option<String>,
    pub(super) login_hint: String,
    /// Whether it is not enough to be signed in already.
    pub(super) needs_proof: bool,
    signed_out: bool,
}

impl Place {
    pub(super) async fn read(server: &Server, visitor: &Visitor, query: Option<&str>) -> Self {
        let form = Form::from_query(query.unwrap_or_default()).ok();
        let asked = form.as_ref().and_then(|form| form.get("continue").ok().flatten());
        let needs_proof = form.as_ref().is_some_and(|form| form.has(PROOF));
        let continue_to = asked.and_then(Continue::parse).unwrap_or_else(Continue::account);
        let request = match continue_to.parameters() {
            Some(form) if continue_to.is_authorization() => authorize::peek(server, form).await,
            other => other,
        };
        let wish = |name| request.as_ref().and_then(|form| form.get(name).ok().flatten());
        let language = visitor.language(wish("ui_locales"));
        let named = continue_to.parameters();
        let id = named.as_ref().and_then(|form| form.get("client_id").ok().flatten());
        let id = id.and_then(|id| ClientId::new(id).ok());
        let client = match id {
            Some(id) => server.catalog.client(&id).await.ok().flatten(),
            None => None,
        };
        Self {
            client: client.map(|client| client.names.in_language(language.tag()).to_owned()),
            login_hint: wish("login_hint").unwrap_or_default().to_owned(),
            language,
            continue_to,
            needs_proof,
            signed_out: form.as_ref().is_some_and(|form| form.has("signed_out")),
        }
    }
}

/// Another way to sign in, on a page of its own.
struct Link {
    href: String,
    label: String,
}

#[derive(Template)]
#[template(path = "login.html")]
struct LoginPage<'a> {
    frame: &'a Frame,
    action: String,
    token: &'a str,
    client: Option<&'a str>,
    error: Option<String>,
    notice: Option<&'static str>,
    continue_as: Option<&'a str>,
    has_password: bool,
    username: &'a str,
    links: Vec<Link>,
}

/// The ways to sign in that are not on the page itself.
async fn links(server: &Server, place: &Place, frame: &Frame) -> Result<Vec<Link>, Trouble> {
    let system = server.login.system().map(|system| Link {
        href: place.continue_to.by_way_of(START, place.needs_proof),
        label: (frame.texts.with_system)(system.names.in_language(place.language.tag())),
    });
    // An app says who is signed in there, not that they have proved it again.
    let by_app = !place.needs_proof && app::is_offered(server).await?;
    let app = by_app.then(|| Link {
        href: place.continue_to.by_way_of(app::PATH, false),
        label: frame.texts.with_app.to_owned(),
    });
    Ok(app.into_iter().chain(system).collect())
}

async fn show_form(
    server: &Server,
    visitor: &Visitor,
    place: &Place,
    refused: Option<(&str, NotSignedIn)>,
) -> Result<Response, Trouble> {
    let frame = Frame::new(place.language)?;
    let browser = visitor.browser(server)?;
    let user = visitor.signed_in(server).await?;
    let mut status = StatusCode::OK;
    let mut wait = None;
    let known = user.as_ref().filter(|_| place.needs_proof);
    let (username, error) = match &refused {
        None if place.login_hint.is_empty() => {
            (known.and_then(|user| user.session.username.as_deref()).unwrap_or_default(), None)
        }
        None => (place.login_hint.as_str(), None),
        Some((username, NotSignedIn::Throttled(span))) => {
            wait = Some(retry_after(*span));
            status = StatusCode::TOO_MANY_REQUESTS;
            (*username, Some((frame.texts.too_many_failures)(wait_seconds(*span))))
        }
        Some((username, _)) => {
            status = StatusCode::BAD_REQUEST;
            (*username, Some(frame.texts.wrong_credentials.to_owned()))
        }
    };
    let contents = LoginPage {
        frame: &frame,
        action: place.continue_to.by_way_of(PATH, place.needs_proof),
        token: browser.form_token.as_str(),
        client: place.client.as_deref(),
        error,
        notice: match (place.signed_out, known) {
            (true, None) => Some(frame.texts.signed_out),
            (_, Some(_)) => Some(frame.texts.sign_in_again),
            (false, None) => None,
        },
        continue_as: user
            .as_ref()
            .filter(|_| !place.needs_proof)
            .map(|user| user.session.preferred_username.as_str()),
        has_password: server.login.has_own_page(),
        username,
        links: links(server, place, &frame).await?,
    };
    let mut response = page(status, &frame, &contents);
    let headers = response.headers_mut();
    if let Some(cookie) = browser.cookie {
        headers.append(SET_COOKIE, cookie);
    }
    if let Some(wait) = wait {
        headers.insert(RETRY_AFTER, wait);
    }
    Ok(response)
}
