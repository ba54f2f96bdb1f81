//! The `authorize` profile.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use minihost_core::{CodeRequest, GrantId, IssuedCode, Issuer};
use url::Url;
use zeroize::Zeroizing;

use super::{
    AuthorizeSettings, ClientAuthentication, InvalidSettings, IssueError, UserProof,
    authorize_answer,
    front_channel::{AsHost, FrontChannel},
    grant_handle::GrantHandle,
    server::{Server, in_time},
    server_metadata::ServerMetadata,
    setback::{Attempts, Setback},
    template::Values,
    wanted::Wanted,
};
use crate::{
    clock::Clock,
    http::Form,
    ports::{CodeIssuer, GrantEnding, HttpTransport, UserSession, UserToken},
};

/// How a host makes code requests at an ordinary authorization endpoint.
pub struct AuthorizeConfig {
    /// The authorization server. Its endpoints are found by its metadata at the first request.
    pub issuer: Issuer,
    /// What the server is like.
    pub settings: AuthorizeSettings,
}

/// Makes code requests at the authorization endpoint (RFC 6749 §4.1.1) as a browser would, with a
/// proof of the user in the place of a browser's session.
///
/// The code is read from the redirect to the mini-program, which is never followed; redirects within
/// the server are, up to a limit and with cookies of their own. A rejected user token is refreshed
/// once and everything begun once more.
pub struct AuthorizeIssuer {
    profile: AuthorizeProfile,
    user_session: Arc<dyn UserSession>,
}

impl AuthorizeIssuer {
    /// An issuer that has not talked to its server yet.
    ///
    /// # Errors
    /// [`InvalidSettings`], also for settings with more power than an app may hold.
    pub fn new(
        config: AuthorizeConfig,
        transport: Arc<dyn HttpTransport>,
        user_session: Arc<dyn UserSession>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, InvalidSettings> {
        let AuthorizeConfig { issuer, settings } = config;
        settings.refuse_power()?;
        let server = Server::new(issuer, transport, clock)?;
        let profile = AuthorizeProfile::new(server, settings, None)?;
        Ok(Self { profile, user_session })
    }
}

#[async_trait]
impl CodeIssuer for AuthorizeIssuer {
    async fn issue(&self, request: &CodeRequest) -> Result<IssuedCode, IssueError> {
        self.profile.issue(&request.into(), self.user_session.as_ref()).await
    }

    async fn end_grant(
        &self,
        grant: &GrantId,
        time_allowed: Duration,
    ) -> Result<GrantEnding, IssueError> {
        self.profile.end_grant(grant, self.user_session.as_ref(), time_allowed).await
    }
}

/// The profile, whoever holds the user's session.
pub(super) struct AuthorizeProfile {
    settings: AuthorizeSettings,
    /// For calls that are made as the host.
    client: Option<ClientAuthentication>,
    server: Server,
}

impl AuthorizeProfile {
    pub(super) fn new(
        server: Server,
        settings: AuthorizeSettings,
        client: Option<ClientAuthentication>,
    ) -> Result<Self, InvalidSettings> {
        settings.check()?;
        Ok(Self { settings, client, server })
    }

    pub(super) async fn issue(
        &self,
        wanted: &Wanted<'_>,
        session: &dyn UserSession,
    ) -> Result<IssuedCode, IssueError> {
        in_time(wanted.time_allowed, self.run(wanted, session)).await
    }

    pub(super) async fn end_grant(
        &self,
        grant: &GrantId,
        session: &dyn UserSession,
        time_allowed: Duration,
    ) -> Result<GrantEnding, IssueError> {
        in_time(time_allowed, self.revoke(grant, session, time_allowed)).await
    }

    async fn run(
        &self,
        wanted: &Wanted<'_>,
        session: &dyn UserSession,
    ) -> Result<IssuedCode, IssueError> {
        let metadata = self.server.metadata().await?;
        let mut attempts = Attempts::new(session, wanted.user).await?;
        loop {
            match self.attempt(&metadata, wanted, &attempts.token).await {
                Ok(issued) => return Ok(issued),
                Err(setback) => attempts.after(setback).await?,
            }
        }
    }

    async fn attempt(
        &self,
        metadata: &ServerMetadata,
        wanted: &Wanted<'_>,
        token: &UserToken,
    ) -> Result<IssuedCode, Setback> {
        let mut channel = self.channel(metadata, token, wanted.time_allowed)?;
        let mut values = Values::default();
        values.set_wanted(wanted);
        values.set("user_token", token.expose());
        self.identify(&mut channel, &mut values).await?;
        for call in &self.settings.before {
            channel.call(call, &mut values).await?;
        }

        let state = new_state();
        let form = self.form(wanted, &state, &values);
        let client = wanted.asked.client_id.as_str();
        let query = if self.settings.public_clients.contains(client) {
            let endpoint = metadata.pushed_authorization_request_endpoint.as_ref();
            let endpoint = endpoint.ok_or(IssueError::BadMetadata {
                what: "it has no pushed_authorization_request_endpoint",
            })?;
            let request_uri = channel.push(endpoint, &form).await?;
            let mut query = Form::new("client_id", client);
            query.add("request_uri", request_uri);
            self.settings.parameters.add_to(&mut query, &values);
            query
        } else {
            form
        };
        let redirect_uri = wanted.asked.redirect_uri.as_str();
        let answer = channel.follow(&query, redirect_uri, self.settings.max_hops).await?;
        let expected = authorize_answer::Expected {
            wanted,
            state: &state,
            issuer: &metadata.issuer,
            names_issuer: metadata.response_names_issuer,
        };
        let mut issued = authorize_answer::read(&answer, &expected)?;
        if self.settings.revoke.is_some() {
            issued.grant_id = Some(GrantHandle::of(wanted, None).to_grant_id());
        }
        Ok(issued)
    }

    fn channel<'a>(
        &'a self,
        metadata: &'a ServerMetadata,
        user: &'a UserToken,
        time_allowed: Duration,
    ) -> Result<FrontChannel<'a>, IssueError> {
        let endpoint = match &self.settings.endpoint {
            Some(endpoint) => Url::parse(endpoint).ok(),
            None => metadata.authorization_endpoint.clone(),
        };
        let endpoint =
            endpoint.ok_or(IssueError::BadMetadata { what: "it has no authorization_endpoint" })?;
        let elsewhere = &self.settings.login_origins;
        let host = self.client.as_ref();
        let host = host.map(|client| AsHost { client, issuer: &metadata.issuer });
        let exchange = &self.server.exchange;
        Ok(FrontChannel::new(exchange, endpoint, host, elsewhere, user, time_allowed))
    }

    /// Lets the server know the user by all that follows.
    async fn identify(
        &self,
        channel: &mut FrontChannel<'_>,
        values: &mut Values,
    ) -> Result<(), Setback> {
        match &self.settings.user {
            UserProof::Bearer => channel.show_token(),
            UserProof::Cookie(name) => channel.put_cookie(name, values.get("user_token")),
            UserProof::Parameter(_) => {}
            UserProof::Session(calls) => {
                for call in calls.as_slice() {
                    channel.call(call, values).await?;
                }
            }
        }
        Ok(())
    }

    fn form(&self, wanted: &Wanted<'_>, state: &str, values: &Values) -> Form {
        let mut form = wanted.form("client_id");
        form.add("state", state);
        self.settings.parameters.apply(&mut form, values);
        if let UserProof::Parameter(name) = &self.settings.user {
            form.add(name.clone(), values.get("user_token"));
        }
        form
    }

    async fn revoke(
        &self,
        grant: &GrantId,
        session: &dyn UserSession,
        time_allowed: Duration,
    ) -> Result<GrantEnding, IssueError> {
        let (Some(call), Some(handle)) = (&self.settings.revoke, GrantHandle::read(grant)) else {
            return Ok(GrantEnding::LocalOnly);
        };
        let user = handle.present_user(session)?;
        let metadata = self.server.metadata().await?;
        let mut attempts = Attempts::new(session, &user).await?;
        loop {
            let mut channel = self.channel(&metadata, &attempts.token, time_allowed)?;
            let mut values = Values::default();
            values.set("user_id", user.id.as_str());
            values.set("user_name", user.display_name.as_str());
            values.set("user_token", attempts.token.expose());
            values.set("client_id", handle.client.as_str());
            let done = async {
                self.identify(&mut channel, &mut values).await?;
                channel.end(call, &mut values).await
            };
            match done.await {
                Ok(()) => return Ok(GrantEnding::Ended),
                Err(setback) => attempts.after(setback).await?,
            }
        }
    }
}

/// Binds the answer to the request (RFC 6749 §10.12). The mini-program's own state never leaves the
/// bridge.
fn new_state() -> Zeroizing<String> {
    let mut bytes = [0; 24];
    getrandom::fill(&mut bytes).expect("the operating system has a source of randomness");
    Zeroizing::new(URL_SAFE_NO_PAD.encode(bytes))
}
