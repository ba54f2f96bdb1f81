//! One exchange with the authorization server, with the limits that hold whatever the transport
//! does.

use std::{sync::Arc, time::Duration};

use jiff::{Timestamp, fmt::rfc2822::DateTimeParser};
use tokio::time::{Instant, sleep, timeout_at};
use url::Url;

use super::{Answer, Fault, Refusal, answer::is_html, pace::Pace, retry_after};
use crate::{
    clock::Clock,
    ports::{HttpError, HttpRequest, HttpResponse, HttpTransport, ToProve, UserToken},
};

/// The largest body that is read.
pub(super) const MAX_BODY: usize = 1024 * 1024;
/// The longest that an exchange may take.
const MAX_TIME: Duration = Duration::from_secs(30);

/// Sends requests and sorts their answers.
#[derive(Clone)]
pub(crate) struct Exchange {
    transport: Arc<dyn HttpTransport>,
    clock: Arc<dyn Clock>,
    pace: Arc<Pace>,
}

impl Exchange {
    pub(crate) fn new(transport: Arc<dyn HttpTransport>, clock: Arc<dyn Clock>) -> Self {
        Self { transport, clock, pace: Arc::new(Pace::new()) }
    }

    /// What time it is.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now().time
    }

    /// Sends a request: once more if no byte of it has left, or if it only reads and the server
    /// asks for a short wait. A server that wants to be left alone is, and the answer is then its
    /// own earlier one.
    pub(crate) async fn send(&self, mut request: HttpRequest) -> Result<Answer, Fault> {
        let response = self.make(&mut request).await?;
        self.sort(response, request.url())
    }

    /// Sorts an answer that came from there.
    pub(crate) fn sort(&self, response: HttpResponse, from: &Url) -> Result<Answer, Fault> {
        let date = server_date(&response);
        let answer = Answer::sort(response, from, self.clock.now().time)?;
        self.hear(date);
        Ok(answer)
    }

    /// Sends a request whose success has no body. `Ok(None)` where what is to be gone is gone.
    pub(crate) async fn send_delete(
        &self,
        mut request: HttpRequest,
    ) -> Result<Option<Refusal>, Fault> {
        let response = self.make(&mut request).await?;
        if matches!(response.status(), 200 | 204 | 404 | 410) && !is_html(&response) {
            return Ok(None);
        }
        match Answer::sort(response, request.url(), self.clock.now().time)? {
            Answer::Success(_) => Ok(None),
            Answer::Refused(refusal) => Ok(Some(refusal)),
        }
    }

    /// The same, and any answer will do.
    pub(crate) async fn response(&self, mut request: HttpRequest) -> Result<HttpResponse, Fault> {
        self.make(&mut request).await
    }

    async fn make(&self, request: &mut HttpRequest) -> Result<HttpResponse, Fault> {
        self.pace.begin(request, self.clock.now())?;
        let deadline = Instant::now() + request.time_allowed().min(MAX_TIME);
        let response = timeout_at(deadline, self.attempts(request, deadline));
        let response = response.await.unwrap_or(Err(HttpError::TimedOut))?;
        if response.body().len() > MAX_BODY {
            return Err(HttpError::TooLarge.into());
        }
        if let Some(seconds) = self.wait_wanted(&response) {
            self.pace.heed(request.url(), response.status(), seconds, self.clock.now());
        }
        Ok(response)
    }

    async fn attempts(
        &self,
        request: &mut HttpRequest,
        deadline: Instant,
    ) -> Result<HttpResponse, HttpError> {
        request.allow(deadline.duration_since(Instant::now()));
        let first = self.prove_and_send(request).await;
        let pause = match &first {
            Err(HttpError::NotSent(detail)) => {
                tracing::debug!(detail, "no connection to the authorization server");
                self.pace.after_nothing_was_sent(self.clock.now())
            }
            Ok(response) if wants_nonce(request, response) => Some(Duration::ZERO),
            Ok(response) if request.method() == "GET" => self
                .wait_wanted(response)
                .and_then(|seconds| self.pace.after_being_told(seconds, self.clock.now())),
            _ => None,
        };
        match pause {
            Some(pause) if Instant::now() + pause < deadline => {
                sleep(pause).await;
                request.allow(deadline.duration_since(Instant::now()));
                if first.is_ok() {
                    let asserted = request.assert_anew(self.now()).await;
                    asserted.map_err(|error| HttpError::NotSent(error.to_string()))?;
                }
                self.prove_and_send(request).await
            }
            _ => first,
        }
    }

    /// Every attempt has a proof of its own: a proof is good once (RFC 9449 §11.1).
    async fn prove_and_send(&self, request: &mut HttpRequest) -> Result<HttpResponse, HttpError> {
        if let Some(ToProve { key, token }) = request.to_prove() {
            let token = token.as_ref().map(UserToken::expose);
            let proof = key.proof(request.method(), request.url(), token, self.now()).await;
            request.set_proof(proof.map_err(|error| HttpError::NotSent(error.to_string()))?);
        }
        let response = self.transport.send(request).await?;
        if let (Some(ToProve { key, .. }), Some(nonce)) =
            (request.to_prove(), response.header("dpop-nonce"))
        {
            key.hear(request.url(), nonce);
        }
        Ok(response)
    }

    /// Seconds that a server which is not available names.
    fn wait_wanted(&self, response: &HttpResponse) -> Option<u64> {
        let header = response.header("retry-after");
        let header = header.filter(|_| matches!(response.status(), 429 | 503))?;
        retry_after::seconds(header, self.clock.now().time)
    }

    /// The server itself has answered: what it says about the time is worth something.
    fn hear(&self, date: Option<Timestamp>) {
        if let Some(date) = date {
            self.clock.server_said(date);
        }
    }
}

/// Whether the server has refused a proof for want of its nonce, and gave one (RFC 9449 §8, §9): it has
/// done nothing else.
fn wants_nonce(request: &HttpRequest, response: &HttpResponse) -> bool {
    const ERROR: &str = "use_dpop_nonce";
    let asked = || {
        let body = serde_json::from_slice::<serde_json::Value>(response.body());
        body.is_ok_and(|body| body["error"] == ERROR)
            || response.headers("www-authenticate").any(|value| value.contains(ERROR))
    };
    request.to_prove().is_some()
        && matches!(response.status(), 400 | 401)
        && response.header("dpop-nonce").is_some()
        && asked()
}

/// When the server made this answer (RFC 9110 §6.6.1); nothing of one that a cache has kept.
pub(crate) fn server_date(response: &HttpResponse) -> Option<Timestamp> {
    static PARSER: DateTimeParser = DateTimeParser::new();
    let header = response.header("date").filter(|_| response.header("age").is_none())?;
    PARSER.parse_timestamp(header).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::scripted::{Reply, Scripted, exchange};

    fn request(time_allowed: Duration) -> HttpRequest {
        HttpRequest::get("http://127.0.0.1:1/".parse().unwrap(), time_allowed)
    }

    async fn send(scripted: &Arc<Scripted>, seconds: u64) -> Result<(), Fault> {
        exchange(scripted).send(request(Duration::from_secs(seconds))).await.map(|_| ())
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_is_repeated_once_and_only_when_nothing_was_sent() {
        let gone = || Reply::Error(HttpError::NotSent("refused".into()));
        let scripted = Scripted::new([gone(), Reply::json(200, "{}")]);
        assert_eq!(send(&scripted, 10).await, Ok(()));

        let scripted = Scripted::new([gone(), gone(), Reply::json(200, "{}")]);
        assert_eq!(send(&scripted, 10).await, Err(Fault::Unreachable("refused".into())));
        assert_eq!(scripted.seen(), 2);

        for (error, fault) in [
            (HttpError::MaybeSent("reset".into()), Fault::ConnectionLost("reset".into())),
            (HttpError::TimedOut, Fault::TimedOut),
            (HttpError::TooLarge, Fault::Unacceptable("it is larger than 1 MiB")),
        ] {
            let scripted = Scripted::new([Reply::Error(error), Reply::json(200, "{}")]);
            assert_eq!(send(&scripted, 10).await, Err(fault));
            assert_eq!(scripted.seen(), 1);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_transport_that_never_returns_is_left_at_the_deadline() {
        for (asked, expected) in [(3, 3), (3600, 30)] {
            let scripted = Scripted::new([Reply::Never]);
            let before = Instant::now();
            assert_eq!(send(&scripted, asked).await, Err(Fault::TimedOut));
            assert_eq!(before.elapsed().as_secs(), expected);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_second_attempt_gets_what_is_left_of_the_time() {
        let gone = Reply::Error(HttpError::NotSent("refused".into()));
        let scripted = Scripted::new([gone, Reply::Never]);
        let before = Instant::now();
        assert_eq!(send(&scripted, 3).await, Err(Fault::TimedOut));
        assert_eq!(before.elapsed().as_secs(), 3);
    }

    #[tokio::test]
    async fn a_transport_that_ignores_the_size_limit_is_not_believed() {
        let body = |size| format!("\"{}\"", "x".repeat(size - 2));
        let scripted = Scripted::new([
            Reply::json(200, &body(MAX_BODY)),
            Reply::json(200, &body(MAX_BODY + 1)),
        ]);
        assert_eq!(send(&scripted, 3).await, Ok(()));
        assert!(matches!(send(&scripted, 3).await, Err(Fault::Unacceptable(_))));
    }
}
