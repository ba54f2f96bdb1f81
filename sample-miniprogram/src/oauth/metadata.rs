use serde::Deserialize;
use url::Url;

use super::{ExchangeError, Issuer, http::exchange, is_trustworthy};

/// The part of the authorization server's metadata (RFC 8414 §2) that the programs use.
pub(super) struct Metadata {
    /// Where users sign in in a browser, at servers that offer it.
    pub(super) authorization_endpoint: Option<Url>,
    /// Whether every authorization response says who made it (RFC 9207 §3).
    pub(super) names_itself: bool,
    pub(super) token_endpoint: Url,
    pub(super) userinfo_endpoint: Url,
    /// Where tokens are ended (RFC 7009), at servers that offer it.
    pub(super) revocation_endpoint: Option<Url>,
}

#[derive(Deserialize)]
struct Document {
    issuer: String,
    authorization_endpoint: Option<Url>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
    token_endpoint: Url,
    userinfo_endpoint: Url,
    revocation_endpoint: Option<Url>,
}

impl Metadata {
    pub(super) async fn read(
        http: &reqwest::Client,
        issuer: &Issuer,
    ) -> Result<Self, ExchangeError> {
        let document: Document = exchange(http.get(location(issuer))).await?.json()?;
        // RFC 8414 §3.3: another issuer's metadata must not be used.
        if document.issuer != issuer.text {
            return Err(ExchangeError::Unacceptable("the metadata of another issuer"));
        }
        let Document { authorization_endpoint, token_endpoint, userinfo_endpoint, .. } = document;
        let revocation_endpoint = document.revocation_endpoint;
        let endpoints = [
            Some(&token_endpoint),
            Some(&userinfo_endpoint),
            authorization_endpoint.as_ref(),
            revocation_endpoint.as_ref(),
        ];
        if !endpoints.into_iter().flatten().all(is_trustworthy) {
            return Err(ExchangeError::Unacceptable("an endpoint without TLS"));
        }
        let names_itself = document.authorization_response_iss_parameter_supported;
        Ok(Self {
            authorization_endpoint,
            names_itself,
            token_endpoint,
            userinfo_endpoint,
            revocation_endpoint,
        })
    }
}

/// RFC 8414 §3.1: the well-known part goes between the host and the issuer's path.
fn location(issuer: &Issuer) -> Url {
    let mut url = issuer.url.clone();
    let path = issuer.url.path().trim_end_matches('/');
    url.set_path(&format!("/.well-known/oauth-authorization-server{path}"));
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_metadata_of_a_tenant_is_below_the_well_known_path() {
        let at = |text: &str| location(&Issuer::new(text.parse().unwrap()).unwrap()).to_string();
        let well_known = "/.well-known/oauth-authorization-server";
        assert_eq!(at("http://127.0.0.1:8080"), format!("http://127.0.0.1:8080{well_known}"));
        assert_eq!(at("https://as.example/t/"), format!("https://as.example{well_known}/t"));
    }
}
