//! The host app's own HTTP.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use async_trait::async_trait;
use minihost::{
    Ticket,
    ports::{self, HttpError, HttpRequest, HttpResponse, Later, SecretBytes},
};

use crate::{
    MiniHost,
    audit::milliseconds,
    error::HostError,
    port_error::{PortError, asked},
};

/// Sends requests to the authorization server. Called on a thread of the SDK.
///
/// An implementation follows no redirect, keeps no cookies, repeats nothing, and reads at most 1 MiB of
/// body. The SDK checks the answer's size, time and status again.
#[uniffi::export(foreign)]
pub trait HttpTransport: Send + Sync {
    /// Begins to send a request, and returns. Its answer is given by
    /// [`http_answered`](crate::MiniHost::http_answered) or [`http_failed`](crate::MiniHost::http_failed)
    /// with the same ticket. Headers and body hold secrets and must not be logged.
    ///
    /// # Errors
    /// [`PortError`]; the request was not sent.
    fn send(
        &self,
        ticket: u64,
        method: String,
        url: String,
        headers: HashMap<String, String>,
        body: Option<Vec<u8>>,
        time_allowed_ms: u64,
    ) -> Result<(), PortError>;

    /// Gives a request up: nobody waits for its answer any more.
    ///
    /// # Errors
    /// [`PortError`]; nothing follows from it.
    fn abandon(&self, ticket: u64) -> Result<(), PortError>;
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum HttpFailure {
    /// No byte of the request has left. It may be repeated.
    NotSent,
    /// The server is not the one that was meant; no byte of the request has left.
    Untrusted,
    /// The connection broke after bytes may have left.
    MaybeSent,
    /// The time was up. Bytes may have left.
    TimedOut,
    /// The answer's body is larger than 1 MiB.
    TooLarge,
}

#[uniffi::export]
impl MiniHost {
    /// Gives the answer to a request, of whatever status. `headers` are the values of each name. Where
    /// nobody waits for it any more, nothing follows.
    ///
    /// # Errors
    /// [`HostError`].
    pub fn http_answered(
        &self,
        ticket: u64,
        status: u16,
        headers: HashMap<String, Vec<String>>,
        body: Vec<u8>,
    ) -> Result<(), HostError> {
        let headers = headers.into_iter();
        let headers = headers
            .flat_map(|(name, values)| values.into_iter().map(move |value| (name.clone(), value)));
        let response = HttpResponse::new(status, headers.collect(), SecretBytes::new(body));
        self.running()?.answers.http.answer(Ticket(ticket), Ok(response));
        Ok(())
    }

    /// Says why there is no answer. Where nobody waits for it any more, nothing follows.
    ///
    /// # Errors
    /// [`HostError`].
    pub fn http_failed(&self, ticket: u64, why: HttpFailure) -> Result<(), HostError> {
        self.running()?.answers.http.answer(Ticket(ticket), Err(why.into()));
        Ok(())
    }
}

/// The requests that the host app has not answered yet.
pub(crate) type HttpAnswers = Later<Result<HttpResponse, HttpError>>;

/// A foreign transport as a port of the SDK.
pub(crate) struct ForeignTransport {
    port: Arc<dyn HttpTransport>,
    later: HttpAnswers,
    last: AtomicU64,
}

impl ForeignTransport {
    pub(crate) fn new(port: Arc<dyn HttpTransport>, later: HttpAnswers) -> Self {
        Self { port, later, last: AtomicU64::new(0) }
    }
}

#[async_trait]
impl ports::HttpTransport for ForeignTransport {
    async fn send(&self, request: &HttpRequest) -> Result<HttpResponse, HttpError> {
        let ticket = Ticket(self.last.fetch_add(1, Ordering::Relaxed) + 1);
        let (method, url) = (request.method().to_owned(), request.url().to_string());
        let headers = request.headers();
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let body = request.body().map(<[u8]>::to_vec);
        let time_allowed = milliseconds(request.time_allowed());
        let (send, abandon) = (self.port.clone(), self.port.clone());
        let answer = self.later.ask(
            ticket,
            move || {
                let sent = send.send(ticket.0, method, url, headers, body, time_allowed);
                asked("HttpTransport.send", sent)
            },
            move || PortError::note("HttpTransport.abandon", abandon.abandon(ticket.0)),
        );
        let not_asked = |_| Err(HttpError::NotSent("the host's own transport failed".to_owned()));
        answer.await.unwrap_or_else(not_asked)
    }
}

impl From<HttpFailure> for HttpError {
    fn from(why: HttpFailure) -> Self {
        let says = || "the host's own transport says so".to_owned();
        match why {
            HttpFailure::NotSent => Self::NotSent(says()),
            HttpFailure::Untrusted => Self::Untrusted(says()),
            HttpFailure::MaybeSent => Self::MaybeSent(says()),
            HttpFailure::TimedOut => Self::TimedOut,
            HttpFailure::TooLarge => Self::TooLarge,
        }
    }
}
