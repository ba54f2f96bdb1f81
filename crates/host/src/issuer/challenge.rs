//! The `challenge` profile.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use async_trait::async_trait;
use minihost_core::{CodeRequest, GrantId, IssuedCode, Issuer};
use serde::Deserialize;
use url::Url;

use super::{
    ClientAuthentication, Destination, InvalidSettings, IssueError, ParameterSettings,
    challenge_answer,
    parameters::Known,
    server::{Server, in_time},
    server_metadata::{HostMediation, ServerMetadata},
    setback::{Attempts, Setback, setback},
    template::Values,
    wanted::Wanted,
};
use crate::{
    clock::Clock,
    http::{Answer, Form, Refusal, redact, secure_url},
    ports::{CodeIssuer, GrantEnding, HttpTransport, UserSession, UserToken},
};

const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

/// The longest `request_uri` that is taken, in bytes.
const LONGEST_REQUEST_URI: usize = 512;

const PARAMETERS: Known = Known {
    all: &[
        "response_type",
        "target_client_id",
        "redirect_uri",
        "scope",
        "code_challenge",
        "code_challenge_method",
        "nonce",
        "resource",
        "acr_values",
        "max_age",
        "subject_token",
        "subject_token_type",
        "consent",
    ],
    bound: &[
        "target_client_id",
        "scope",
        "code_challenge",
        "code_challenge_method",
        "subject_token",
    ],
    reserved: &["client_id", "client_secret", "client_assertion", "client_assertion_type"],
};

/// How a host makes code requests.
pub struct ChallengeConfig {
    /// The authorization server. Its endpoints are found by its metadata at the first request.
    pub issuer: Issuer,
    /// The host's own credentials.
    pub client: ClientAuthentication,
}

/// What a server with an authorization challenge endpoint is like. All settings have a default: that
/// of a server whose metadata has `host_mediation_supported`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ChallengeSettings {
    /// The endpoint, where the metadata does not say that it issues codes to hosts.
    pub endpoint: Option<String>,
    /// How the parameters differ.
    pub parameters: ParameterSettings,
}

/// Makes code requests at the authorization challenge endpoint, as the host, for the user who is
/// signed in.
///
/// A rejected user token is refreshed once and the request made once more; nothing else is
/// repeated once bytes were sent. The consent evidence always goes with the request.
pub struct ChallengeIssuer {
    profile: ChallengeProfile,
    user_session: Arc<dyn UserSession>,
}

impl ChallengeIssuer {
    /// An issuer that has not talked to its server yet.
    ///
    /// # Errors
    /// [`InvalidSettings`].
    pub fn new(
        config: ChallengeConfig,
        transport: Arc<dyn HttpTransport>,
        user_session: Arc<dyn UserSession>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, InvalidSettings> {
        let settings = ChallengeSettings::default();
        Self::with_settings(config, settings, transport, user_session, clock)
    }

    /// The same for a server that differs from the profile.
    ///
    /// # Errors
    /// [`InvalidSettings`].
    pub fn with_settings(
        config: ChallengeConfig,
        settings: ChallengeSettings,
        transport: Arc<dyn HttpTransport>,
        user_session: Arc<dyn UserSession>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, InvalidSettings> {
        let ChallengeConfig { issuer, client } = config;
        let server = Server::new(issuer, transport, clock)?;
        let profile = ChallengeProfile::new(server, settings, client)?;
        Ok(Self { profile, user_session })
    }
}

#[async_trait]
impl CodeIssuer for ChallengeIssuer {
    async fn issue(&self, request: &CodeRequest) -> Result<IssuedCode, IssueError> {
        self.profile.issue(&request.into(), self.user_session.as_ref()).await
    }

    async fn end_grant(
        &self,
        grant: &GrantId,
        time_allowed: Duration,
    ) -> Result<GrantEnding, IssueError> {
        self.profile.end_grant(grant, time_allowed).await
    }
}

impl ChallengeSettings {
    fn check(&self, client: &ClientAuthentication) -> Result<(), InvalidSettings> {
        if let ClientAuthentication::Relay { .. } = client {
            return Err(InvalidSettings::new(
                "with credentials that the host's backend holds, the backend must make the code requests: take the \
                 profile `relay` with its address, or give the host credentials of its own",
            ));
        }
        if self.endpoint.as_deref().is_some_and(|endpoint| secure_url(endpoint).is_err()) {
            return Err(InvalidSettings::new(
                "`endpoint` must be an https URL, or http on the loopback interface",
            ));
        }
        self.parameters.check(&PARAMETERS, &BTreeSet::new())
    }
}

/// The profile, whoever holds the user's session.
pub(super) struct ChallengeProfile {
    client: ClientAuthentication,
    settings: ChallengeSettings,
    server: Server,
}

struct Attempt<'a> {
    endpoint: Url,
    /// Where browsers go.
    web: Option<&'a Url>,
    issuer: &'a Issuer,
    wanted: &'a Wanted<'a>,
}

impl ChallengeProfile {
    pub(super) fn new(
        server: Server,
        settings: ChallengeSettings,
        client: ClientAuthentication,
    ) -> Result<Self, InvalidSettings> {
        settings.check(&client)?;
        Ok(Self { client, settings, server })
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
        time_allowed: Duration,
    ) -> Result<GrantEnding, IssueError> {
        in_time(time_allowed, self.delete_grant(grant, time_allowed)).await
    }

    async fn run(
        &self,
        wanted: &Wanted<'_>,
        session: &dyn UserSession,
    ) -> Result<IssuedCode, IssueError> {
        let metadata = self.server.metadata().await?;
        let endpoint = self.endpoint(&metadata)?;
        let web = metadata.authorization_endpoint.as_ref();
        let attempt = Attempt { endpoint, web, issuer: &metadata.issuer, wanted };
        let mut attempts = Attempts::new(session, wanted.user).await?;
        loop {
            match self.attempt(&attempt, &attempts.token).await {
                Ok(issued) => return Ok(issued),
                Err(setback) => attempts.after(setback).await?,
            }
        }
    }

    fn endpoint(&self, metadata: &ServerMetadata) -> Result<Url, IssueError> {
        let named = self.settings.endpoint.as_deref().and_then(|text| Url::parse(text).ok());
        match (named, metadata.host_mediation, &metadata.challenge_endpoint) {
            (Some(endpoint), _, _) => Ok(endpoint),
            (None, HostMediation::Supported, Some(endpoint)) => Ok(endpoint.clone()),
            _ => Err(IssueError::MediationNotSupported),
        }
    }

    async fn delete_grant(
        &self,
        grant: &GrantId,
        time_allowed: Duration,
    ) -> Result<GrantEnding, IssueError> {
        let metadata = self.server.metadata().await?;
        let Some(mut url) = metadata.grant_management_endpoint.clone() else {
            return Ok(GrantEnding::LocalOnly);
        };
        let opaque =
            || IssueError::BadMetadata { what: "its grant_management_endpoint has no path" };
        url.path_segments_mut().map_err(|()| opaque())?.pop_if_empty().push(grant.as_str());
        let destination = self.destination(&metadata.issuer, &url);
        let delete = self.client.delete(destination, time_allowed).await?;
        match self.server.exchange.send_delete(delete).await? {
            None => Ok(GrantEnding::Ended),
            Some(refusal) => match setback(&refusal) {
                Setback::Final(error) => Err(error),
                Setback::UserToken | Setback::Session => {
                    Err(IssueError::HostRejected { error: "invalid_client" })
                }
            },
        }
    }

    async fn attempt(
        &self,
        attempt: &Attempt<'_>,
        token: &UserToken,
    ) -> Result<IssuedCode, Setback> {
        let Attempt { endpoint, web, issuer, wanted } = attempt;
        let destination = self.destination(issuer, endpoint);
        let form = self.form(wanted, token);
        let post = self.client.post(form, destination, wanted.time_allowed).await;
        let post = token.accompany(post.map_err(IssueError::from)?);
        match self.server.exchange.send(post).await? {
            Answer::Success(response) => {
                Ok(challenge_answer::read(response.body(), wanted, issuer)?)
            }
            Answer::Refused(refusal) => {
                self.note(wanted, token, &refusal);
                Err(match setback(&refusal) {
                    Setback::Final(IssueError::RedirectToWeb { .. }) => {
                        let page = self.web_page(*web, refusal.request_uri.as_deref());
                        IssueError::RedirectToWeb { page }.into()
                    }
                    other => other,
                })
            }
        }
    }

    fn destination<'a>(&self, issuer: &'a Issuer, endpoint: &'a Url) -> Destination<'a> {
        Destination { issuer, endpoint, now: self.server.exchange.now() }
    }

    fn form(&self, wanted: &Wanted<'_>, token: &UserToken) -> Form {
        let mut form = wanted.form("target_client_id");
        form.add("subject_token", token.expose());
        form.add("subject_token_type", ACCESS_TOKEN);
        form.add("consent", wanted.consent.to_json());
        let (parameters, mut values) = (&self.settings.parameters, Values::default());
        if !parameters.add.is_empty() {
            values.set_wanted(wanted);
        }
        parameters.apply(&mut form, &values);
        form
    }

    /// Where a browser goes on with what the server has made ready for it (RFC 9126 §4), as the
    /// host: an ordinary authorization request would give a code for whoever is signed in there.
    fn web_page(&self, endpoint: Option<&Url>, request_uri: Option<&str>) -> Option<Url> {
        let request_uri = request_uri.filter(|uri| uri.len() <= LONGEST_REQUEST_URI)?;
        Url::parse(request_uri).ok()?;
        let mut page = endpoint?.clone();
        let mut query = page.query_pairs_mut();
        query.append_pair("client_id", self.client.client_id().as_str());
        query.append_pair("request_uri", request_uri);
        drop(query);
        Some(page)
    }

    /// The server's own words, for the host's log alone.
    fn note(&self, wanted: &Wanted<'_>, token: &UserToken, refusal: &Refusal) {
        let sent = [token.expose(), self.client.expose_secret()];
        tracing::debug!(
            correlation = %wanted.correlation,
            status = refusal.status,
            error = redact(&refusal.error, &sent),
            description = refusal.description.as_deref().map(|text| redact(text, &sent)),
            "the authorization server refused a code request",
        );
    }
}
