//! Going from page to page.

use axum::http::header::{ACCEPT_LANGUAGE, COOKIE, LOCATION, ORIGIN, REFERRER_POLICY, SET_COOKIE};
use cookie_store::{CookieStore, RawCookie};
use reqwest::Response;
use reqwest::header::HeaderMap;
use url::{Origin, Url};

use super::form::{Form, Method};
use super::page::Page;
use super::{Arrival, Decision, Visit};
use crate::failure::Failure;

/// More than any sign-in with consent needs.
const MOST_STEPS: usize = 16;

pub(super) struct Browser {
    http: reqwest::Client,
    home: Origin,
    cookies: CookieStore,
}

/// What the next request is.
enum Step {
    Open(Url),
    Send { form: Form, pressed: usize, origin: String },
}

impl Browser {
    pub(super) fn new(http: reqwest::Client, home: Origin) -> Self {
        Self { http, home, cookies: CookieStore::default() }
    }

    pub(super) async fn go(&mut self, visit: Visit) -> Result<Arrival, Failure> {
        let mut pages = Vec::new();
        let mut signed_in = false;
        let mut step = Step::Open(visit.url.clone());
        for _ in 0..MOST_STEPS {
            let response = self.take(step).await?;
            let (status, address) = (response.status(), response.url().clone());
            if status.is_redirection() {
                let location = header(response.headers(), LOCATION.as_str());
                let location = location.ok_or_else(|| Failure::new("a redirect to nowhere"))?;
                let next = address.join(&location)?;
                if next.origin() != self.home {
                    let text = String::new();
                    return Ok(Arrival {
                        location: Some(location),
                        status: status.as_u16(),
                        text,
                        pages,
                    });
                }
                step = Step::Open(next);
                continue;
            }
            let origin = self.origin_sent_by(response.headers());
            let page = Page::read(&response.text().await?, &address);
            pages.push(page.title);
            let form = if status.is_success() { choose(page.forms) } else { None };
            let Some(mut form) = form else {
                return Ok(Arrival {
                    location: None,
                    status: status.as_u16(),
                    text: page.text,
                    pages,
                });
            };
            if form.asks_for_a_password() {
                if std::mem::replace(&mut signed_in, true) {
                    return Err(Failure::new(format!("the sign-in was refused: {}", page.text)));
                }
                form.sign_in(&visit.username, &visit.password);
                step = Step::Send { form, pressed: 0, origin };
            } else {
                visit.picks.iter().for_each(|words| form.pick(words));
                let pressed = decide(&mut form, &visit.decision)?;
                step = Step::Send { form, pressed, origin };
            }
        }
        Err(Failure::new(format!("no end after {MOST_STEPS} steps, by way of {pages:?}")))
    }

    async fn take(&mut self, step: Step) -> Result<Response, Failure> {
        let request = match step {
            Step::Open(url) => self.http.get(url),
            Step::Send { form, pressed, origin } => {
                let entries = form.entries(pressed);
                match form.method {
                    Method::Get => {
                        let mut url = form.action.clone();
                        url.query_pairs_mut().clear().extend_pairs(entries);
                        self.http.get(url)
                    }
                    Method::Post => {
                        let request = self.http.post(form.action.clone()).header(ORIGIN, origin);
                        request.form(&entries)
                    }
                }
            }
        };
        let mut request = request.header(ACCEPT_LANGUAGE, "en").build()?;
        let url = request.url().clone();
        if url.origin() != self.home {
            return Err(Failure::new(format!("a form of the server leads to {url}")));
        }
        let pairs = self.cookies.get_request_values(&url);
        let cookies: Vec<String> = pairs.map(|(name, value)| format!("{name}={value}")).collect();
        if !cookies.is_empty() {
            request.headers_mut().insert(COOKIE, cookies.join("; ").parse()?);
        }
        let response = self.http.execute(request).await?;
        let set = response.headers().get_all(SET_COOKIE).iter();
        let set = set.filter_map(|value| RawCookie::parse(value.to_str().ok()?.to_owned()).ok());
        self.cookies.store_response_cookies(set, &url);
        Ok(response)
    }

    /// The `Origin` that a browser sends with a form of this page (Fetch §3.1, "append a request
    /// `Origin` header"): a page that hides its address hides its origin too.
    fn origin_sent_by(&self, page: &HeaderMap) -> String {
        match header(page, REFERRER_POLICY.as_str()).as_deref() {
            Some("no-referrer") => "null".to_owned(),
            _ => self.home.ascii_serialization(),
        }
    }
}

/// The form that a person would look at: where to sign in, else what to choose, else the first.
fn choose(forms: Vec<Form>) -> Option<Form> {
    let rank = |form: &Form| match (form.asks_for_a_password(), form.has_boxes()) {
        (true, _) => 0,
        (false, true) => 1,
        (false, false) => 2,
    };
    forms.into_iter().min_by_key(rank)
}

/// Answers a form and returns the button to press.
fn decide(form: &mut Form, decision: &Decision) -> Result<usize, Failure> {
    match decision {
        Decision::AllowAll => form.tick(|_| true),
        Decision::Allow(scopes) => form.tick(|scope| scopes.iter().any(|one| one == scope)),
        Decision::Deny => {}
    }
    let wanted = matches!(decision, Decision::Deny);
    let buttons = form.buttons();
    // One button asks nothing: it leads on to where something is asked.
    if buttons.len() == 1 {
        return Ok(0);
    }
    let found = buttons.iter().position(|label| refuses(label) == wanted);
    found.ok_or_else(|| Failure::new(format!("none of the buttons {buttons:?} does it")))
}

/// What the pages write on a button that says no; they are read in English.
fn refuses(label: &str) -> bool {
    let label = label.to_ascii_lowercase();
    ["cancel", "decline", "deny", "don’t", "don't", "no", "refuse", "reject"]
        .iter()
        .any(|word| label.split_whitespace().next() == Some(word))
}

fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}
