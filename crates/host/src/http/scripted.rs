//! A transport that answers from a script.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use minihost_core::Moment;
use tokio::sync::Semaphore;
use url::form_urlencoded;

use super::Exchange;
use crate::{
    clock::Clock,
    ports::{HttpError, HttpRequest, HttpResponse, HttpTransport, SecretBytes},
};

/// One entry of a script.
pub(crate) enum Reply {
    /// An answer.
    Response(u16, Vec<(String, String)>, String),
    /// No answer.
    Error(HttpError),
    /// Hangs for ever.
    Never,
    /// Waits for [`Scripted::release`] first.
    Held(Box<Reply>),
}

impl Reply {
    pub(crate) fn json(status: u16, body: &str) -> Self {
        let json = ("content-type".to_owned(), "application/json".to_owned());
        Self::Response(status, vec![json], body.to_owned())
    }

    pub(crate) fn error(status: u16, error: &str) -> Self {
        Self::json(status, &format!(r#"{{"error":"{error}","error_description":"words"}}"#))
    }

    pub(crate) fn held(self) -> Self {
        Self::Held(Box::new(self))
    }
}

/// What was sent.
pub(crate) struct Seen {
    pub(crate) method: &'static str,
    pub(crate) path: String,
    pub(crate) headers: HashMap<&'static str, String>,
    pub(crate) form: HashMap<String, String>,
}

/// Answers requests in the order of its script and keeps what was asked. A request beyond the
/// script is refused, and the metadata is answered by itself where it was given.
pub(crate) struct Scripted {
    replies: Mutex<VecDeque<Reply>>,
    metadata: Option<String>,
    seen: Mutex<Vec<Seen>>,
    gate: Semaphore,
}

impl Scripted {
    pub(crate) fn new(replies: impl IntoIterator<Item = Reply>) -> Arc<Self> {
        Self::build(replies, None)
    }

    /// The same, and every request for metadata gets these, outside the script and not in
    /// [`Scripted::seen`].
    pub(crate) fn with_metadata(replies: impl IntoIterator<Item = Reply>) -> Arc<Self> {
        Self::build(replies, Some(metadata("http://127.0.0.1:1").to_string()))
    }

    fn build(replies: impl IntoIterator<Item = Reply>, metadata: Option<String>) -> Arc<Self> {
        let replies = Mutex::new(replies.into_iter().collect());
        Arc::new(Self { replies, metadata, seen: Mutex::default(), gate: Semaphore::new(0) })
    }

    /// How many requests were sent.
    pub(crate) fn seen(&self) -> usize {
        self.seen.lock().unwrap().len()
    }

    /// Takes what was sent so far.
    pub(crate) fn take_seen(&self) -> Vec<Seen> {
        std::mem::take(&mut self.seen.lock().unwrap())
    }

    /// Lets one held reply go.
    pub(crate) fn release(&self) {
        self.gate.add_permits(1);
    }

    /// Waits until that many requests were sent.
    pub(crate) async fn until_seen(&self, count: usize) {
        while self.seen() < count {
            tokio::task::yield_now().await;
        }
    }
}

#[async_trait]
impl HttpTransport for Scripted {
    async fn send(&self, request: &HttpRequest) -> Result<HttpResponse, HttpError> {
        let mut reply = match &self.metadata {
            Some(metadata) if request.url().path().starts_with("/.well-known/") => {
                Reply::json(200, metadata)
            }
            _ => {
                let seen = Seen {
                    method: request.method(),
                    path: request.url().path().to_owned(),
                    headers: request.headers().map(|(k, v)| (k, v.to_owned())).collect(),
                    form: form_urlencoded::parse(request.body().unwrap_or_default())
                        .into_owned()
                        .collect(),
                };
                self.seen.lock().unwrap().push(seen);
                let next = self.replies.lock().unwrap().pop_front();
                next.unwrap_or(Reply::Error(HttpError::MaybeSent("the script is over".into())))
            }
        };
        while let Reply::Held(inner) = reply {
            self.gate.acquire().await.unwrap().forget();
            reply = *inner;
        }
        match reply {
            Reply::Response(status, headers, body) => {
                Ok(HttpResponse::new(status, headers, SecretBytes::new(body)))
            }
            Reply::Error(error) => Err(error),
            Reply::Never => std::future::pending().await,
            Reply::Held(_) => unreachable!("held replies were let go above"),
        }
    }
}

/// Metadata of a server that has everything.
pub(crate) fn metadata(issuer: &str) -> serde_json::Value {
    serde_json::json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize?tenant=1"),
        "token_endpoint": format!("{issuer}/token"),
        "userinfo_endpoint": format!("{issuer}/userinfo"),
        "authorization_challenge_endpoint": format!("{issuer}/challenge"),
        "grant_management_endpoint": format!("{issuer}/grants"),
        "device_approval_endpoint": format!("{issuer}/device/approval"),
        "host_mediation_supported": true,
        "dpop_signing_alg_values_supported": ["ES256"],
    })
}

/// An exchange over the script.
pub(crate) fn exchange(scripted: &Arc<Scripted>) -> Exchange {
    Exchange::new(scripted.clone(), Arc::new(TestClock::default()))
}

/// A clock that moves when it is told to. It begins at 2026-01-01T00:00:00Z.
#[derive(Default)]
pub(crate) struct TestClock {
    uptime: Mutex<Duration>,
    jump: Mutex<SignedDuration>,
}

impl TestClock {
    /// Time passes.
    pub(crate) fn advance(&self, by: Duration) {
        *self.uptime.lock().unwrap() += by;
    }

    /// The user sets the calendar.
    pub(crate) fn jump(&self, by: SignedDuration) {
        *self.jump.lock().unwrap() += by;
    }
}

impl Clock for TestClock {
    fn now(&self) -> Moment {
        let uptime = *self.uptime.lock().unwrap();
        let start: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let passed = SignedDuration::try_from(uptime).unwrap();
        Moment { uptime, time: start + passed + *self.jump.lock().unwrap() }
    }
}
