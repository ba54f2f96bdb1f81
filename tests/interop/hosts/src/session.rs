//! The host's own session with the server, for hosts that do not sign in with the SDK.

use async_trait::async_trait;
use minihost::{
    User, UserId,
    ports::{SessionError, UserSession, UserToken},
};
use serde_json::Value;

use crate::failure::Failure;
use crate::settings::SignInCall;

/// Who is signed in and what the server takes for it.
pub(crate) struct OwnSession {
    user: User,
    token: UserToken,
}

impl OwnSession {
    /// Signs in.
    pub(crate) async fn begin(call: &SignInCall, user: &str) -> Result<Self, Failure> {
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()?;
        let post = http.post(&call.url);
        let post = match &call.json {
            Some(json) if call.form.is_empty() => post.json(json),
            None => post.form(&call.form),
            Some(_) => return Err(Failure::new("`sign_in.call` has two bodies")),
        };
        let response = post.send().await?;
        // A sign-in of browsers ends with a redirect, whose cookie counts.
        if !response.status().is_success() && !response.status().is_redirection() {
            return Err(Failure::new(format!(
                "the sign-in was answered with {}",
                response.status()
            )));
        }
        let token = match (&call.cookie, &call.token) {
            (Some(name), None) => cookie(&response, name),
            (None, Some(pointer)) => {
                let body: Value = response.json().await?;
                body.pointer(pointer).and_then(Value::as_str).map(str::to_owned)
            }
            _ => return Err(Failure::new("`sign_in.call` needs either `cookie` or `token`")),
        };
        let token = token.ok_or_else(|| Failure::new("the sign-in gave no token"))?;
        Ok(Self::of(user, &token))
    }

    /// Whoever this token is of.
    pub(crate) fn of(user: &str, token: &str) -> Self {
        let user = User { id: UserId::new(user), display_name: user.to_owned(), epoch: 1 };
        Self { user, token: UserToken::new(token) }
    }
}

fn cookie(response: &reqwest::Response, name: &str) -> Option<String> {
    let cookies = response.headers().get_all("set-cookie").iter();
    let mut pairs =
        cookies.filter_map(|cookie| cookie.to_str().ok()?.split(';').next()?.split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value.to_owned())
}

#[async_trait]
impl UserSession for OwnSession {
    fn current_user(&self) -> Option<User> {
        Some(self.user.clone())
    }

    async fn access_token(&self, user: &User) -> Result<UserToken, SessionError> {
        if *user == self.user { Ok(self.token.clone()) } else { Err(SessionError::AccountChanged) }
    }

    async fn refresh_after_rejection(
        &self,
        _: &User,
        _: &UserToken,
    ) -> Result<UserToken, SessionError> {
        Err(SessionError::SignInEnded)
    }

    async fn sign_out(&self) -> Result<(), SessionError> {
        Ok(())
    }
}
