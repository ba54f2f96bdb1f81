//! Signing in with a password, and asking who somebody is.

use std::{sync::Arc, time::Duration};

use minihost_core::{Scope, UserId};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::Url;

use super::{
    sign_in_error::{SignInError, host_rejection},
    token_session::Inner,
    tokens::Tokens,
};
use crate::{
    http::{Answer, Form},
    issuer::{CredentialError, Destination},
    ports::{HttpRequest, UserToken},
    signing::DpopKey,
};

/// Hashing a password takes a server its time.
pub(super) const TIME_ALLOWED: Duration = Duration::from_secs(30);
/// The longest `sub` (OpenID Connect Core §2).
const LONGEST_SUBJECT: usize = 255;

/// A user's password. Has no `Debug`.
pub struct Password(SecretString);

impl Password {
    /// Wraps a password.
    pub fn new(password: impl Into<String>) -> Self {
        Self(SecretString::from(password.into()))
    }
}

/// Whose tokens they are.
pub(super) struct Profile {
    pub(super) id: UserId,
    pub(super) display_name: String,
}

impl Inner {
    /// Gets tokens for a username and a password, and the user's id and name for the tokens.
    pub(super) async fn fetch_sign_in(
        &self,
        username: &str,
        password: Password,
    ) -> Result<(Profile, Tokens), SignInError> {
        let metadata = self.discovery.metadata().await?;
        let missing = || SignInError::Server("its metadata lacks an endpoint".to_owned());
        let token_endpoint = metadata.token_endpoint.clone().ok_or_else(missing)?;
        let userinfo_endpoint = metadata.userinfo_endpoint.clone().ok_or_else(missing)?;
        let key = self.new_key(&metadata);
        let tokens = self.fetch_tokens(token_endpoint, key, username, password).await?;
        let profile = self.fetch_profile(userinfo_endpoint, Some(username), &tokens.access).await?;
        Ok((profile, tokens))
    }

    async fn fetch_tokens(
        &self,
        endpoint: Url,
        key: Option<Arc<DpopKey>>,
        username: &str,
        password: Password,
    ) -> Result<Tokens, SignInError> {
        let mut form = Form::new("grant_type", "password");
        form.add("username", username);
        form.add("password", password.0.expose_secret());
        form.add("scope", Scope::join(&self.config.scopes));
        // Before the request: on a slow network a token must not seem to live longer than it does.
        let asked_at = self.clock.now();
        let request = self.as_host(&endpoint, form).await?.by_the_user();
        let answer = self.exchange.send(proving(request, key.as_ref())).await?;
        match answer {
            Answer::Success(response) => {
                Tokens::read(response.body(), None, key.as_ref(), asked_at)
                    .map_err(|what| SignInError::Server(what.to_owned()))
            }
            Answer::Refused(refusal) if refusal.error == "invalid_grant" => {
                Err(SignInError::WrongCredentials)
            }
            Answer::Refused(refusal) => Err(match host_rejection(&refusal.error) {
                Some(error) => SignInError::HostRejected { error },
                None => SignInError::Server("its error code is unknown".to_owned()),
            }),
        }
    }

    /// Asks whose a token is. Of what the user is called, the server's word goes first.
    pub(super) async fn fetch_profile(
        &self,
        endpoint: Url,
        username: Option<&str>,
        token: &UserToken,
    ) -> Result<Profile, SignInError> {
        #[derive(Deserialize)]
        struct Body {
            sub: String,
            preferred_username: Option<String>,
            name: Option<String>,
        }
        let request = token.authorize(HttpRequest::get(endpoint, TIME_ALLOWED));
        let Answer::Success(response) = self.exchange.send(request).await? else {
            return Err(SignInError::Server("it rejects the token that it just gave".to_owned()));
        };
        let malformed = || SignInError::Server("its user details are malformed".to_owned());
        let body: Body = serde_json::from_slice(response.body()).map_err(|_| malformed())?;
        if !(1..=LONGEST_SUBJECT).contains(&body.sub.len()) {
            return Err(malformed());
        }
        let names = [body.preferred_username, body.name, username.map(str::to_owned)];
        let mut names = names.into_iter().flatten().filter(|name| !name.trim().is_empty());
        let display_name = names.next().unwrap_or_else(|| body.sub.clone());
        Ok(Profile { id: UserId::new(body.sub), display_name })
    }

    /// A POST to an endpoint as the host.
    pub(super) async fn as_host(
        &self,
        endpoint: &Url,
        form: Form,
    ) -> Result<HttpRequest, CredentialError> {
        let (issuer, now) = (&self.config.issuer, self.clock.now().time);
        let destination = Destination { issuer, endpoint, now };
        self.config.client.post(form, destination, TIME_ALLOWED).await
    }
}

/// With a proof of this key, where there is one.
pub(super) fn proving(request: HttpRequest, key: Option<&Arc<DpopKey>>) -> HttpRequest {
    key.cloned().into_iter().fold(request, |request, key| request.proving(key, None))
}
