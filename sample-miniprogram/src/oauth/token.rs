use std::time::SystemTime;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::form_urlencoded::byte_serialize;

use super::{
    ExchangeError, OAuthClient, OpenId, PkceVerifier,
    http::exchange,
    id_token::{self, Expected},
};

/// What the token endpoint gave.
pub(crate) struct Tokens {
    pub(crate) access: AccessToken,
    pub(crate) refresh: Option<RefreshToken>,
    /// What they are good for, where the server says so; else it is what was asked for.
    pub(crate) scopes: Option<Vec<String>>,
}

/// What a code gave.
pub(crate) struct Redeemed {
    pub(crate) tokens: Tokens,
    /// Whom the ID token is about; `None` only where `openid` was not granted.
    pub(crate) subject: Option<OpenId>,
}

/// An access token (RFC 6749 §1.4). Not printable.
pub(crate) struct AccessToken(SecretString);

/// A refresh token (RFC 6749 §1.5). Not printable.
#[derive(Clone)]
pub(crate) struct RefreshToken(SecretString);

impl AccessToken {
    pub(super) fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

#[derive(Deserialize)]
struct TokenResponse {
    access_token: String,
    token_type: String,
    refresh_token: Option<String>,
    scope: Option<String>,
    id_token: Option<String>,
}

impl OAuthClient {
    /// Redeems a code (RFC 6749 §4.1.3, RFC 7636 §4.5). A code can be redeemed once, and so can the
    /// verifier. With `openid` an ID token must come too (OpenID Connect Core §3.1.3.3).
    pub(crate) async fn redeem(
        &self,
        code: &str,
        verifier: PkceVerifier,
        nonce: &str,
    ) -> Result<Redeemed, ExchangeError> {
        let answer = self
            .token_request(&[
                ("grant_type", "authorization_code"),
                ("code", code),
                ("redirect_uri", &self.redirect_uri),
                ("code_verifier", verifier.expose()),
            ])
            .await?;
        let (issuer, client_id) = (self.issuer(), self.client_id.as_str());
        let expected = Expected { issuer, client_id, nonce, now: SystemTime::now() };
        let subject = match &answer.id_token {
            Some(id_token) => Some(id_token::check(id_token, &expected)?),
            None if answer.grants_openid() => {
                return Err(ExchangeError::Unacceptable("no ID token"));
            }
            None => None,
        };
        Ok(Redeemed { tokens: answer.into_tokens(), subject })
    }

    /// Trades a refresh token for new tokens (RFC 6749 §6). Where the server gives no new refresh
    /// token, the old one stays good.
    pub(crate) async fn refresh(&self, token: &RefreshToken) -> Result<Tokens, ExchangeError> {
        let form = [("grant_type", "refresh_token"), ("refresh_token", token.0.expose_secret())];
        let mut tokens = self.token_request(&form).await?.into_tokens();
        tokens.refresh.get_or_insert_with(|| token.clone());
        Ok(tokens)
    }

    /// Ends at the server what a sign-in gave (RFC 7009 §2.1), where the server offers it: the refresh
    /// token, and with it what it led to, or the access token where there is no other.
    pub(crate) async fn revoke(&self, tokens: &Tokens) -> Result<(), ExchangeError> {
        let Some(endpoint) = self.metadata().await?.revocation_endpoint.clone() else {
            return Ok(());
        };
        let token = match &tokens.refresh {
            Some(refresh) => refresh.0.expose_secret(),
            None => tokens.access.expose(),
        };
        let request = self
            .http
            .post(endpoint)
            .header(AUTHORIZATION, self.client_secret_basic())
            .form(&[("token", token)]);
        exchange(request).await?.succeeded()
    }

    async fn token_request(&self, form: &[(&str, &str)]) -> Result<TokenResponse, ExchangeError> {
        let endpoint = self.metadata().await?.token_endpoint.clone();
        let request = self
            .http
            .post(endpoint)
            .header(ACCEPT, "application/json")
            .header(AUTHORIZATION, self.client_secret_basic())
            .form(form);
        let answer: TokenResponse = exchange(request).await?.json()?;
        if !answer.token_type.eq_ignore_ascii_case("bearer") {
            return Err(ExchangeError::Unacceptable("a token that is no bearer token"));
        }
        Ok(answer)
    }

    /// RFC 6749 §2.3.1: id and secret are form-encoded before they are joined.
    fn client_secret_basic(&self) -> HeaderValue {
        let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
        let (id, secret) = (encoded(&self.client_id), encoded(self.client_secret.expose()));
        let credentials = format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")));
        let mut value = HeaderValue::try_from(credentials).expect("base64 is a header value");
        value.set_sensitive(true);
        value
    }
}

impl TokenResponse {
    /// Without `scope` what was asked for is granted (RFC 6749 §5.1), and `openid` always is asked for.
    fn grants_openid(&self) -> bool {
        self.scope.as_deref().is_none_or(|list| list.split(' ').any(|scope| scope == "openid"))
    }

    fn into_tokens(self) -> Tokens {
        let refresh = self.refresh_token.map(|token| RefreshToken(token.into()));
        let scopes = self.scope.map(|list| list.split(' ').map(str::to_owned).collect());
        Tokens { access: AccessToken(self.access_token.into()), refresh, scopes }
    }
}
