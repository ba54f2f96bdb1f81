//! The `relay` profile: the host's own backend makes the code request.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use minihost_core::{CodeRequest, GrantId, IssuedCode, Issuer, Scope};
use serde::{Deserialize, Serialize};
use url::Url;
use zeroize::Zeroizing;

use super::{
    InvalidSettings, IssueError,
    grant_handle::GrantHandle,
    relay_answer,
    server::in_time,
    setback::{Attempts, Setback},
    wanted::{Evidence, Wanted},
};
use crate::{
    clock::Clock,
    http::{Exchange, is_json, secure_url},
    ports::{
        CodeIssuer, GrantEnding, HttpRequest, HttpTransport, SecretBytes, UserSession, UserToken,
    },
};

/// How a host makes code requests through its own backend.
pub struct RelayConfig {
    /// The authorization server behind the backend; no request goes there.
    pub issuer: Issuer,
    /// Where the backend is.
    pub settings: RelaySettings,
}

/// Where the backend is.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RelaySettings {
    /// The backend's address, without `/v1`.
    pub base: String,
}

/// Makes code requests at the host's backend, which holds the host's credentials: the way for phones.
///
/// A rejected user token is refreshed once and the request made once more; nothing else is repeated
/// once bytes were sent.
pub struct RelayIssuer {
    issuer: Issuer,
    codes: Url,
    grants: Url,
    exchange: Exchange,
    user_session: Arc<dyn UserSession>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    client_id: &'a str,
    redirect_uri: &'a str,
    scopes: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    audience: Option<&'a str>,
    code_challenge: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    acr_values: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    max_age: Option<u64>,
    consent: Evidence<'a>,
}

impl RelayIssuer {
    /// An issuer that has not talked to its backend yet.
    ///
    /// # Errors
    /// [`InvalidSettings`].
    pub fn new(
        config: RelayConfig,
        transport: Arc<dyn HttpTransport>,
        user_session: Arc<dyn UserSession>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, InvalidSettings> {
        let RelayConfig { issuer, settings } = config;
        let endpoint = |name| {
            let mut url = secure_url(&settings.base).ok().filter(|url| url.query().is_none())?;
            url.path_segments_mut().ok()?.pop_if_empty().extend(["v1", name]);
            Some(url)
        };
        let (Some(codes), Some(grants)) = (endpoint("codes"), endpoint("grants")) else {
            return Err(InvalidSettings::new(
                "`base` must be an https URL, or http on the loopback interface, without query and fragment",
            ));
        };
        let exchange = Exchange::new(transport, clock);
        Ok(Self { issuer, codes, grants, exchange, user_session })
    }

    async fn run(&self, wanted: &Wanted<'_>) -> Result<IssuedCode, IssueError> {
        let body = body(wanted);
        let mut attempts = Attempts::new(self.user_session.as_ref(), wanted.user).await?;
        loop {
            match self.attempt(wanted, &body, &attempts.token).await {
                Ok(issued) => return Ok(issued),
                Err(setback) => attempts.after(setback).await?,
            }
        }
    }

    async fn attempt(
        &self,
        wanted: &Wanted<'_>,
        body: &str,
        token: &UserToken,
    ) -> Result<IssuedCode, Setback> {
        let body = SecretBytes::new(body);
        let post = HttpRequest::post_json(self.codes.clone(), body, wanted.time_allowed)
            .with_header("idempotency-key", Zeroizing::new(wanted.jti.to_owned()));
        let post = token.authorize(post);
        let response = self.exchange.response(post).await?;
        if response.status() == 200 && is_json(&response) {
            return Ok(relay_answer::read(response.body(), wanted, &self.issuer)?);
        }
        Err(relay_answer::refusal(&self.exchange, response, &self.codes))
    }

    async fn delete(
        &self,
        grant: &GrantId,
        time_allowed: Duration,
    ) -> Result<GrantEnding, IssueError> {
        let Some(handle) = GrantHandle::read(grant) else { return Ok(GrantEnding::LocalOnly) };
        let session = self.user_session.as_ref();
        let user = handle.present_user(session)?;
        let mut url = self.grants.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.push(&handle.client);
        }
        let mut attempts = Attempts::new(session, &user).await?;
        loop {
            let delete = HttpRequest::delete(url.clone(), None, time_allowed);
            let response = self.exchange.response(attempts.token.authorize(delete)).await?;
            if let Some(ending) = relay_answer::ending(&response) {
                return Ok(ending);
            }
            attempts.after(relay_answer::refusal(&self.exchange, response, &url)).await?;
        }
    }
}

#[async_trait]
impl CodeIssuer for RelayIssuer {
    async fn issue(&self, request: &CodeRequest) -> Result<IssuedCode, IssueError> {
        let wanted = request.into();
        in_time(request.time_allowed(), self.run(&wanted)).await
    }

    async fn end_grant(
        &self,
        grant: &GrantId,
        time_allowed: Duration,
    ) -> Result<GrantEnding, IssueError> {
        in_time(time_allowed, self.delete(grant, time_allowed)).await
    }
}

fn body(wanted: &Wanted<'_>) -> String {
    let asked = wanted.asked;
    let body = Body {
        client_id: asked.client_id.as_str(),
        redirect_uri: asked.redirect_uri.as_str(),
        scopes: wanted.scopes.iter().map(Scope::as_str).collect(),
        audience: asked.audience.as_ref().map(|audience| audience.as_str()),
        code_challenge: &asked.code_challenge,
        nonce: asked.nonce.as_deref(),
        acr_values: &asked.acr_values,
        max_age: asked.max_age,
        consent: wanted.consent,
    };
    serde_json::to_string(&body).expect("a request is made of strings")
}
