//! Signing in with the system's browser: authorization code and PKCE (RFC 8252, RFC 7636).

use std::{collections::BTreeMap, sync::Arc};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use minihost_core::{Issuer, Scope, User};
use ring::digest;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::{
    RedirectUri, TokenSession,
    sign_in::proving,
    sign_in_error::{SignInError, host_rejection},
    tokens::Tokens,
};
use crate::{
    http::{Answer, Form},
    issuer::NamesIssuer,
    signing::DpopKey,
};

/// The longest code that is taken, in bytes.
const LONGEST_CODE: usize = 4096;

/// What a sign-in is for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum SignInWish {
    /// To be signed in: a user whom the browser's session knows need not type anything.
    #[default]
    Ordinary,
    /// To sign in anew, though the browser's session may know the user: in one of these ways
    /// (`acr_values`), or not longer ago than so many seconds (`max_age`), where they are named
    /// (OpenID Connect Core §3.1.2.1).
    Again {
        /// The first is liked best; any, where there is none.
        acr_values: Vec<String>,
        /// Seconds; without it the user is asked in any case.
        max_age: Option<u64>,
    },
    /// To choose one of several accounts.
    ChooseAccount,
}

/// A sign-in that has gone to the browser. Has no `Debug`: it holds what redeems the code. One that
/// is dropped never happened.
pub struct BrowserSignIn {
    page: Url,
    redirect_uri: RedirectUri,
    state: String,
    verifier: SecretString,
    issuer: Issuer,
    names_issuer: NamesIssuer,
    token_endpoint: Url,
    userinfo_endpoint: Url,
    key: Option<Arc<DpopKey>>,
}

impl BrowserSignIn {
    /// The page to open: in the system's browser (Custom Tabs, `ASWebAuthenticationSession`), never in
    /// a view that the host could read (RFC 8252 §8.12).
    pub fn page(&self) -> &Url {
        &self.page
    }

    /// Whether an address that the app was opened with is this sign-in's answer, rather than something
    /// else that the app is opened for.
    pub fn is_answered_by(&self, address: &Url) -> bool {
        self.redirect_uri.leads_to(address) && self.state_is_right(address)
    }

    fn state_is_right(&self, address: &Url) -> bool {
        let mut states = address.query_pairs().filter(|(name, _)| name == "state");
        states.next().is_some_and(|(_, state)| state == self.state.as_str())
            && states.next().is_none()
    }

    /// The code in an answer, if the answer is this sign-in's (RFC 6749 §4.1.2, RFC 9207 §2.4).
    fn code(&self, answer: &Url) -> Result<SecretString, SignInError> {
        if !self.is_answered_by(answer) {
            return Err(SignInError::WrongAnswer("it is of another sign-in"));
        }
        let mut parameters = BTreeMap::new();
        for (name, value) in answer.query_pairs() {
            if parameters.insert(name, value).is_some() {
                return Err(SignInError::WrongAnswer("a parameter is there twice"));
            }
        }
        match parameters.get("iss") {
            Some(iss) if *iss == self.issuer.as_str() => {}
            None if self.names_issuer == NamesIssuer::Perhaps => {}
            _ => return Err(SignInError::WrongAnswer("it is of another issuer")),
        }
        if let Some(error) = parameters.get("error") {
            return Err(match error.as_ref() {
                "access_denied" => SignInError::Denied,
                "temporarily_unavailable" => {
                    SignInError::TemporarilyUnavailable { retry_after: None }
                }
                error => match host_rejection(error) {
                    Some(error) => SignInError::HostRejected { error },
                    None => SignInError::Server("its error code is unknown".to_owned()),
                },
            });
        }
        match parameters.get("code") {
            Some(code) if (1..=LONGEST_CODE).contains(&code.len()) => {
                Ok(SecretString::from(code.as_ref()))
            }
            _ => Err(SignInError::WrongAnswer("it has no code")),
        }
    }
}

impl TokenSession {
    /// Begins a sign-in in the browser. Whoever is signed in stays so until it is finished.
    ///
    /// # Errors
    /// [`SignInError`].
    pub async fn begin_sign_in(
        &self,
        redirect_uri: RedirectUri,
        wish: SignInWish,
    ) -> Result<BrowserSignIn, SignInError> {
        let config = &self.0.config;
        let metadata = self.0.discovery.metadata().await?;
        let missing = || SignInError::Server("its metadata lacks an endpoint".to_owned());
        let mut page = metadata.authorization_endpoint.clone().ok_or_else(missing)?;
        let token_endpoint = metadata.token_endpoint.clone().ok_or_else(missing)?;
        let userinfo_endpoint = metadata.userinfo_endpoint.clone().ok_or_else(missing)?;
        let (state, verifier) = (random(), SecretString::from(random()));
        let mut query = page.query_pairs_mut();
        query.append_pair("response_type", "code");
        query.append_pair("client_id", config.client.client_id().as_str());
        query.append_pair("redirect_uri", redirect_uri.as_str());
        query.append_pair("scope", &Scope::join(&config.scopes));
        query.append_pair("state", &state);
        query.append_pair("code_challenge", &challenge(&verifier));
        query.append_pair("code_challenge_method", "S256");
        match wish {
            SignInWish::Ordinary => {}
            SignInWish::Again { acr_values, max_age } => {
                if !acr_values.is_empty() {
                    query.append_pair("acr_values", &acr_values.join(" "));
                }
                match max_age {
                    Some(seconds) => query.append_pair("max_age", &seconds.to_string()),
                    None => query.append_pair("prompt", "login"),
                };
            }
            SignInWish::ChooseAccount => {
                query.append_pair("prompt", "select_account");
            }
        }
        drop(query);
        Ok(BrowserSignIn {
            page,
            redirect_uri,
            state,
            verifier,
            issuer: metadata.issuer.clone(),
            names_issuer: metadata.response_names_issuer,
            token_endpoint,
            userinfo_endpoint,
            key: self.0.new_key(&metadata),
        })
    }

    /// Finishes a sign-in with the address that the browser brought the user back to, in place of
    /// whoever was signed in. A secret store that gives no access is no error, as with a password.
    ///
    /// # Errors
    /// [`SignInError`].
    pub async fn finish_sign_in(
        &self,
        sign_in: BrowserSignIn,
        answer: &Url,
    ) -> Result<User, SignInError> {
        let before = self.0.epoch();
        let code = sign_in.code(answer)?;
        let mut form = Form::new("grant_type", "authorization_code");
        form.add("code", code.expose_secret());
        form.add("redirect_uri", sign_in.redirect_uri.as_str());
        form.add("code_verifier", sign_in.verifier.expose_secret());
        // Before the request: on a slow network a token must not seem to live longer than it does.
        let asked_at = self.0.clock.now();
        let request = self.0.as_host(&sign_in.token_endpoint, form).await?.by_the_user();
        let key = sign_in.key.as_ref();
        let tokens = match self.0.exchange.send(proving(request, key)).await? {
            Answer::Success(response) => Tokens::read(response.body(), None, key, asked_at)
                .map_err(|what| SignInError::Server(what.to_owned()))?,
            Answer::Refused(refusal) if refusal.error == "invalid_grant" => {
                return Err(SignInError::Server("it takes no code that it gives".to_owned()));
            }
            Answer::Refused(refusal) => return Err(refused(&refusal.error)),
        };
        let endpoint = sign_in.userinfo_endpoint;
        let profile = self.0.fetch_profile(endpoint, None, &tokens.access).await?;
        self.0.admit(before, profile, tokens).await
    }
}

fn refused(error: &str) -> SignInError {
    match host_rejection(error) {
        Some(error) => SignInError::HostRejected { error },
        None => SignInError::Server("its error code is unknown".to_owned()),
    }
}

/// 256 random bits: 43 characters (RFC 7636 §4.1).
fn random() -> String {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).expect("the operating system has a source of randomness");
    URL_SAFE_NO_PAD.encode(bytes)
}

/// `S256` (RFC 7636 §4.2).
fn challenge(verifier: &SecretString) -> String {
    let hash = digest::digest(&digest::SHA256, verifier.expose_secret().as_bytes());
    URL_SAFE_NO_PAD.encode(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_rfc_7636_comes_out() {
        let verifier = SecretString::from("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        assert_eq!(challenge(&verifier), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }
}
