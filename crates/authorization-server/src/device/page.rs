//! The page on which a signed-in user enters a device's code and answers (RFC 8628 §3.3). It answers
//! for clients; a sign-in to this server itself is approved in an app alone.

use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use axum::response::Response;
use rusqlite::Connection;

use super::{UserCode, UserCodeHash, VERIFICATION_PATH};
use crate::account::browser_name;
use crate::audit::AUDIT;
use crate::client::{Client, ClientId};
use crate::http::{Form, Problem, retry_after, wait_seconds};
use crate::login::{Continue, SignedIn, Visitor, see_other};
use crate::pages::{Frame, Language, Texts, Trouble, page};
use crate::resource::Resource;
use crate::scope::Scopes;
use crate::server::Server;
use crate::store::browser_sessions;
use crate::store::device_requests::{self, Asked, Decider, Place, Verdict};
use crate::store::grants::{self, GrantId};
use crate::throttle;

/// Shows the form, with the code that the address brought. It is only shown: that somebody opened a
/// link says nothing about which device they have before them (RFC 8628 §5.4).
pub(crate) async fn show(
    State(server): State<Server>,
    visitor: Visitor,
    RawQuery(query): RawQuery,
) -> Response {
    let query = query.unwrap_or_default();
    let form = Form::from_query(&query).ok();
    let parameter = |name| form.as_ref().and_then(|form| form.get(name).ok().flatten());
    let language = visitor.language(parameter("ui_locales"));
    let answer = async {
        let Some(user) = visitor.signed_in(&server).await? else {
            return Ok(see_other(&Continue::new(VERIFICATION_PATH, &query).by_way_of_login()));
        };
        let typed = parameter("user_code").and_then(UserCode::read);
        let typed = typed.map(|code| code.grouped()).unwrap_or_default();
        enter(&user, language, &typed, None)
    };
    answer.await.unwrap_or_else(|trouble: Trouble| trouble.into_page(language))
}

/// Takes a code, and then the answer.
pub(crate) async fn take(
    State(server): State<Server>,
    visitor: Visitor,
    form: Result<Form, Problem>,
) -> Response {
    let language = visitor.language(None);
    let answer = async {
        let form = form?;
        let Some(user) = visitor.signed_in(&server).await? else {
            return Ok(sign_in_first());
        };
        visitor.check_form_of(&server, &user, &form)?;
        let typed = form.get("user_code")?.unwrap_or_default();
        let found = match find(&server, &user, typed).await? {
            Ok(found) => found,
            Err(missed) => return enter(&user, language, typed, Some(missed)),
        };
        match form.get("decision")? {
            None => ask(&user, language, &found),
            Some("deny") => decide(&server, &user, language, found, None).await,
            Some("allow") => {
                let ticked = Scopes::collect(form.all("scope")).map_err(|_| Trouble::Malformed)?;
                let allowed = ticked.intersection(&found.scopes);
                let allowed = (!allowed.is_empty()).then_some(allowed);
                decide(&server, &user, language, found, allowed).await
            }
            Some(_) => Err(Trouble::Malformed),
        }
    };
    answer.await.unwrap_or_else(|trouble: Trouble| trouble.into_page(language))
}

fn sign_in_first() -> Response {
    see_other(&Continue::new(VERIFICATION_PATH, "").by_way_of_login())
}

/// A client's request that waits for an answer.
struct Found {
    code: UserCode,
    hash: UserCodeHash,
    asked: Asked,
    client: Arc<Client>,
    /// What can be allowed.
    scopes: Scopes,
}

/// Why there is none.
enum Missed {
    Unknown,
    /// Too many wrong codes; how long to wait.
    Throttled(Duration),
}

async fn find(
    server: &Server,
    user: &SignedIn,
    typed: &str,
) -> Result<Result<Found, Missed>, Trouble> {
    let now = server.clock.now();
    let attempts = throttle::Subject::user_codes(&user.session.user);
    if let Err(problem) = server.throttle.check(&attempts, now) {
        return match problem.is_throttling() {
            Some(wait) => Ok(Err(Missed::Throttled(wait))),
            None => Err(problem.into()),
        };
    }
    if let Some(code) = UserCode::read(typed) {
        let hash = code.hash(&server.seal);
        let find = {
            let hash = hash.clone();
            move |db: &Connection| device_requests::find_open(db, &hash, now)
        };
        let asked = server.store.read(find).await?.map(|request| request.asked);
        let id = asked.as_ref().and_then(|asked| asked.client.as_deref());
        let id = id.and_then(|id| ClientId::new(id).ok());
        let client = match id {
            Some(id) => server.catalog.client(&id).await?,
            None => None,
        };
        if let (Some(asked), Some(client)) = (asked, client) {
            let scopes = asked.scopes.intersection(&client.scopes);
            return Ok(Ok(Found { code, hash, asked, client, scopes }));
        }
    }
    server.throttle.count_failure(&attempts, now);
    tracing::warn!(target: AUDIT, "a user code was wrong on the page for devices");
    Ok(Err(Missed::Unknown))
}

#[derive(Template)]
#[template(path = "device.html")]
struct CodePage<'a> {
    frame: &'a Frame,
    action: &'static str,
    token: &'a str,
    user_code: &'a str,
    error: Option<String>,
    user: &'a str,
}

fn enter(
    user: &SignedIn,
    language: Language,
    typed: &str,
    missed: Option<Missed>,
) -> Result<Response, Trouble> {
    let frame = Frame::new(language)?;
    let (mut status, mut wait) = (StatusCode::OK, None);
    let error = missed.map(|missed| match missed {
        Missed::Unknown => {
            status = StatusCode::BAD_REQUEST;
            frame.texts.device_unknown.to_owned()
        }
        Missed::Throttled(span) => {
            status = StatusCode::TOO_MANY_REQUESTS;
            wait = Some(retry_after(span));
            (frame.texts.too_many_failures)(wait_seconds(span))
        }
    });
    let contents = CodePage {
        frame: &frame,
        action: VERIFICATION_PATH,
        token: user.form_token.as_str(),
        user_code: typed,
        error,
        user: &user.session.preferred_username,
    };
    let mut response = page(status, &frame, &contents);
    if let Some(wait) = wait {
        response.headers_mut().insert(RETRY_AFTER, wait);
    }
    Ok(response)
}

#[derive(Template)]
#[template(path = "device_question.html")]
struct QuestionPage<'a> {
    frame: &'a Frame,
    action: &'static str,
    token: &'a str,
    user_code: String,
    client: &'a str,
    monogram: String,
    publisher: Option<&'a str>,
    from: &'a str,
    device: Option<String>,
    when: String,
    scopes: Vec<(&'a str, String)>,
    /// The resources besides this server that the tokens are for (RFC 8707).
    resources: Vec<&'a str>,
    user: &'a str,
}

fn ask(user: &SignedIn, language: Language, found: &Found) -> Result<Response, Trouble> {
    let frame = Frame::new(language)?;
    let client = found.client.names.in_language(language.tag());
    let publisher = found.client.publisher.as_ref();
    let contents = QuestionPage {
        frame: &frame,
        action: VERIFICATION_PATH,
        token: user.form_token.as_str(),
        user_code: found.code.grouped(),
        client,
        monogram: client.chars().next().map(String::from).unwrap_or_default(),
        publisher: publisher.map(|names| names.in_language(language.tag())),
        from: found.asked.address.as_deref().unwrap_or("–"),
        device: found.asked.user_agent.as_deref().and_then(browser_name),
        when: found.asked.created_at.format("%Y-%m-%d %H:%M UTC"),
        scopes: Texts::in_order(&found.scopes)
            .into_iter()
            .map(|name| (name, frame.texts.scope(name)))
            .collect(),
        resources: found.asked.audience.iter().map(Resource::as_str).collect(),
        user: &user.session.preferred_username,
    };
    Ok(page(StatusCode::OK, &frame, &contents))
}

#[derive(Template)]
#[template(path = "device_done.html")]
struct DonePage<'a> {
    frame: &'a Frame,
    heading: &'static str,
    explanation: &'static str,
}

/// What became of an answer.
enum Decided {
    Done,
    /// Somebody else was faster.
    Missed,
    /// The session ended while the page was open.
    SignedOut,
}

async fn decide(
    server: &Server,
    user: &SignedIn,
    language: Language,
    found: Found,
    allowed: Option<Scopes>,
) -> Result<Response, Trouble> {
    let now = server.clock.now();
    let session = user.session.clone();
    let is_allowed = allowed.is_some();
    let client = found.client.id.clone();
    let new_grant = GrantId::new()?;
    let decided = server.store.write(move |db| {
        if !browser_sessions::is_open(db, session.id)? {
            return Ok(Decided::SignedOut);
        }
        let Some(request) = device_requests::find_open(db, &found.hash, now)? else {
            return Ok(Decided::Missed);
        };
        let (place, authenticated_at) = (Place::Browser(session.id), session.authenticated_at);
        let decider = Decider { user: &session.user, place, authenticated_at };
        match &allowed {
            None => request.decide(db, &decider, &Verdict::Denied, now)?,
            Some(scopes) => {
                let user = &session.user;
                let grant = grants::extend(db, &new_grant, user, &found.client.id, scopes, now)?;
                let verdict = Verdict::Granted { scopes, grant: &grant };
                request.decide(db, &decider, &verdict, now)?;
            }
        }
        Ok(Decided::Done)
    });
    match decided.await? {
        Decided::Done => {}
        Decided::Missed => return enter(user, language, "", Some(Missed::Unknown)),
        Decided::SignedOut => return Ok(sign_in_first()),
    }
    tracing::info!(target: AUDIT, %client, allowed = is_allowed, "user code answered");
    let frame = Frame::new(language)?;
    let (heading, explanation) = match is_allowed {
        true => (frame.texts.device_allowed, frame.texts.device_allowed_hint),
        false => (frame.texts.device_denied, frame.texts.device_denied_hint),
    };
    Ok(page(StatusCode::OK, &frame, &DonePage { frame: &frame, heading, explanation }))
}
