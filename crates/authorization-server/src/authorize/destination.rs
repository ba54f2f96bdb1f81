//! Where the answer to an authorization request goes, and how.

use askama::Template;
use axum::http::header::{CACHE_CONTROL, LOCATION, REFERRER_POLICY};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use url::{Url, form_urlencoded};

use crate::client::Client;
use crate::http::{Form, Problem, redirect_uri};
use crate::pages::{Frame, Language, Trouble, page};
use crate::scope::OPENID;
use crate::server::Server;
use crate::store::codes::CodeRedirect;

/// How parameters are sent back (OAuth 2.0 Multiple Response Type Encoding Practices §2.1, OAuth 2.0
/// Form Post Response Mode §2).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum ResponseMode {
    Query,
    Fragment,
    FormPost,
}

/// A redirect URI of the client, and what goes along with every answer to it.
pub(super) struct Destination {
    redirect: CodeRedirect,
    mode: ResponseMode,
    state: Option<String>,
}

impl Destination {
    /// Finds out where to answer, before anything else is looked at: nobody is redirected to an
    /// address that is not registered (RFC 6749 §4.1.2.1).
    pub(super) fn read(client: &Client, form: &Form) -> Result<Self, Trouble> {
        let asked = redirect_uri(client, form).map_err(|_| Trouble::RedirectUri)?;
        let redirect = match (asked, client.redirect_uris.as_slice()) {
            (Some(asked), registered) => registered
                .iter()
                .any(|uri| uri.admits(asked, client.application))
                .then(|| CodeRedirect { uri: asked.to_owned(), was_given: true }),
            // RFC 6749 §3.1.2.3; OpenID Connect Core §3.1.2.1 wants it in every case.
            (None, [sole]) if !asks_for_openid(client, form) => {
                Some(CodeRedirect { uri: sole.as_str().to_owned(), was_given: false })
            }
            (None, _) => None,
        };
        Ok(Self {
            redirect: redirect.ok_or(Trouble::RedirectUri)?,
            mode: match mode(form) {
                Ok(Some(mode)) => mode,
                // The refusal that follows goes the usual way.
                Ok(None) | Err(_) => usual_mode(form),
            },
            // One that is there twice is not the client's own.
            state: form.get("state").ok().flatten().map(str::to_owned),
        })
    }

    /// Refuses a way to answer that there is not, or that would put a token into a query.
    pub(super) fn check(&self, form: &Form) -> Result<(), Problem> {
        form.get("state")?;
        let mode = mode(form)?;
        if mode == Some(ResponseMode::Query) && usual_mode(form) == ResponseMode::Fragment {
            return Err(Problem::invalid_request("a token must not be sent in a query"));
        }
        Ok(())
    }

    pub(super) fn redirect(&self) -> &CodeRedirect {
        &self.redirect
    }

    /// The host that the user goes back to, as people know it.
    pub(super) fn host(&self) -> String {
        let url = Url::parse(&self.redirect.uri).ok();
        url.and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
    }

    /// Sends the browser back with these parameters, `state` as it came, and `iss` (RFC 9207 §2).
    pub(super) fn answer(
        &self,
        server: &Server,
        language: Language,
        parameters: &[(&str, &str)],
    ) -> Response {
        let state = self.state.as_deref().map(|state| ("state", state));
        let all: Vec<(&str, &str)> = parameters
            .iter()
            .copied()
            .chain(state)
            .chain([("iss", server.issuer.as_str())])
            .collect();
        let uri = &self.redirect.uri;
        let encoded =
            || form_urlencoded::Serializer::new(String::new()).extend_pairs(&all).finish();
        match self.mode {
            ResponseMode::Query => {
                let separator = match uri.split_once('?') {
                    None => "?",
                    Some((_, "")) => "",
                    Some(_) => "&",
                };
                send_back(&format!("{uri}{separator}{}", encoded()))
            }
            ResponseMode::Fragment => send_back(&format!("{uri}#{}", encoded())),
            ResponseMode::FormPost => form_post(uri, &all, language),
        }
    }

    /// Sends the browser back with an error (RFC 6749 §4.1.2.1).
    pub(super) fn refuse(
        &self,
        server: &Server,
        language: Language,
        problem: &Problem,
    ) -> Response {
        let error = problem.code().as_str();
        let parameters = [("error", error), ("error_description", problem.description())];
        self.answer(server, language, &parameters)
    }
}

fn asks_for_openid(client: &Client, form: &Form) -> bool {
    let scope = form.get("scope").ok().flatten().unwrap_or_default();
    client.read_scopes(scope).is_ok_and(|scopes| scopes.contains(OPENID))
}

fn mode(form: &Form) -> Result<Option<ResponseMode>, Problem> {
    match form.get("response_mode")? {
        None => Ok(None),
        Some("query") => Ok(Some(ResponseMode::Query)),
        Some("fragment") => Ok(Some(ResponseMode::Fragment)),
        Some("form_post") => Ok(Some(ResponseMode::FormPost)),
        Some(_) => {
            Err(Problem::invalid_request("response_mode must be query, fragment or form_post"))
        }
    }
}

/// Where a token is asked for, even the refusal goes into the fragment.
fn usual_mode(form: &Form) -> ResponseMode {
    let kinds = form.get("response_type").ok().flatten().unwrap_or_default();
    match kinds.split(' ').any(|kind| matches!(kind, "token" | "id_token")) {
        true => ResponseMode::Fragment,
        false => ResponseMode::Query,
    }
}

/// Never a 307, which would send on what was typed into a form (RFC 9700 §4.12).
fn send_back(location: &str) -> Response {
    let Ok(location) = HeaderValue::try_from(location) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let mut response = StatusCode::SEE_OTHER.into_response();
    let headers = response.headers_mut();
    headers.insert(LOCATION, location);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

#[derive(Template)]
#[template(path = "form_post.html")]
struct FormPostPage<'a> {
    frame: &'a Frame,
    action: &'a str,
    fields: &'a [(&'a str, &'a str)],
}

fn form_post(action: &str, fields: &[(&str, &str)], language: Language) -> Response {
    match Frame::new(language) {
        Ok(frame) => page(StatusCode::OK, &frame, &FormPostPage { frame: &frame, action, fields }),
        Err(error) => Trouble::from(error).into_page(language),
    }
}
