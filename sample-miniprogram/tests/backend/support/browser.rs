use std::{net::SocketAddr, sync::Mutex};

use reqwest::{Method, RequestBuilder, header, redirect::Policy};
use serde_json::Value;

/// What a program's backend answered.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: header::HeaderMap,
    pub(crate) body: Value,
}

impl Answer {
    /// The reason of a refusal.
    pub(crate) fn reason(&self) -> &str {
        self.body["error"]["reason"].as_str().unwrap_or("no reason")
    }
}

/// One visitor's browser at one program: it keeps the cookie and sends what browsers send.
pub(crate) struct Browser {
    http: reqwest::Client,
    at: SocketAddr,
    origin: String,
    cookie: Mutex<Option<String>>,
    /// What the page keeps in memory where its cookies are dropped.
    session: Option<Mutex<String>>,
}

impl Browser {
    pub(crate) fn new(at: SocketAddr, origin: String) -> Self {
        let builder = reqwest::Client::builder().no_proxy().tls_certs_only([]);
        let http = builder.redirect(Policy::none()).build().unwrap();
        Self { http, at, origin, cookie: Mutex::default(), session: None }
    }

    /// The same in a frame that gets no cookies.
    pub(crate) fn without_cookies(self) -> Self {
        Self { session: Some(Mutex::default()), ..self }
    }

    pub(crate) fn origin(&self) -> &str {
        &self.origin
    }

    /// The program's id, which is also its client id.
    pub(crate) fn program(&self) -> &str {
        self.host().split('.').next().unwrap()
    }

    pub(crate) fn host(&self) -> &str {
        self.origin.strip_prefix("http://").unwrap()
    }

    pub(crate) fn cookie(&self) -> Option<String> {
        self.cookie.lock().unwrap().clone()
    }

    pub(crate) fn set_cookie(&self, cookie: Option<String>) {
        *self.cookie.lock().unwrap() = cookie;
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    /// As the program's own page posts.
    pub(crate) async fn post(&self, path: &str, body: &str) -> Answer {
        let request = self
            .request(Method::POST, path)
            .header(header::ORIGIN, &self.origin)
            .header(header::CONTENT_TYPE, "application/json")
            .body(body.to_owned());
        self.send(request).await
    }

    /// A request with `Host` and cookie alone.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("http://{}{path}", self.at));
        let request = request.header(header::HOST, self.host());
        let request = match &self.session {
            Some(session) => request.header("session", session.lock().unwrap().as_str()),
            None => request,
        };
        match self.cookie() {
            Some(cookie) => request.header(header::COOKIE, cookie),
            None => request,
        }
    }

    /// Sends, and keeps the cookie that comes back.
    pub(crate) async fn send(&self, request: RequestBuilder) -> Answer {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        if let (Some(kept), Some(told)) = (&self.session, headers.get("session")) {
            *kept.lock().unwrap() = told.to_str().unwrap().to_owned();
        }
        if let Some(cookie) = headers.get(header::SET_COOKIE) {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let is_cleared = pair.ends_with('=');
            self.set_cookie((!is_cleared).then(|| pair.to_owned()));
        }
        let text = response.text().await.unwrap();
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Answer { status, headers, body }
    }
}
