//! The way to the authorization endpoint that a browser would take.

use std::time::Duration;

use minihost_core::Issuer;
use serde::Deserialize;
use url::{Origin, Url};

use super::{
    CallSettings, ClientAuthentication, Destination, IssueError,
    authorize_settings::origin,
    call::Caller,
    jar::Jar,
    setback::{Setback, setback},
    template::Values,
};
use crate::{
    http::{Answer, Exchange, Form, is_html, is_json},
    ports::{HttpRequest, HttpResponse, SecretBytes, UserToken},
};

/// One code request's way through the server, with cookies of its own. Everything goes to the origin
/// of the authorization endpoint.
pub(super) struct FrontChannel<'a> {
    exchange: &'a Exchange,
    endpoint: Url,
    host: Option<AsHost<'a>>,
    login_origins: Vec<Origin>,
    jar: Jar,
    user: &'a UserToken,
    steps: Steps,
    time_allowed: Duration,
}

/// What the steps to the answer show of the user.
enum Steps {
    Cookies,
    Token,
}

/// Who makes calls as the host, at which server.
#[derive(Clone, Copy)]
pub(super) struct AsHost<'a> {
    pub(super) client: &'a ClientAuthentication,
    pub(super) issuer: &'a Issuer,
}

impl<'a> FrontChannel<'a> {
    pub(super) fn new(
        exchange: &'a Exchange,
        endpoint: Url,
        host: Option<AsHost<'a>>,
        login_origins: &[String],
        user: &'a UserToken,
        time_allowed: Duration,
    ) -> Self {
        let login_origins = login_origins.iter().filter_map(|text| origin(text)).collect();
        let (jar, steps) = (Jar::default(), Steps::Cookies);
        Self { exchange, endpoint, host, login_origins, jar, user, steps, time_allowed }
    }

    /// Shows the user's token with every step to the answer.
    pub(super) fn show_token(&mut self) {
        self.steps = Steps::Token;
    }

    /// Brings a cookie that the host holds already.
    pub(super) fn put_cookie(&mut self, name: &str, value: &str) {
        self.jar.put(name, value, &self.endpoint);
    }

    /// Makes a call and keeps what it gives.
    pub(super) async fn call(
        &mut self,
        call: &CallSettings,
        values: &mut Values,
    ) -> Result<(), Setback> {
        let response = self.called(call, values).await?;
        if !(200..=299).contains(&response.status()) || is_html(&response) {
            return Err(self.refusal_of_call(call, response));
        }
        let kept = call.keep(response.body(), values);
        kept.map_err(|what| IssueError::BadAnswer { what }.into())
    }

    /// Makes a call after which something is gone.
    pub(super) async fn end(
        &mut self,
        call: &CallSettings,
        values: &mut Values,
    ) -> Result<(), Setback> {
        let response = self.called(call, values).await?;
        let gone = matches!(response.status(), 200..=299 | 404 | 410) && !is_html(&response);
        if gone { Ok(()) } else { Err(self.refusal_of_call(call, response)) }
    }

    /// Pushes the parameters as a public client (RFC 9126 §2) and returns the `request_uri`.
    pub(super) async fn push(&mut self, endpoint: &Url, form: &Form) -> Result<String, Setback> {
        #[derive(Deserialize)]
        struct Pushed {
            request_uri: String,
        }
        let post = HttpRequest::post_form(endpoint.clone(), form.encode(), self.time_allowed);
        let response = self.exchange.response(post).await?;
        if matches!(response.status(), 200 | 201) && is_json(&response) {
            let pushed: Result<Pushed, _> = serde_json::from_slice(response.body());
            let what = "it is not JSON in the form of a pushed request's answer";
            return Ok(pushed.map_err(|_| IssueError::BadAnswer { what })?.request_uri);
        }
        Err(self.refusal(response, endpoint, None))
    }

    /// Sends the authorization request and follows the server's own redirects until one leads to the
    /// redirect URI, to which nothing is sent.
    pub(super) async fn follow(
        &mut self,
        query: &Form,
        redirect_uri: &str,
        max_hops: u8,
    ) -> Result<Url, Setback> {
        let unusable = |what| Setback::Final(IssueError::BadAnswer { what });
        let redirect_uri = Url::parse(redirect_uri).map_err(|_| IssueError::WrongRedirectUri)?;
        let mut url = with_query(&self.endpoint, query);
        for hops in 0..=max_hops {
            let get = HttpRequest::get(url.clone(), self.time_allowed);
            let get = match self.steps {
                Steps::Cookies => get,
                Steps::Token => self.user.authorize(get),
            };
            let response = self.send(get).await?;
            let status = response.status();
            match status {
                302 | 303 | 307 => {}
                200..=299 if is_html(&response) && hops > 0 => {
                    return Err(IssueError::LoginPage { status }.into());
                }
                301..=399 => return Err(unusable("its redirect is none of 302, 303 and 307")),
                200 if is_json(&response) => {
                    return Err(unusable("it is JSON where a redirect should be"));
                }
                _ => return Err(self.refusal(response, &url, Some(status))),
            }
            let to = response.header("location").and_then(|location| url.join(location).ok());
            let to = to.ok_or_else(|| unusable("its redirect leads nowhere"))?;
            if leads_to(&to, &redirect_uri) {
                return Ok(to);
            }
            if to.origin() != self.endpoint.origin() {
                return Err(self.astray(&to, status).into());
            }
            url = to;
        }
        Err(IssueError::TooManyRedirects.into())
    }

    /// What a redirect means that leads neither to the program nor to the server itself.
    fn astray(&self, to: &Url, status: u16) -> IssueError {
        let answers = to.query_pairs().any(|(name, _)| matches!(&*name, "code" | "error"));
        if answers {
            IssueError::WrongRedirectUri
        } else if self.login_origins.contains(&to.origin()) {
            IssueError::LoginPage { status }
        } else {
            IssueError::CaptivePortal { status }
        }
    }

    async fn called(
        &mut self,
        call: &CallSettings,
        values: &Values,
    ) -> Result<HttpResponse, Setback> {
        let bad = |what| IssueError::BadAnswer { what };
        let credentials = match (&call.caller, self.host) {
            (Caller::Host, Some(AsHost { client, issuer })) => {
                let endpoint = call.url(&self.endpoint, values).map_err(bad)?;
                let now = self.exchange.now();
                let destination = Destination { issuer, endpoint: &endpoint, now };
                Some(client.credentials(destination).await.map_err(IssueError::from)?)
            }
            _ => None,
        };
        let speakers = (self.user, credentials);
        let request = call.request(&self.endpoint, values, speakers, self.time_allowed);
        self.send(request.map_err(bad)?).await
    }

    async fn send(&mut self, mut request: HttpRequest) -> Result<HttpResponse, Setback> {
        let url = request.url().clone();
        if let Some(cookies) = self.jar.header(&url) {
            request = request.with_header("cookie", cookies);
        }
        let response = self.exchange.response(request).await?;
        self.jar.take(&response, &url);
        Ok(response)
    }

    fn refusal_of_call(&self, call: &CallSettings, response: HttpResponse) -> Setback {
        let status = response.status();
        match self.refusal(response, &self.endpoint, None) {
            Setback::UserToken if matches!(call.caller, Caller::Host | Caller::Captured(_)) => {
                IssueError::HostRejected { error: "invalid_client" }.into()
            }
            Setback::Final(IssueError::BadAnswer { .. }) if (400..=499).contains(&status) => {
                IssueError::CallRefused { status }.into()
            }
            other => other,
        }
    }

    /// Sorts what is no redirect and no success. `refused` where the status alone says that the
    /// server will not send the user to the redirect URI (RFC 6749 §4.1.2.1).
    fn refusal(&self, response: HttpResponse, from: &Url, refused: Option<u16>) -> Setback {
        let status = response.status();
        match self.exchange.sort(response, from) {
            Ok(Answer::Refused(refusal)) => match (setback(&refusal), refused) {
                (Setback::Final(IssueError::BadAnswer { .. }), Some(status)) => {
                    IssueError::RefusedWithoutRedirect { status }.into()
                }
                (setback, _) => setback,
            },
            Ok(Answer::Success(_)) => {
                IssueError::BadAnswer { what: "its status is a success" }.into()
            }
            Err(_) if status == 401 => Setback::UserToken,
            Err(_) if (400..=499).contains(&status) && status != 429 => match refused {
                Some(status) => IssueError::RefusedWithoutRedirect { status }.into(),
                None => {
                    IssueError::BadAnswer { what: "it is an error without an error code" }.into()
                }
            },
            Err(fault) => fault.into(),
        }
    }
}

/// The endpoint with the parameters behind those that it has already (RFC 6749 §3.1).
fn with_query(endpoint: &Url, query: &Form) -> Url {
    let encoded: SecretBytes = query.encode();
    let encoded = String::from_utf8_lossy(encoded.expose());
    let query = match endpoint.query().filter(|query| !query.is_empty()) {
        Some(own) => format!("{own}&{encoded}"),
        None => encoded.into_owned(),
    };
    let mut url = endpoint.clone();
    url.set_query(Some(&query));
    url
}

/// Whether an address is the redirect URI with parameters of the answer behind its own.
fn leads_to(to: &Url, redirect_uri: &Url) -> bool {
    let same = |part: fn(&Url) -> Option<&str>| part(to) == part(redirect_uri);
    let own = redirect_uri.query().unwrap_or_default();
    let query = to.query().unwrap_or_default();
    let after = query.strip_prefix(own);
    to.scheme() == redirect_uri.scheme()
        && same(Url::host_str)
        && to.port_or_known_default() == redirect_uri.port_or_known_default()
        && to.path() == redirect_uri.path()
        && to.username() == redirect_uri.username()
        && same(Url::password)
        && after.is_some_and(|after| own.is_empty() || after.starts_with('&'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_very_redirect_uri_with_an_answer_behind_it_is_where_a_program_waits() {
        let leads = |to: &str, redirect_uri: &str| {
            leads_to(&to.parse().unwrap(), &redirect_uri.parse().unwrap())
        };
        for (to, redirect_uri) in [
            ("https://tea.example/cb?code=c", "https://tea.example/cb"),
            ("https://tea.example:443/cb?code=c", "https://tea.example/cb"),
            ("https://tea.example/?code=c", "https://tea.example"),
            ("https://tea.example/cb?x=1&code=c", "https://tea.example/cb?x=1"),
            ("com.example.tea:/cb?code=c", "com.example.tea:/cb"),
            ("com.example.tea://cb?code=c", "com.example.tea://cb"),
        ] {
            assert!(leads(to, redirect_uri), "{to}");
        }
        for (to, redirect_uri) in [
            ("https://tea.example/cb2?code=c", "https://tea.example/cb"),
            ("https://tea.example/cb/?code=c", "https://tea.example/cb"),
            ("https://tea.example/CB?code=c", "https://tea.example/cb"),
            ("http://tea.example/cb?code=c", "https://tea.example/cb"),
            ("https://tea.example:8443/cb?code=c", "https://tea.example/cb"),
            ("https://tea.example.evil.example/cb?code=c", "https://tea.example/cb"),
            ("https://u@tea.example/cb?code=c", "https://tea.example/cb"),
            ("https://tea.example/cb?code=c", "https://tea.example/cb?x=1"),
            ("https://tea.example/cb?x=12&code=c", "https://tea.example/cb?x=1"),
            ("com.example.evil:/cb?code=c", "com.example.tea:/cb"),
        ] {
            assert!(!leads(to, redirect_uri), "{to}");
        }
    }
}
