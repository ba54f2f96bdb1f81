//! How requests leave the machine. A host with pinning, a proxy or a stack of its own brings its
//! own transport.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use jiff::Timestamp;
use url::Url;
use zeroize::Zeroizing;

use super::{SecretBytes, UserToken};
use crate::{
    issuer::{Asserted, CredentialError},
    signing::DpopKey,
};

/// Sends one request and reads its answer.
///
/// An implementation follows no redirect, keeps no cookies, repeats nothing, ends within
/// [`HttpRequest::time_allowed`] and reads at most 1 MiB of body. The SDK checks the answer's
/// size, time and status again.
#[async_trait]
pub trait HttpTransport: Send + Sync {
    /// Sends the request. Dropping the future abandons it.
    ///
    /// # Errors
    /// [`HttpError`]; an answer of whatever status is none.
    async fn send(&self, request: &HttpRequest) -> Result<HttpResponse, HttpError>;
}

/// A request. Headers and body may hold secrets: no `Debug`, and overwritten when dropped.
pub struct HttpRequest {
    method: &'static str,
    url: Url,
    headers: Vec<(&'static str, Zeroizing<String>)>,
    body: Option<SecretBytes>,
    time_allowed: Duration,
    asked_by: AskedBy,
    to_prove: Option<ToProve>,
    asserted: Option<Asserted>,
}

/// What a proof goes along for (RFC 9449 §4). It is made when the request is sent.
pub(crate) struct ToProve {
    pub(crate) key: Arc<DpopKey>,
    /// In the header of the request.
    pub(crate) token: Option<UserToken>,
}

/// Who wants an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AskedBy {
    /// The host or a mini-program.
    Program,
    /// The user, who types something and looks at the screen.
    Person,
}

impl HttpRequest {
    pub(crate) fn get(url: Url, time_allowed: Duration) -> Self {
        let headers = vec![("accept", Zeroizing::new("application/json".to_owned()))];
        let asked_by = AskedBy::Program;
        let (body, to_prove, asserted) = (None, None, None);
        Self { method: "GET", url, headers, body, time_allowed, asked_by, to_prove, asserted }
    }

    pub(crate) fn post_form(url: Url, body: SecretBytes, time_allowed: Duration) -> Self {
        Self::with_body("POST", url, "application/x-www-form-urlencoded", body, time_allowed)
    }

    pub(crate) fn post_json(url: Url, body: SecretBytes, time_allowed: Duration) -> Self {
        Self::with_body("POST", url, "application/json", body, time_allowed)
    }

    pub(crate) fn with_body(
        method: &'static str,
        url: Url,
        content_type: &str,
        body: SecretBytes,
        time_allowed: Duration,
    ) -> Self {
        let mut request = Self::get(url, time_allowed);
        request.method = method;
        request.headers.push(("content-type", Zeroizing::new(content_type.to_owned())));
        request.body = Some(body);
        request
    }

    pub(crate) fn delete(url: Url, body: Option<SecretBytes>, time_allowed: Duration) -> Self {
        let mut request = match body {
            Some(body) => Self::post_form(url, body, time_allowed),
            None => Self::get(url, time_allowed),
        };
        request.method = "DELETE";
        request
    }

    pub(crate) fn authorized(self, value: Zeroizing<String>) -> Self {
        self.with_header("authorization", value)
    }

    pub(crate) fn with_header(mut self, name: &'static str, value: Zeroizing<String>) -> Self {
        self.headers.push((name, value));
        self
    }

    /// The user waits for it: a server that throttles one user does not throttle the next.
    pub(crate) fn by_the_user(mut self) -> Self {
        self.asked_by = AskedBy::Person;
        self
    }

    pub(crate) fn proving(mut self, key: Arc<DpopKey>, token: Option<UserToken>) -> Self {
        self.to_prove = Some(ToProve { key, token });
        self
    }

    pub(crate) fn to_prove(&self) -> Option<&ToProve> {
        self.to_prove.as_ref()
    }

    /// Puts a proof in place of an earlier one.
    pub(crate) fn set_proof(&mut self, proof: String) {
        self.headers.retain(|(name, _)| *name != "dpop");
        self.headers.push(("dpop", Zeroizing::new(proof)));
    }

    /// The body is this, which holds an assertion.
    pub(crate) fn asserted(mut self, asserted: Asserted) -> Self {
        self.asserted = Some(asserted);
        self
    }

    /// Makes what a server takes once anew, for a request that it may have looked at.
    pub(crate) async fn assert_anew(&mut self, now: Timestamp) -> Result<(), CredentialError> {
        if let Some(asserted) = &self.asserted {
            self.body = Some(asserted.body(&self.url, now).await?);
        }
        Ok(())
    }

    pub(crate) fn asked_by(&self) -> AskedBy {
        self.asked_by
    }

    pub(crate) fn within(mut self, time_allowed: Duration) -> Self {
        self.time_allowed = time_allowed;
        self
    }

    /// Gives it another time from now on.
    pub(crate) fn allow(&mut self, time: Duration) {
        self.time_allowed = time;
    }

    /// `GET`, `POST`, `PUT` or `DELETE`.
    pub fn method(&self) -> &'static str {
        self.method
    }

    /// Where to: `https`, or `http` on the loopback interface.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Names in lower case, each once, and values. `authorization` and
    /// `cookie` are secrets.
    pub fn headers(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.headers.iter().map(|(name, value)| (*name, value.as_str()))
    }

    /// The body, which is a secret.
    pub fn body(&self) -> Option<&[u8]> {
        self.body.as_ref().map(SecretBytes::expose)
    }

    /// From the beginning of the connection to the last byte of the body.
    pub fn time_allowed(&self) -> Duration {
        self.time_allowed
    }
}

/// An answer. The body may hold tokens: no `Debug`, and overwritten when dropped.
pub struct HttpResponse {
    status: u16,
    headers: Vec<(String, String)>,
    body: SecretBytes,
}

impl HttpResponse {
    /// An answer as it came.
    pub fn new(status: u16, headers: Vec<(String, String)>, body: SecretBytes) -> Self {
        Self { status, headers, body }
    }

    /// The status code.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The first header of that name, in whatever case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// Every header of that name, in whatever case and in the order they came.
    pub(crate) fn headers<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let headers = self.headers.iter().filter(move |(key, _)| key.eq_ignore_ascii_case(name));
        headers.map(|(_, value)| value.as_str())
    }

    /// The body.
    pub fn body(&self) -> &[u8] {
        self.body.expose()
    }
}

/// Why there is no answer. The texts go into the host's log: no query, no header, no body.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    /// No byte of the request has left: no connection, no TLS. It may be repeated.
    #[error("no connection: {0}")]
    NotSent(String),
    /// The server is not the one that was meant: its certificate has expired, is for another name,
    /// nobody who is trusted vouches for it, or its key is not pinned. No byte of the request has
    /// left, and repeating it is no use.
    #[error("the server cannot be trusted: {0}")]
    Untrusted(String),
    /// The connection broke after bytes may have left. It must not be repeated.
    #[error("the connection broke: {0}")]
    MaybeSent(String),
    /// The time was up. Bytes may have left.
    #[error("no answer in time")]
    TimedOut,
    /// The answer's body is larger than 1 MiB.
    #[error("the answer is too large")]
    TooLarge,
}
