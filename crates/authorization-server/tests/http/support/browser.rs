//! A browser: cookies, redirects, forms. Whatever it is answered, it looks for what must hold for
//! every page and every redirect of the server.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Mutex;

use reqwest::header::{HeaderMap, HeaderValue};
use reqwest::{Method, RequestBuilder};
use scraper::{ElementRef, Html, Selector};
use url::Url;

use super::{Form, Pkce, World, callback};

/// One user's browser, which visits one server.
pub(crate) struct Browser<'a> {
    world: &'a World,
    http: reqwest::Client,
    cookies: Mutex<BTreeMap<String, String>>,
    language: &'static str,
    /// What a proxy, or who wants to pass for one, adds to each request.
    added: Vec<(&'static str, String)>,
}

/// What was answered to a step.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) html: String,
    /// The path and query that were asked for.
    pub(crate) address: String,
}

/// A form of a page, as it would be sent if nothing were changed and no button were pressed.
#[derive(Clone)]
pub(crate) struct PageForm {
    pub(crate) action: String,
    pub(crate) fields: Form,
}

impl<'a> Browser<'a> {
    pub(crate) fn new(world: &'a World) -> Self {
        let http = super::http_client_without_redirects();
        Self { world, http, cookies: Mutex::default(), language: "en", added: Vec::new() }
    }

    /// Connected from another address of this machine.
    pub(crate) fn at(mut self, address: IpAddr) -> Self {
        self.http = super::http_client_at(address);
        self
    }

    pub(crate) fn adding(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.added.push((name, value.into()));
        self
    }

    pub(crate) fn speaking(mut self, language: &'static str) -> Self {
        self.language = language;
        self
    }

    /// What the browser keeps under a name that ends so.
    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        let cookies = self.cookies.lock().unwrap();
        cookies.iter().find(|(key, _)| key.ends_with(name)).map(|(_, value)| value.clone())
    }

    pub(crate) fn set_cookie(&self, name: &str, value: &str) {
        self.cookies.lock().unwrap().insert(name.to_owned(), value.to_owned());
    }

    /// Opens an address and goes no further.
    pub(crate) async fn open(&self, address: &str) -> Page {
        let request = self.request(Method::GET, address).header("sec-fetch-site", "none");
        self.send(address, request).await
    }

    /// Opens an address and follows redirects for as long as they stay at this server.
    pub(crate) async fn visit(&self, address: &str) -> Page {
        let page = self.open(address).await;
        self.follow(page).await
    }

    pub(crate) async fn follow(&self, mut page: Page) -> Page {
        for _ in 0..8 {
            match page.location() {
                Some(location) if location.starts_with('/') => {
                    let location = location.to_owned();
                    page = self.open(&location).await;
                }
                _ => return page,
            }
        }
        panic!("redirects without end at {}", page.address)
    }

    /// Sends a form as its own page does, and goes no further.
    pub(crate) async fn submit(&self, form: &PageForm) -> Page {
        // What browsers send from a page that hides its address.
        let request = self
            .request(Method::POST, &form.action)
            .header("origin", "null")
            .header("sec-fetch-site", "same-origin")
            .form(&form.fields.0);
        self.send(&form.action, request).await
    }

    /// Sends a form and follows redirects for as long as they stay at this server.
    pub(crate) async fn press(&self, form: &PageForm) -> Page {
        let page = self.submit(form).await;
        self.follow(page).await
    }

    /// Signs in on this page, and goes on.
    pub(crate) async fn sign_in(&self, page: &Page, user: &str) -> Page {
        self.press(&page.login_form(user, self.world.secret(user))).await
    }

    pub(crate) fn request(&self, method: Method, address: &str) -> RequestBuilder {
        let mut request = self.http.request(method, format!("{}{address}", self.world.base));
        for (name, value) in &self.added {
            request = request.header(*name, value);
        }
        let request = request
            .header("accept-language", self.language)
            .header("user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0");
        let cookies = self.cookies.lock().unwrap();
        let pairs: Vec<_> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        match pairs.is_empty() {
            true => request,
            false => request.header("cookie", pairs.join("; ")),
        }
    }

    pub(crate) async fn send(&self, address: &str, request: RequestBuilder) -> Page {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let html = response.text().await.unwrap();
        for cookie in headers.get_all("set-cookie") {
            self.keep(cookie.to_str().unwrap());
        }
        let page = Page { status, headers, html, address: address.to_owned() };
        for secret in ["code", "access_token"] {
            if let Some(value) = page.sent_back(secret) {
                self.world.remember(&value);
            }
        }
        page.check(&self.world.base);
        page
    }

    fn keep(&self, cookie: &str) {
        let (pair, attributes) = cookie.split_once("; ").unwrap();
        assert!(attributes.starts_with("Path=/; HttpOnly; SameSite=Lax"), "{cookie}");
        let (name, value) = pair.split_once('=').unwrap();
        let mut cookies = self.cookies.lock().unwrap();
        match value {
            "" => cookies.remove(name),
            _ => {
                self.world.remember(value);
                cookies.insert(name.to_owned(), value.to_owned())
            }
        };
    }
}

impl Page {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub(crate) fn location(&self) -> Option<&str> {
        self.header("location")
    }

    /// A parameter that the browser is sent back to the client with, wherever it stands.
    pub(crate) fn sent_back(&self, name: &str) -> Option<String> {
        let location = self.location().filter(|location| !location.starts_with('/'))?;
        let url = Url::parse(location).unwrap();
        let all = [url.query().unwrap_or_default(), url.fragment().unwrap_or_default()].join("&");
        url::form_urlencoded::parse(all.as_bytes())
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    }

    #[track_caller]
    pub(crate) fn sent_back_error(&self, error: &str) {
        assert_eq!(
            (self.status, self.sent_back("error").as_deref()),
            (303, Some(error)),
            "{:?} {}",
            self.location(),
            self.html
        );
    }

    /// A page that says that nobody can be redirected to.
    #[track_caller]
    pub(crate) fn stops(&self, status: u16) {
        assert_eq!(self.status, status, "{:?} {}", self.location(), self.html);
        assert_eq!(self.location(), None);
        assert!(self.html.contains("role=\"alert\""));
    }

    /// The forms of the page, in order.
    pub(crate) fn forms(&self) -> Vec<PageForm> {
        let document = Html::parse_document(&self.html);
        let (form, input) = (selector("form"), selector("input"));
        let all = document.select(&form);
        all.map(|form| PageForm {
            action: form.value().attr("action").unwrap_or(&self.address).to_owned(),
            fields: Form(form.select(&input).filter_map(field).collect()),
        })
        .collect()
    }

    /// The form whose action begins so.
    #[track_caller]
    pub(crate) fn form(&self, action: &str) -> PageForm {
        let mut forms = self.forms().into_iter();
        forms
            .find(|form| form.action.starts_with(action))
            .unwrap_or_else(|| panic!("no form for {action} in {}", self.html))
    }

    /// The form for username and password, filled in.
    #[track_caller]
    pub(crate) fn login_form(&self, user: &str, password: &str) -> PageForm {
        let forms = self.forms().into_iter();
        let mut with_password =
            forms.filter(|form| form.fields.0.iter().any(|(name, _)| name == "password"));
        let form = with_password.next();
        let form = form.unwrap_or_else(|| panic!("nowhere to sign in: {}", self.html));
        form.with("username", user).with("password", password).with("method", "password")
    }

    /// The form of the consent page with this button pressed.
    #[track_caller]
    pub(crate) fn consent_form(&self, decision: &str) -> PageForm {
        self.form("/consent").with("decision", decision)
    }

    /// Where a link of the page leads whose address begins so.
    #[track_caller]
    pub(crate) fn link(&self, begins: &str) -> String {
        self.links(begins).into_iter().next().unwrap_or_else(|| panic!("no link in {}", self.html))
    }

    pub(crate) fn has_link(&self, begins: &str) -> bool {
        !self.links(begins).is_empty()
    }

    fn links(&self, begins: &str) -> Vec<String> {
        let document = Html::parse_document(&self.html);
        let anchor = selector("a[href]");
        let addresses = document.select(&anchor).filter_map(|link| link.value().attr("href"));
        addresses.filter(|href| href.starts_with(begins)).map(str::to_owned).collect()
    }

    /// The words of the page, without its markup.
    pub(crate) fn words(&self) -> String {
        let document = Html::parse_document(&self.html);
        let main = document.select(&selector("main")).next();
        let words = main.map(|main| main.text().collect::<String>()).unwrap_or_default();
        words.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    pub(crate) fn is_login(&self) -> bool {
        self.status == 200 && self.html.contains("name=\"method\" value=\"password\"")
    }

    pub(crate) fn is_consent(&self) -> bool {
        self.status == 200 && self.html.contains("action=\"/consent")
    }

    /// What must hold for whatever a browser receives.
    pub(crate) fn check(&self, base: &str) {
        if (300..400).contains(&self.status) {
            assert_eq!(self.status, 303, "RFC 9700 section 4.12: {}", self.address);
        }
        for (name, _) in &self.headers {
            assert!(!name.as_str().starts_with("access-control-"), "RFC 9700 section 2.6");
        }
        assert_eq!(self.header("cache-control"), Some("no-store"), "{}", self.address);
        assert_eq!(self.header("referrer-policy"), Some("no-referrer"), "{}", self.address);
        let is_html = |kind: &HeaderValue| kind.to_str().unwrap().starts_with("text/html");
        if !self.headers.get("content-type").is_some_and(is_html) {
            assert!(self.html.is_empty(), "{}", self.html);
            return;
        }
        let policy = self.header("content-security-policy").unwrap();
        let nonce = policy.split("script-src 'nonce-").nth(1).unwrap().split('\'').next().unwrap();
        assert!(policy.contains("frame-ancestors 'none'") && policy.contains("default-src 'none'"));
        assert!(!policy.contains("unsafe") && nonce.len() >= 22);
        assert_eq!(self.header("x-frame-options"), Some("DENY"));
        assert_eq!(self.header("x-content-type-options"), Some("nosniff"));
        self.check_markup(base, nonce);
    }

    /// Nothing inline without the nonce, and nothing loaded from anywhere.
    fn check_markup(&self, base: &str, nonce: &str) {
        let document = Html::parse_document(&self.html);
        for element in document.select(&selector("*")) {
            let name = element.value().name();
            if matches!(name, "script" | "style") {
                assert_eq!(element.value().attr("nonce"), Some(nonce), "{}", self.address);
            }
            assert!(!matches!(name, "img" | "iframe" | "link" | "object" | "embed" | "base"));
            for (attribute, value) in element.value().attrs() {
                assert!(!attribute.starts_with("on") && attribute != "style", "{attribute}");
                let is_address = matches!(attribute, "src" | "href" | "action");
                let answer_by_form = name == "form" && self.html.contains("document.forms[0]");
                if is_address && !answer_by_form {
                    let own = value.starts_with('/') && !value.starts_with("//");
                    assert!(own || value.starts_with(base), "{value} on {}", self.address);
                }
            }
        }
    }
}

impl PageForm {
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.fields = self.fields.with(name, value);
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.fields = self.fields.without(name);
        self
    }

    /// Ticks these boxes and clears the others.
    pub(crate) fn ticking(mut self, scopes: &[&str]) -> Self {
        self.fields = self.fields.without("scope");
        for scope in scopes {
            self.fields = self.fields.and("scope", scope);
        }
        self
    }
}

impl World {
    /// A request for a code for `client`, all scopes, as a web app builds it.
    pub(crate) fn authorization(&self, client: &str, pkce: &Pkce) -> Form {
        self.remember(&pkce.verifier);
        Form::new(&[
            ("response_type", "code"),
            ("client_id", client),
            ("redirect_uri", &callback(client)),
            ("scope", super::ALL),
            ("state", "state of a web app"),
            ("code_challenge", &pkce.challenge),
            ("code_challenge_method", "S256"),
        ])
    }

    /// A browser in which a user has signed in already.
    pub(crate) async fn browser_of(&self, user: &str) -> Browser<'_> {
        let browser = Browser::new(self);
        let page = browser.visit("/login").await;
        browser.sign_in(&page, user).await;
        assert!(browser.cookie("minihost-session").is_some());
        browser
    }
}

/// The address of an authorization request.
pub(crate) fn authorize(form: &Form) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&form.0).finish();
    format!("/authorize?{query}")
}

fn field(input: ElementRef<'_>) -> Option<(String, String)> {
    let attribute = |name| input.value().attr(name);
    let is_sent = match attribute("type") {
        Some("checkbox" | "radio") => attribute("checked").is_some(),
        _ => true,
    };
    let name = attribute("name").filter(|_| is_sent)?;
    Some((name.to_owned(), attribute("value").unwrap_or_default().to_owned()))
}

fn selector(text: &str) -> Selector {
    Selector::parse(text).unwrap()
}
