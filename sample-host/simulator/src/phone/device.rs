//! Answering what another device asks: the user types the code that it shows.

use std::sync::{Arc, PoisonError};

use minihost::{
    ports::SessionError,
    session::{DeviceAsked, DeviceDecision, DeviceRequest, DeviceRequestError},
};
use secrecy::{ExposeSecret as _, SecretString};

use super::{
    Phone,
    protocol::{DeviceClient, DeviceProblem, FoundDevice, FrameProblem, ToPage},
    tab::TabId,
};

impl Phone {
    pub(super) fn find_device(self: &Arc<Self>, tab: TabId, code: SecretString) {
        let phone = self.clone();
        tokio::spawn(async move {
            let session = phone.parts.sign_in.session();
            let told = match session.device_request(code.expose_secret()).await {
                Ok(request) => {
                    let found = phone.described(request.asked());
                    phone.keep_device(Some(request));
                    ToPage::DeviceFound(found)
                }
                Err(error) => failed(&error),
            };
            phone.tell_tab(tab, told);
        });
    }

    pub(super) fn answer_device(
        self: &Arc<Self>,
        tab: TabId,
        approve: bool,
    ) -> Result<(), FrameProblem> {
        let request = self.keep_device(None).ok_or(FrameProblem::AnswerNotAccepted)?;
        let decision = match approve {
            true => DeviceDecision::Approve { read_in: self.locale() },
            false => DeviceDecision::Deny,
        };
        let phone = self.clone();
        tokio::spawn(async move {
            let session = phone.parts.sign_in.session();
            let told = match session.answer_device_request(request, decision).await {
                Ok(()) => ToPage::DeviceAnswered { approved: approve },
                Err(error) => failed(&error),
            };
            phone.tell_tab(tab, told);
        });
        Ok(())
    }

    pub(super) fn leave_device(&self) {
        self.keep_device(None);
    }

    /// Keeps what asks now, and returns what asked before.
    fn keep_device(&self, request: Option<DeviceRequest>) -> Option<DeviceRequest> {
        std::mem::replace(&mut *self.device.lock().unwrap_or_else(PoisonError::into_inner), request)
    }

    fn described(&self, asked: &DeviceAsked) -> FoundDevice {
        let locale = self.locale();
        let client = asked.client.as_ref().map(|client| DeviceClient {
            name: client.name.in_language(locale.as_str()).to_owned(),
            publisher: client
                .publisher
                .as_ref()
                .map(|publisher| publisher.in_language(locale.as_str()).to_owned()),
            scopes: client.scopes.iter().map(ToString::to_string).collect(),
            resources: client.resources.iter().map(ToString::to_string).collect(),
        });
        FoundDevice {
            client,
            address: asked.address.clone(),
            user_agent: asked.user_agent.clone(),
            requested_at: asked.requested_at.to_string(),
        }
    }
}

fn failed(error: &DeviceRequestError) -> ToPage {
    tracing::warn!(%error, "what another device asks was not answered");
    let (message, retry_after) = match error {
        DeviceRequestError::Unknown => (DeviceProblem::Unknown, None),
        DeviceRequestError::Throttled { retry_after } => (DeviceProblem::Throttled, *retry_after),
        DeviceRequestError::NotAllowed | DeviceRequestError::NotSupported => {
            (DeviceProblem::NotAllowed, None)
        }
        DeviceRequestError::Session(SessionError::TemporarilyUnavailable { retry_after }) => {
            (DeviceProblem::Unavailable, *retry_after)
        }
        _ => (DeviceProblem::Unavailable, None),
    };
    ToPage::DeviceFailed { message, retry_after }
}
