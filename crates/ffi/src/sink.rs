//! The way to the documents.

use std::sync::Arc;

use minihost::{DocumentId, ReplyToken, SessionId, ports};

use crate::port_error::PortError;

/// Carries messages to documents. Called in order, on a thread of the SDK; returns at once.
#[uniffi::export(foreign)]
pub trait ContainerSink: Send + Sync {
    /// Hands a message to one document of a session and to no other; drops it if that document is
    /// gone. `in_reply_to` is the reply token of the message that it answers. The text may carry
    /// an authorization code and must not be logged.
    ///
    /// # Errors
    /// [`PortError`]; the message is lost.
    fn deliver(
        &self,
        session: u64,
        document: u64,
        in_reply_to: Option<u64>,
        text: String,
    ) -> Result<(), PortError>;

    /// Lets go of the way back of a message that has no reply.
    ///
    /// # Errors
    /// [`PortError`]; nothing follows from it.
    fn settle(&self, session: u64, reply_token: u64) -> Result<(), PortError>;
}

/// A foreign sink as a port of the SDK.
pub(crate) struct ForeignSink(pub(crate) Arc<dyn ContainerSink>);

impl ports::ContainerSink for ForeignSink {
    fn deliver(
        &self,
        session: SessionId,
        document: DocumentId,
        in_reply_to: Option<ReplyToken>,
        text: String,
    ) {
        let in_reply_to = in_reply_to.map(|token| token.0);
        let delivered = self.0.deliver(session.0, document.0, in_reply_to, text);
        PortError::note("ContainerSink.deliver", delivered);
    }

    fn settle(&self, session: SessionId, reply_token: ReplyToken) {
        PortError::note("ContainerSink.settle", self.0.settle(session.0, reply_token.0));
    }
}
