//! Answering for the user what another device asks (RFC 8628): a browser that wants to sign in, or a
//! client that has no browser. The device shows a code, and the user types it into the host.
//!
//! An extension of this project's authorization server: `device_approval_endpoint` in its metadata.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use minihost_core::{Audience, ClientId, ConsentEvidence, Locale, Scope, User};
use serde::Deserialize;
use url::Url;
use zeroize::Zeroizing;

use super::{device_consent::evidence, sign_in_error::host_rejection, token_session::Inner};
use crate::{
    http::{Answer, Fault, Form, Refusal},
    issuer::{CredentialError, DiscoveryError},
    ports::{HttpRequest, SessionError, UserSession as _, UserToken},
    session::TokenSession,
};

const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
const TIME_ALLOWED: Duration = Duration::from_secs(15);
/// The longest text that is taken of what a device says of itself, in characters.
const LONGEST: usize = 512;

/// What waits elsewhere for this user's yes or no. Has no `Debug`: the code in it answers.
pub struct DeviceRequest {
    code: Zeroizing<String>,
    user: User,
    asked: DeviceAsked,
}

/// What the user must be shown before they answer. The texts about the device are its own word, and
/// may hold anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceAsked {
    /// The client that asks; `None` where it is a browser that signs in to the authorization server
    /// itself.
    pub client: Option<DeviceClient>,
    /// The IP address that the request came from.
    pub address: Option<String>,
    /// What the device's software calls itself: its `User-Agent`.
    pub user_agent: Option<String>,
    /// When it asked.
    pub requested_at: Timestamp,
    /// How long it can still be answered.
    pub expires_in: Duration,
}

/// A client, and what it asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceClient {
    /// Its id.
    pub id: ClientId,
    /// Its name, and its names by language tag.
    pub name: Localized,
    /// Who is responsible for it.
    pub publisher: Option<Localized>,
    /// What it wants to be allowed.
    pub scopes: BTreeSet<Scope>,
    /// The resources that its tokens will be for (RFC 8707); none where they are for the authorization
    /// server itself.
    pub resources: Vec<Audience>,
}

/// A text for people, with variants by language tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Localized {
    default: String,
    variants: BTreeMap<String, String>,
}

/// The user's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeviceDecision {
    /// Let it in, with all that it asks for. To a client this is a consent, and the server is told of it
    /// as of any other: who asked for what, and in which words.
    Approve {
        /// The language in which the user read what asks.
        read_in: Locale,
    },
    /// Turn it away.
    Deny,
}

/// Why a request was not found, or not answered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DeviceRequestError {
    /// There is no open request with this code: it was mistyped, answered, or has expired.
    #[error("no open request has this code; let the user look again, or have the device ask anew")]
    Unknown,
    /// The user has tried too many wrong codes.
    #[error("too many wrong codes were tried; let the user try again later")]
    Throttled {
        /// Seconds to wait, where the server says.
        retry_after: Option<u64>,
    },
    /// The server does not let this host answer what asks.
    #[error("the authorization server does not let this host answer for the client that asks")]
    NotAllowed,
    /// The server has nothing like it.
    #[error("the authorization server does not let hosts answer for their users")]
    NotSupported,
    /// There is no token of the user.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// The server could not be reached, did not answer in time, or its answer cannot be used.
    #[error("the authorization server did not answer as it should ({0}); let the user try again")]
    Server(String),
}

impl Localized {
    /// The variant for this tag, or the text for all languages.
    pub fn in_language(&self, tag: &str) -> &str {
        self.variants.get(tag).unwrap_or(&self.default)
    }
}

impl DeviceRequest {
    /// What asks.
    pub fn asked(&self) -> &DeviceAsked {
        &self.asked
    }
}

impl TokenSession {
    /// Looks up what shows this code, as the user typed it, for the user who is signed in.
    ///
    /// # Errors
    /// [`DeviceRequestError`].
    pub async fn device_request(&self, typed: &str) -> Result<DeviceRequest, DeviceRequestError> {
        let user = self.current_user().ok_or(SessionError::NotSignedIn)?;
        let code = Zeroizing::new(typed.to_owned());
        let json = self.0.device_approval(&user, &code, None).await?;
        let asked = read(&json)
            .ok_or_else(|| DeviceRequestError::Server("it does not say what asks".to_owned()))?;
        Ok(DeviceRequest { code, user, asked })
    }

    /// Answers it for the user whom it was shown to, who must have been shown all of
    /// [`DeviceRequest::asked`]. An answer that got lost on the way is given
    /// again after another look.
    ///
    /// # Errors
    /// [`DeviceRequestError`]; [`SessionError::AccountChanged`] where another user is signed in by
    /// now.
    pub async fn answer_device_request(
        &self,
        request: DeviceRequest,
        decision: DeviceDecision,
    ) -> Result<(), DeviceRequestError> {
        let DeviceRequest { code, user, asked } = request;
        let answer = match decision {
            DeviceDecision::Deny => Answered { decision: "deny", consent: None },
            DeviceDecision::Approve { read_in } => {
                let now = self.0.clock.now().time;
                let client = asked.client.as_ref();
                let consent = client.map(|client| evidence(&asked, client, read_in, now));
                Answered { decision: "approve", consent }
            }
        };
        self.0.device_approval(&user, &code, Some(&answer)).await.map(drop)
    }
}

/// What is passed on.
struct Answered {
    decision: &'static str,
    consent: Option<ConsentEvidence>,
}

impl Inner {
    /// Asks as the host for its user. A rejected user token is refreshed once.
    async fn device_approval(
        self: &Arc<Self>,
        user: &User,
        code: &str,
        answer: Option<&Answered>,
    ) -> Result<Vec<u8>, DeviceRequestError> {
        let metadata = self.discovery.metadata().await?;
        let endpoint = metadata.device_approval_endpoint.clone();
        let endpoint = endpoint.ok_or(DeviceRequestError::NotSupported)?;
        let mut token = self.token(user, None).await?;
        for is_last in [false, true] {
            let request = self.approval(&endpoint, code, answer, &token).await;
            match self.exchange.send(request.map_err(SessionError::from)?).await? {
                Answer::Success(response) => return Ok(response.body().to_vec()),
                Answer::Refused(refusal) if is_user_token(&refusal) && !is_last => {
                    token = self.token(user, Some(&token)).await?;
                }
                Answer::Refused(refusal) => return Err(refused(&refusal)),
            }
        }
        Err(SessionError::Server("it takes no token that it gives".to_owned()).into())
    }

    async fn approval(
        &self,
        endpoint: &Url,
        code: &str,
        answer: Option<&Answered>,
        token: &UserToken,
    ) -> Result<HttpRequest, CredentialError> {
        let mut form = Form::new("user_code", code);
        if let Some(Answered { decision, consent }) = answer {
            form.add("decision", *decision);
            let consent = consent.as_ref().map(|consent| {
                serde_json::to_string(consent).expect("evidence is made of strings")
            });
            form.add_some("consent", consent);
        }
        form.add("subject_token", token.expose());
        form.add("subject_token_type", ACCESS_TOKEN);
        let request = self.as_host(endpoint, form).await?.within(TIME_ALLOWED);
        Ok(token.accompany(request))
    }
}

fn is_user_token(refusal: &Refusal) -> bool {
    matches!(refusal.error.as_str(), "insufficient_authorization" | "invalid_token")
}

fn refused(refusal: &Refusal) -> DeviceRequestError {
    match refusal.error.as_str() {
        "invalid_grant" => DeviceRequestError::Unknown,
        "unauthorized_client" | "invalid_scope" => DeviceRequestError::NotAllowed,
        _ if is_user_token(refusal) => {
            SessionError::Server("it takes no token that it gives".to_owned()).into()
        }
        other => match host_rejection(other) {
            Some(error) => SessionError::HostRejected { error }.into(),
            None => DeviceRequestError::Server("its error code is unknown".to_owned()),
        },
    }
}

impl From<Fault> for DeviceRequestError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Unavailable { status: 429, retry_after } => Self::Throttled { retry_after },
            Fault::Unavailable { retry_after, .. } => {
                SessionError::TemporarilyUnavailable { retry_after }.into()
            }
            Fault::TimedOut => SessionError::TimedOut.into(),
            Fault::Unreachable(detail)
            | Fault::Untrusted(detail)
            | Fault::ConnectionLost(detail) => SessionError::Network(detail).into(),
            Fault::NotTheServer { status, .. } => {
                SessionError::Network(format!("something else answered with status {status}"))
                    .into()
            }
            Fault::Failed { status } => Self::Server(format!("it has status {status}")),
            Fault::Unacceptable(what) => Self::Server(what.to_owned()),
        }
    }
}

impl From<DiscoveryError> for DeviceRequestError {
    fn from(error: DiscoveryError) -> Self {
        match error {
            DiscoveryError::Fault(fault) => fault.into(),
            DiscoveryError::Metadata(error) => {
                Self::Server(format!("its metadata is not usable: {}", error.as_str()))
            }
        }
    }
}

fn read(json: &[u8]) -> Option<DeviceAsked> {
    #[derive(Deserialize)]
    struct Body {
        client_id: Option<String>,
        scope: Option<String>,
        #[serde(default)]
        resource: Vec<String>,
        address: Option<String>,
        user_agent: Option<String>,
        requested_at: Timestamp,
        expires_in: u64,
        #[serde(flatten)]
        names: BTreeMap<String, serde_json::Value>,
    }
    let body: Body = serde_json::from_slice(json).ok()?;
    let client = match body.client_id {
        Some(id) => Some(DeviceClient {
            name: localized(&body.names, "client_name")
                .unwrap_or_else(|| Localized { default: id.clone(), variants: BTreeMap::new() }),
            publisher: localized(&body.names, "publisher_name"),
            scopes: Scope::parse_list(body.scope.as_deref().unwrap_or_default()),
            resources: body.resource.into_iter().map(shortened).map(Audience::new).collect(),
            id: ClientId::new(id),
        }),
        None => None,
    };
    Some(DeviceAsked {
        client,
        address: body.address.map(shortened),
        user_agent: body.user_agent.map(shortened),
        requested_at: body.requested_at,
        expires_in: Duration::from_secs(body.expires_in),
    })
}

/// A member and its variants `member#tag` (OpenID Connect Registration §2.1).
fn localized(names: &BTreeMap<String, serde_json::Value>, member: &str) -> Option<Localized> {
    let default = shortened(names.get(member)?.as_str()?.to_owned());
    let variants = names.iter().filter_map(|(name, value)| {
        let tag = name.strip_prefix(member)?.strip_prefix('#')?;
        Some((tag.to_owned(), shortened(value.as_str()?.to_owned())))
    });
    Some(Localized { default, variants: variants.collect() })
}

fn shortened(text: String) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => text[..end].to_owned(),
        None => text,
    }
}
