use reqwest::{RequestBuilder, StatusCode, header};
use serde::{Deserialize, de::DeserializeOwned};

use super::ExchangeError;

/// Everything that this client reads is far smaller.
const BODY_LIMIT: usize = 64 * 1024;

/// An answer, read whole.
pub(super) struct Answer {
    status: StatusCode,
    retry_after: Option<u64>,
    challenge: Option<String>,
    body: Vec<u8>,
}

/// Sends a request and reads at most [`BODY_LIMIT`] bytes of its answer.
pub(super) async fn exchange(request: RequestBuilder) -> Result<Answer, ExchangeError> {
    // reqwest's error names the URL and is of no use to the page; why it failed is the same for all.
    let mut response = request.send().await.map_err(|_| ExchangeError::Network)?;
    let text = |name| response.headers().get(name)?.to_str().ok().map(str::to_owned);
    let mut answer = Answer {
        status: response.status(),
        retry_after: text(header::RETRY_AFTER).and_then(|seconds| seconds.parse().ok()),
        challenge: text(header::WWW_AUTHENTICATE),
        body: Vec::new(),
    };
    while let Some(chunk) = response.chunk().await.map_err(|_| ExchangeError::Network)? {
        if answer.body.len() + chunk.len() > BODY_LIMIT {
            return Err(ExchangeError::Unacceptable("too long"));
        }
        answer.body.extend_from_slice(&chunk);
    }
    Ok(answer)
}

impl Answer {
    /// The JSON of a successful answer; the matching error of any other.
    pub(super) fn json<T: DeserializeOwned>(&self) -> Result<T, ExchangeError> {
        if self.status != StatusCode::OK {
            return Err(self.error());
        }
        serde_json::from_slice(&self.body)
            .map_err(|_| ExchangeError::Unacceptable("not the expected JSON"))
    }

    /// Whether it was done, where the answer has nothing else to tell.
    pub(super) fn succeeded(&self) -> Result<(), ExchangeError> {
        if self.status.is_success() { Ok(()) } else { Err(self.error()) }
    }

    /// Whether a resource refused the access token as no longer good (RFC 6750 §3.1).
    pub(super) fn is_invalid_token(&self) -> bool {
        let says_so = |challenge: &String| {
            let is_bearer =
                challenge.get(..6).is_some_and(|scheme| scheme.eq_ignore_ascii_case("bearer"));
            is_bearer && challenge.contains("error=\"invalid_token\"")
        };
        self.status == StatusCode::UNAUTHORIZED && self.challenge.as_ref().is_some_and(says_so)
    }

    fn error(&self) -> ExchangeError {
        #[derive(Deserialize)]
        struct OAuthError {
            error: String,
        }
        if matches!(self.status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
            return ExchangeError::Unavailable { retry_after: self.retry_after };
        }
        if !self.status.is_client_error() {
            return ExchangeError::Unacceptable("its status");
        }
        match serde_json::from_slice(&self.body) {
            Ok(OAuthError { error }) if is_error_code(&error) => ExchangeError::Refused(error),
            _ => ExchangeError::Unacceptable("an error without a code"),
        }
    }
}

/// Narrower than RFC 6749 §5.2, so that nothing strange gets into a log.
fn is_error_code(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    (1..=64).contains(&text.len()) && text.bytes().all(fits)
}
