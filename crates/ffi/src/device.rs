//! Answering for the user what another device asks (RFC 8628).

use std::sync::{Arc, Mutex, PoisonError};

use minihost::{
    Locale,
    session::{self, DeviceDecision},
};

use crate::{
    MiniHost,
    cancellation::{Cancellation, inner},
    device_error::DeviceRequestError,
    error::HostError,
};

/// The language of what nobody was shown (RFC 5646 §4.1).
const UNDETERMINED: &str = "und";

/// What waits elsewhere for this user's yes or no.
#[derive(uniffi::Object)]
pub struct DeviceRequest {
    asked: session::DeviceAsked,
    read_in: Mutex<Locale>,
    request: Mutex<Option<session::DeviceRequest>>,
}

/// What the user must be shown before they answer. The texts about the device are its own word, and
/// may hold anything.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct DeviceAsked {
    /// The client that asks; none where it is a browser that signs in to the authorization server
    /// itself.
    pub client: Option<DeviceClient>,
    /// The IP address that the request came from.
    pub address: Option<String>,
    /// What the device's software calls itself: its `User-Agent`.
    pub user_agent: Option<String>,
    /// When it asked: milliseconds since 1970-01-01T00:00:00Z.
    pub requested_at_unix_ms: i64,
    /// Seconds that it could still be answered, when it was looked up.
    pub expires_in: u64,
}

/// A client, and what it asks for.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct DeviceClient {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Who is responsible for it.
    pub publisher: Option<String>,
    /// What it wants to be allowed.
    pub scopes: Vec<String>,
    /// Where, besides the authorization server itself (RFC 8707).
    pub resources: Vec<String>,
}

#[uniffi::export]
impl DeviceRequest {
    /// What asks, in the user's language where the server knows names in it, BCP 47. A yes tells the
    /// server that the user read it in the language asked for last.
    ///
    /// # Errors
    /// None yet.
    pub fn asked(&self, language: String) -> Result<DeviceAsked, HostError> {
        let asked = DeviceAsked::of(&self.asked, &language);
        *self.read_in.lock().unwrap_or_else(PoisonError::into_inner) = Locale::new(language);
        Ok(asked)
    }
}

#[uniffi::export]
impl MiniHost {
    /// Looks up what shows this code, as the user typed it, for the user who is signed in.
    ///
    /// # Errors
    /// [`DeviceRequestError`].
    #[uniffi::method(default(cancellation = None))]
    pub async fn device_request(
        &self,
        code: String,
        cancellation: Option<Arc<Cancellation>>,
    ) -> Result<Arc<DeviceRequest>, DeviceRequestError> {
        let found = self.running()?.device_request(code, inner(cancellation));
        found.await
    }

    /// Answers it, once, for the user whom it was shown to. Goes on though it is cancelled.
    ///
    /// # Errors
    /// [`DeviceRequestError`].
    #[uniffi::method(default(cancellation = None))]
    pub async fn answer_device_request(
        &self,
        request: Arc<DeviceRequest>,
        approve: bool,
        cancellation: Option<Arc<Cancellation>>,
    ) -> Result<(), DeviceRequestError> {
        let (decision, cancellation) = (request.decision(approve), inner(cancellation));
        let running = self.running()?;
        let answered = running.answer_device_request(request.take()?, decision, cancellation);
        answered.await
    }
}

impl DeviceRequest {
    pub(crate) fn new(request: session::DeviceRequest) -> Arc<Self> {
        let asked = request.asked().clone();
        let read_in = Mutex::new(Locale::new(UNDETERMINED));
        Arc::new(Self { asked, read_in, request: Mutex::new(Some(request)) })
    }

    /// What can be answered, once.
    pub(crate) fn take(&self) -> Result<session::DeviceRequest, DeviceRequestError> {
        let taken = self.request.lock().unwrap_or_else(PoisonError::into_inner).take();
        taken.ok_or(DeviceRequestError::Answered)
    }

    pub(crate) fn decision(&self, approve: bool) -> DeviceDecision {
        if !approve {
            return DeviceDecision::Deny;
        }
        let read_in = self.read_in.lock().unwrap_or_else(PoisonError::into_inner);
        DeviceDecision::Approve { read_in: read_in.clone() }
    }
}

impl DeviceAsked {
    fn of(asked: &session::DeviceAsked, language: &str) -> Self {
        Self {
            client: asked.client.as_ref().map(|client| DeviceClient {
                id: client.id.as_str().to_owned(),
                name: client.name.in_language(language).to_owned(),
                publisher: client.publisher.as_ref().map(|it| it.in_language(language).to_owned()),
                scopes: client.scopes.iter().map(ToString::to_string).collect(),
                resources: client.resources.iter().map(ToString::to_string).collect(),
            }),
            address: asked.address.clone(),
            user_agent: asked.user_agent.clone(),
            requested_at_unix_ms: asked.requested_at.as_millisecond(),
            expires_in: asked.expires_in.as_secs(),
        }
    }
}
