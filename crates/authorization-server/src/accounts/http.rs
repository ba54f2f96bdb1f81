//! An account service that is asked over HTTP.

use std::time::Duration;

use async_trait::async_trait;
use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Client, Response, StatusCode};
use rustls::crypto::{CryptoProvider, ring};
use serde::{Deserialize, Serialize};
use url::Url;
use zeroize::Zeroizing;

use super::service::{Account, AccountService, AccountServiceError};
use crate::password::Password;
use crate::redirect_uri::is_secure_or_loopback;
use crate::secret::ClientSecret;

const CONNECT_TIME: Duration = Duration::from_secs(2);
/// Shorter than people and load balancers wait for a sign-in.
const TIME: Duration = Duration::from_secs(8);
const MAX_ANSWER: usize = 16 * 1024;

/// An account service over HTTP.
///
/// It is sent `POST` with the JSON `{"username", "password"}`, and answers 200 with the JSON
/// `{"id", "tenant"?, "preferred_username"?, "email"?, "email_verified"?, "phone_number"?}`, or 401,
/// 403 or 404 when there is no such account. Every other answer means that it cannot tell. Nothing
/// is sent twice and no redirect is followed; the answer must come within 8 seconds, and have at
/// most 16 KiB.
pub struct HttpAccountService {
    http: Client,
    url: Url,
    authorization: Option<HeaderValue>,
}

/// Why an account service cannot be reached at all.
#[derive(Debug, thiserror::Error)]
pub enum InvalidAccountService {
    /// Passwords go there, so nobody between may read them.
    #[error("the account service must have an https URL, or http on the loopback interface")]
    Url,
    /// The machine has no usable root certificates, for example.
    #[error("no connection to the account service can be set up: {0}")]
    Http(String),
}

impl HttpAccountService {
    /// The service at `url`. Where `token` is given, it goes along as a bearer token (RFC 6750
    /// §2.1), by which the service knows this server.
    ///
    /// # Errors
    /// When the URL is neither `https` nor on the loopback interface, or has user information; or
    /// when TLS cannot be set up.
    pub fn new(url: Url, token: Option<&ClientSecret>) -> Result<Self, InvalidAccountService> {
        let plain = url.username().is_empty() && url.password().is_none();
        if !plain || !is_secure_or_loopback(&url) {
            return Err(InvalidAccountService::Url);
        }
        if CryptoProvider::get_default().is_none() {
            // Failing means that another thread was faster, which is as good.
            let _ = ring::default_provider().install_default();
        }
        let authorization = token
            .map(|token| {
                let header = Zeroizing::new(format!("Bearer {}", token.expose()));
                let mut header = HeaderValue::from_str(&header)?;
                header.set_sensitive(true);
                Ok(header)
            })
            .transpose()
            .map_err(|error: reqwest::header::InvalidHeaderValue| {
                InvalidAccountService::Http(error.to_string())
            })?;
        let mut builder =
            Client::builder().redirect(Policy::none()).connect_timeout(CONNECT_TIME).timeout(TIME);
        if url.scheme() == "http" {
            // Only loopback: there is neither a proxy in between nor a certificate to look at.
            builder = builder.no_proxy().tls_certs_only([]);
        }
        let http =
            builder.build().map_err(|error| InvalidAccountService::Http(error.to_string()))?;
        Ok(Self { http, url, authorization })
    }
}

#[derive(Serialize)]
struct Question<'a> {
    username: &'a str,
    password: &'a str,
}

#[derive(Deserialize)]
struct Answer {
    id: String,
    tenant: Option<String>,
    preferred_username: Option<String>,
    email: Option<String>,
    #[serde(default)]
    email_verified: bool,
    phone_number: Option<String>,
}

#[async_trait]
impl AccountService for HttpAccountService {
    async fn check(
        &self,
        username: &str,
        password: &Password,
    ) -> Result<Option<Account>, AccountServiceError> {
        let mut request = self
            .http
            .post(self.url.clone())
            .header(ACCEPT, "application/json")
            .json(&Question { username, password: password.expose() });
        if let Some(authorization) = &self.authorization {
            request = request.header(AUTHORIZATION, authorization);
        }
        let response = request.send().await.map_err(failed)?;
        match response.status() {
            StatusCode::OK => {}
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::NOT_FOUND => {
                return Ok(None);
            }
            other => return Err(AccountServiceError(format!("it said {other}"))),
        }
        let body = body(response).await?;
        let answer: Answer = serde_json::from_slice(&body)
            .map_err(|_| AccountServiceError("its answer is not what was agreed".to_owned()))?;
        Ok(Some(Account {
            external_id: answer.id,
            tenant: answer.tenant,
            preferred_username: answer.preferred_username,
            email: answer.email,
            email_verified: answer.email_verified,
            phone_number: answer.phone_number,
        }))
    }
}

async fn body(mut response: Response) -> Result<Vec<u8>, AccountServiceError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(failed)? {
        body.extend_from_slice(&chunk);
        if body.len() > MAX_ANSWER {
            return Err(AccountServiceError("its answer is too long".to_owned()));
        }
    }
    Ok(body)
}

fn failed(error: reqwest::Error) -> AccountServiceError {
    AccountServiceError(error.without_url().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_leave_the_machine_only_by_https() {
        for (url, good) in [
            ("https://accounts.example/check", true),
            ("http://127.0.0.1:4000/check", true),
            ("http://accounts.example/check", false),
            ("https://user:secret@accounts.example/", false),
            ("ftp://127.0.0.1/", false),
        ] {
            let service = HttpAccountService::new(url.parse().unwrap(), None);
            let refused = matches!(service, Err(InvalidAccountService::Url));
            assert_eq!(refused, !good, "{url}");
        }
    }
}
