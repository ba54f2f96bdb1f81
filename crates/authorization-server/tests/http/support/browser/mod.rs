//! A browser: cookies, redirects, forms. Whatever it is answered, it looks for what must hold for
//! every page and every redirect of the server.

mod form;
mod page;

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Mutex;

use reqwest::{Method, RequestBuilder};

use super::{Form, Pkce, World, callback};

pub(crate) use form::PageForm;
pub(crate) use page::Page;

/// One user's browser, which visits one server.
pub(crate) struct Browser<'a> {
    world: &'a World,
    http: reqwest::Client,
    cookies: Mutex<BTreeMap<String, String>>,
    language: &'static str,
    /// What a proxy, or who wants to pass for one, adds to each request.
    added: Vec<(&'static str, String)>,
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
