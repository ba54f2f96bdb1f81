//! The page itself.

use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::browser_name::browser_name;
use super::{endings, password};
use crate::client::ClientId;
use crate::clock::UnixMillis;
use crate::http::{Form, wait_seconds};
use crate::login::{Continue, SignedIn, Visitor, in_force, see_other};
use crate::pages::{Frame, Language, Texts, Trouble, page};
use crate::server::Server;
use crate::store::browser_sessions::{self, ListedSession};
use crate::store::grants::{self, ListedGrant};
use crate::store::logins::{self, ListedLogin};

/// The path of the page.
pub(crate) const PATH: &str = "/account";

/// As many sign-ins as one looks through.
const LOGINS: u32 = 20;

/// Shows the page, after a sign-in where that is needed.
pub(super) async fn show(
    State(server): State<Server>,
    visitor: Visitor,
    RawQuery(query): RawQuery,
) -> Response {
    let form = Form::from_query(query.as_deref().unwrap_or_default()).ok();
    let parameter = |name| form.as_ref().and_then(|form| form.get(name).ok().flatten());
    let language = visitor.language(parameter("ui_locales"));
    let answer = async {
        let Some(user) = visitor.signed_in(&server).await? else {
            let query = query.as_deref().unwrap_or_default();
            return Ok(see_other(&Continue::new(PATH, query).by_way_of_login()));
        };
        let notice = match parameter("changed") {
            Some("password") => Notice::PasswordChanged,
            _ => Notice::None,
        };
        render(&server, &user, language, notice).await
    };
    answer.await.unwrap_or_else(|trouble: Trouble| trouble.into_page(language))
}

/// What the page says on top.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Notice {
    None,
    PasswordChanged,
    /// Why the password was not changed.
    NotChanged(NotChanged),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum NotChanged {
    CurrentIsWrong,
    NewDiffer,
    NewLength,
    Throttled(Duration),
}

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage<'a> {
    frame: &'a Frame,
    user: &'a str,
    token: &'a str,
    done: Option<&'static str>,
    error: Option<String>,
    grants: Vec<Grant>,
    sessions: Vec<Session>,
    logins: Vec<Login>,
    has_password: bool,
    sign_out: &'static str,
    end_session: &'static str,
    end_grant: &'static str,
    change_password: &'static str,
}

struct Grant {
    id: String,
    client: String,
    publisher: Option<String>,
    scopes: Vec<String>,
    since: String,
    remembered: String,
}

struct Session {
    number: i64,
    browser: String,
    method: &'static str,
    since: String,
    last_seen: String,
    is_this: bool,
}

struct Login {
    at: String,
    method: &'static str,
    address: String,
    browser: String,
    client: String,
}

/// Fills in the page.
pub(super) async fn render(
    server: &Server,
    signed_in: &SignedIn,
    language: Language,
    notice: Notice,
) -> Result<Response, Trouble> {
    let frame = Frame::new(language)?;
    let texts = frame.texts;
    let user = signed_in.session.user.clone();
    let at = in_force(server);
    let (grants, sessions, logins) = server
        .store
        .read(move |db| {
            Ok((
                grants::of_user(db, &user)?,
                browser_sessions::of_user(db, &user, at)?,
                logins::recent(db, &user, LOGINS)?,
            ))
        })
        .await?;
    let (done, error) = match notice {
        Notice::None => (None, None),
        Notice::PasswordChanged => (Some(texts.password_changed), None),
        Notice::NotChanged(why) => (None, Some(why.words(texts))),
    };
    let words = Words { language, texts, now: at.now };
    let mut listed = Vec::new();
    for grant in grants {
        listed.push(words.grant(server, grant).await?);
    }
    let mut entries = Vec::new();
    for login in logins {
        entries.push(words.login(server, login).await?);
    }
    let this = signed_in.session.id;
    let contents = AccountPage {
        frame: &frame,
        user: &signed_in.session.preferred_username,
        token: signed_in.form_token.as_str(),
        done,
        grants: listed,
        sessions: sessions
            .into_iter()
            .map(|session| Session { is_this: session.id == this, ..words.session(session) })
            .collect(),
        logins: entries,
        has_password: password::can_be_changed(server, &signed_in.session).await?,
        sign_out: endings::SIGN_OUT,
        end_session: endings::SESSION,
        end_grant: endings::GRANT,
        change_password: password::PATH,
        error,
    };
    let status = match notice {
        Notice::NotChanged(NotChanged::Throttled(_)) => StatusCode::TOO_MANY_REQUESTS,
        Notice::NotChanged(_) => StatusCode::BAD_REQUEST,
        _ => StatusCode::OK,
    };
    Ok(page(status, &frame, &contents))
}

impl NotChanged {
    fn words(self, texts: &Texts) -> String {
        match self {
            Self::CurrentIsWrong => texts.current_password_wrong.to_owned(),
            Self::NewDiffer => texts.passwords_differ.to_owned(),
            Self::NewLength => texts.password_length.to_owned(),
            Self::Throttled(span) => (texts.too_many_failures)(wait_seconds(span)),
        }
    }
}

/// Turns what is stored into what is read.
struct Words {
    language: Language,
    texts: &'static Texts,
    now: UnixMillis,
}

impl Words {
    async fn grant(&self, server: &Server, grant: ListedGrant) -> Result<Grant, Trouble> {
        let client = match ClientId::new(grant.client.as_str()) {
            Ok(id) => server.catalog.client(&id).await?,
            Err(_) => None,
        };
        let tag = self.language.tag();
        let name = client.as_ref().map(|client| client.names.in_language(tag).to_owned());
        let publisher = client.as_ref().and_then(|client| client.publisher.as_ref());
        let remembered = grant.remembered.filter(|remembered| {
            !remembered.scopes.is_empty() && remembered.until.is_none_or(|until| until > self.now)
        });
        Ok(Grant {
            id: grant.id,
            client: name.unwrap_or(grant.client),
            publisher: publisher.map(|names| (self.texts.by)(names.in_language(tag))),
            scopes: Texts::in_order(&grant.scopes)
                .into_iter()
                .map(|scope| self.texts.scope(scope))
                .collect(),
            since: self.day(grant.created_at),
            remembered: match remembered.map(|remembered| remembered.until) {
                None => self.texts.asks_each_time.to_owned(),
                Some(None) => self.texts.remembered_until_revoked.to_owned(),
                Some(Some(until)) => (self.texts.remembered_until)(&self.day(until)),
            },
        })
    }

    fn session(&self, session: ListedSession) -> Session {
        Session {
            number: session.id.number(),
            browser: self.browser(session.user_agent.as_deref()),
            method: session.method.words(self.texts),
            since: self.time(session.authenticated_at),
            last_seen: self.time(session.last_seen_at),
            is_this: false,
        }
    }

    async fn login(&self, server: &Server, login: ListedLogin) -> Result<Login, Trouble> {
        let id = login.client.as_deref().and_then(|id| ClientId::new(id).ok());
        let client = match id {
            Some(id) => server.catalog.client(&id).await?,
            None => None,
        };
        let name = |client: Arc<_>| self.name(&client);
        Ok(Login {
            at: self.time(login.at),
            method: login.method.words(self.texts),
            address: login.address.unwrap_or_default(),
            browser: self.browser(login.user_agent.as_deref()),
            client: client.map(name).unwrap_or_default(),
        })
    }

    fn name(&self, client: &crate::client::Client) -> String {
        client.names.in_language(self.language.tag()).to_owned()
    }

    fn browser(&self, user_agent: Option<&str>) -> String {
        let name = user_agent.and_then(browser_name);
        name.unwrap_or_else(|| self.texts.unknown_browser.to_owned())
    }

    fn day(&self, at: UnixMillis) -> String {
        at.format("%Y-%m-%d")
    }

    fn time(&self, at: UnixMillis) -> String {
        at.format("%Y-%m-%d %H:%M UTC")
    }
}
