use url::Url;

use super::{ExchangeError, OAuthClient};

/// What an authorization request says beside who asks (RFC 6749 §4.1.1, RFC 7636 §4.3).
pub(crate) struct AuthorizationRequest<'a> {
    pub(crate) scopes: &'a [String],
    pub(crate) state: &'a str,
    pub(crate) nonce: &'a str,
    pub(crate) challenge: &'a str,
}

impl OAuthClient {
    /// Where to send the user's browser.
    pub(crate) async fn authorization_url(
        &self,
        request: &AuthorizationRequest<'_>,
    ) -> Result<Url, ExchangeError> {
        let endpoint = self.metadata().await?.authorization_endpoint.clone();
        let mut url = endpoint.ok_or(ExchangeError::Unacceptable("no authorization endpoint"))?;
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.client_id)
            .append_pair("redirect_uri", &self.redirect_uri)
            .append_pair("scope", &request.scopes.join(" "))
            .append_pair("state", request.state)
            .append_pair("nonce", request.nonce)
            .append_pair("code_challenge", request.challenge)
            .append_pair("code_challenge_method", "S256");
        Ok(url)
    }

    /// Whether an authorization response with this `iss` is from the server that was asked
    /// (RFC 9207 §2.4). One without it is, where the server does not send it.
    pub(crate) async fn is_from_issuer(&self, iss: Option<&str>) -> Result<bool, ExchangeError> {
        match iss {
            Some(iss) => Ok(iss == self.issuer()),
            None => Ok(!self.metadata().await?.names_itself),
        }
    }
}
