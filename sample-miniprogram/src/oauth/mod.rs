//! The programs as OAuth clients: metadata, token endpoint and user details.

mod authorization;
mod http;
mod id_token;
mod metadata;
mod pkce;
mod token;
mod user_details;

use std::time::Duration;

use reqwest::redirect::Policy;
use tokio::sync::OnceCell;
use url::Url;

use self::metadata::Metadata;
pub(crate) use self::{
    authorization::AuthorizationRequest,
    pkce::PkceVerifier,
    token::{AccessToken, Redeemed, Tokens},
    user_details::{DetailsError, OpenId, UserDetails},
};
use crate::{ClientSecret, OpenError};

/// A connection is made within this time or not at all.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// A whole exchange, from the connection to the last byte of the body.
const EXCHANGE_TIMEOUT: Duration = Duration::from_secs(15);

/// Why an exchange with the authorization server brought nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ExchangeError {
    /// It cannot be reached, or not in time.
    #[error("the authorization server cannot be reached")]
    Network,
    /// It asks to come back later.
    #[error("the authorization server is not available now")]
    Unavailable {
        /// Seconds to wait, where it said so.
        retry_after: Option<u64>,
    },
    /// It failed, or its answer is not what the protocol has there.
    #[error("the authorization server's answer is not acceptable: {0}")]
    Unacceptable(&'static str),
    /// It refused, with an error code of RFC 6749 §5.2.
    #[error("the authorization server refused: {0}")]
    Refused(String),
}

/// One registered client and its authorization server.
pub(crate) struct OAuthClient {
    http: reqwest::Client,
    issuer: Issuer,
    metadata: OnceCell<Metadata>,
    client_id: String,
    client_secret: ClientSecret,
    redirect_uri: String,
}

impl OAuthClient {
    pub(crate) fn new(
        http: reqwest::Client,
        issuer: Issuer,
        client_id: String,
        client_secret: ClientSecret,
        redirect_uri: String,
    ) -> Self {
        let metadata = OnceCell::new();
        Self { http, issuer, metadata, client_id, client_secret, redirect_uri }
    }

    pub(crate) fn issuer(&self) -> &str {
        &self.issuer.text
    }

    pub(crate) fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }

    /// The server's metadata, read when first needed and kept once it could be read.
    async fn metadata(&self) -> Result<&Metadata, ExchangeError> {
        self.metadata.get_or_try_init(|| Metadata::read(&self.http, &self.issuer)).await
    }
}

/// An issuer identifier (RFC 8414 §2) in the one spelling that all comparisons use.
#[derive(Clone)]
pub(crate) struct Issuer {
    url: Url,
    text: String,
}

impl Issuer {
    pub(crate) fn new(url: Url) -> Result<Self, OpenError> {
        if !is_trustworthy(&url) || url.query().is_some() || url.fragment().is_some() {
            return Err(OpenError::Issuer(url));
        }
        // A URL without a path is written with one; an issuer identifier is not.
        let text = url.as_str();
        let text = if url.path() == "/" { text.trim_end_matches('/') } else { text };
        Ok(Self { text: text.to_owned(), url })
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }
}

/// HTTPS, or HTTP that does not leave the machine.
fn is_trustworthy(url: &Url) -> bool {
    let is_loopback = match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    };
    url.scheme() == "https" || (url.scheme() == "http" && is_loopback)
}

/// The HTTP client of all programs: no redirects, no proxy, every wait limited.
pub(crate) fn http_client(issuer: &Issuer) -> Result<reqwest::Client, OpenError> {
    // Fails when the process has chosen a provider already, and then that one is used.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = reqwest::Client::builder()
        .redirect(Policy::none())
        .no_proxy()
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(EXCHANGE_TIMEOUT);
    // Without TLS there is no reason to depend on the system's roots.
    let builder = match issuer.url.scheme() {
        "https" => builder,
        _ => builder.tls_certs_only([]),
    };
    builder.build().map_err(OpenError::HttpClient)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn issuer(text: &str) -> Result<String, String> {
        Issuer::new(text.parse().unwrap()).map(|i| i.text).map_err(|e| e.to_string())
    }

    #[test]
    fn an_issuer_has_no_slash_that_only_the_url_parser_added() {
        assert_eq!(issuer("http://127.0.0.1:8080").unwrap(), "http://127.0.0.1:8080");
        assert_eq!(issuer("https://as.example/tenant").unwrap(), "https://as.example/tenant");
        assert_eq!(issuer("https://as.example/tenant/").unwrap(), "https://as.example/tenant/");
    }

    #[test]
    fn an_issuer_that_anyone_on_the_way_could_be_is_refused() {
        for text in [
            "http://as.example",
            "http://localhost.example",
            "https://as.example/?x",
            "ftp://127.0.0.1",
        ] {
            assert!(issuer(text).is_err(), "{text}");
        }
    }
}
