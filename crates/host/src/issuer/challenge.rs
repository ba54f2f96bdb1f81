//! The `challenge` profile.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use minihost_core::{CodeRequest, GrantId, IssuedCode, Issuer, Scope};
use tokio::time::timeout;
use url::Url;

use super::{
    ClientAuthentication, Discovery, InvalidIssuer, IssueError, ServerAddress,
    challenge_answer::{self, Setback},
    server_metadata::HostMediation,
};
use crate::{
    clock::Clock,
    http::{Answer, Exchange, Form, Refusal, redact},
    ports::{CodeIssuer, GrantEnding, HttpRequest, HttpTransport, UserSession, UserToken},
};

const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

/// The longest `request_uri` that is taken, in bytes.
const LONGEST_REQUEST_URI: usize = 512;

/// How a host makes code requests.
pub struct ChallengeConfig {
    /// The authorization server. Its endpoints are found by its metadata at the first request.
    pub issuer: Issuer,
    /// The host's own credentials.
    pub client: ClientAuthentication,
}

/// Makes code requests at the authorization challenge endpoint, as the host, for the user who is
/// signed in.
///
/// A rejected user token is refreshed once and the request made once more; nothing else is
/// repeated once bytes were sent. The consent evidence always goes with the request.
pub struct ChallengeIssuer {
    client: ClientAuthentication,
    discovery: Arc<Discovery>,
    exchange: Exchange,
    user_session: Arc<dyn UserSession>,
}

struct Attempt<'a> {
    endpoint: Url,
    /// Where browsers go.
    web: Option<&'a Url>,
    issuer: &'a Issuer,
    request: &'a CodeRequest,
}

impl ChallengeIssuer {
    /// An issuer that has not talked to its server yet.
    ///
    /// # Errors
    /// [`InvalidIssuer`].
    pub fn new(
        config: ChallengeConfig,
        transport: Arc<dyn HttpTransport>,
        user_session: Arc<dyn UserSession>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, InvalidIssuer> {
        let ChallengeConfig { issuer, client } = config;
        let exchange = Exchange::new(transport, clock.clone());
        let discovery = Discovery::new(ServerAddress::new(issuer)?, exchange.clone(), clock);
        Ok(Self { client, discovery, exchange, user_session })
    }

    async fn run(&self, request: &CodeRequest) -> Result<IssuedCode, IssueError> {
        let metadata = self.discovery.metadata().await?;
        let endpoint = match (metadata.host_mediation, &metadata.challenge_endpoint) {
            (HostMediation::Supported, Some(endpoint)) => endpoint.clone(),
            _ => return Err(IssueError::MediationNotSupported),
        };
        let web = metadata.authorization_endpoint.as_ref();
        let attempt = Attempt { endpoint, web, issuer: &metadata.issuer, request };
        let mut token = self.user_session.access_token(request.user()).await?;
        let (mut refreshed, mut restarted) = (false, false);
        loop {
            match self.attempt(&attempt, &token).await {
                Ok(issued) => return Ok(issued),
                Err(Setback::UserToken) if refreshed => return Err(IssueError::UserTokenRejected),
                Err(Setback::UserToken) => {
                    refreshed = true;
                    let user = request.user();
                    token = self.user_session.refresh_after_rejection(user, &token).await?;
                }
                Err(Setback::Session) if restarted => return Err(IssueError::InvalidSession),
                Err(Setback::Session) => restarted = true,
                Err(Setback::Final(error)) => return Err(error),
            }
        }
    }

    async fn delete_grant(
        &self,
        grant: &GrantId,
        time_allowed: Duration,
    ) -> Result<GrantEnding, IssueError> {
        let metadata = self.discovery.metadata().await?;
        let Some(mut url) = metadata.grant_management_endpoint.clone() else {
            return Ok(GrantEnding::LocalOnly);
        };
        let opaque =
            || IssueError::BadMetadata { what: "its grant_management_endpoint has no path" };
        url.path_segments_mut().map_err(|()| opaque())?.pop_if_empty().push(grant.as_str());
        let mut form = Form::empty();
        let authorization = self.client.apply(&mut form);
        let mut delete = HttpRequest::delete(url, form.encode_some(), time_allowed);
        if let Some(authorization) = authorization {
            delete = delete.authorized(authorization);
        }
        match self.exchange.send_delete(delete).await? {
            None => Ok(GrantEnding::Ended),
            Some(refusal) => match challenge_answer::setback(&refusal) {
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
        let Attempt { endpoint, web, issuer, request } = attempt;
        let mut form = form(request, token);
        let authorization = self.client.apply(&mut form);
        let mut post =
            HttpRequest::post_form(endpoint.clone(), form.encode(), request.time_allowed());
        if let Some(authorization) = authorization {
            post = post.authorized(authorization);
        }
        match self.exchange.send(post).await {
            Ok(Answer::Success(response)) => {
                challenge_answer::read(response.body(), request, issuer).map_err(Setback::Final)
            }
            Ok(Answer::Refused(refusal)) => {
                self.note(request, token, &refusal);
                Err(match challenge_answer::setback(&refusal) {
                    Setback::Final(IssueError::RedirectToWeb { .. }) => {
                        let page = self.web_page(*web, refusal.request_uri.as_deref());
                        Setback::Final(IssueError::RedirectToWeb { page })
                    }
                    other => other,
                })
            }
            Err(fault) => Err(Setback::Final(fault.into())),
        }
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
    fn note(&self, request: &CodeRequest, token: &UserToken, refusal: &Refusal) {
        let sent = [token.expose(), self.client.expose_secret()];
        tracing::debug!(
            correlation = %request.correlation(),
            status = refusal.status,
            error = redact(&refusal.error, &sent),
            description = refusal.description.as_deref().map(|text| redact(text, &sent)),
            "the authorization server refused a code request",
        );
    }
}

#[async_trait]
impl CodeIssuer for ChallengeIssuer {
    async fn issue(&self, request: &CodeRequest) -> Result<IssuedCode, IssueError> {
        let run = timeout(request.time_allowed(), self.run(request));
        run.await.unwrap_or(Err(IssueError::Deadline))
    }

    async fn end_grant(
        &self,
        grant: &GrantId,
        time_allowed: Duration,
    ) -> Result<GrantEnding, IssueError> {
        let run = timeout(time_allowed, self.delete_grant(grant, time_allowed));
        run.await.unwrap_or(Err(IssueError::Deadline))
    }
}

fn form(request: &CodeRequest, token: &UserToken) -> Form {
    let asked = request.asked();
    let mut form = Form::new("response_type", "code");
    form.add("target_client_id", asked.client_id.as_str());
    form.add("redirect_uri", asked.redirect_uri.as_str());
    form.add("scope", Scope::join(request.scopes()));
    form.add("code_challenge", asked.code_challenge.as_str());
    form.add("code_challenge_method", "S256");
    form.add_some("nonce", asked.nonce.as_deref());
    form.add_some("resource", asked.audience.as_ref().map(|audience| audience.as_str()));
    form.add_some("acr_values", joined(&asked.acr_values));
    form.add_some("max_age", asked.max_age.map(|seconds| seconds.to_string()));
    form.add("subject_token", token.expose());
    form.add("subject_token_type", ACCESS_TOKEN);
    let consent = serde_json::to_string(request.evidence());
    form.add("consent", consent.expect("evidence is made of strings"));
    form
}

fn joined(values: &[String]) -> Option<String> {
    (!values.is_empty()).then(|| values.join(" "))
}
