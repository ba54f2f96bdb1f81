//! The way from the host to the documents of its mini-programs.

use minihost_core::{DocumentId, ReplyToken, SessionId};

/// Carries messages to documents. Called in order for each session, from any thread, never under
/// a lock; must return at once.
pub trait ContainerSink: Send + Sync {
    /// Hands a message to one document and to no other; drops it if that document is gone. The
    /// text may carry an authorization code and must not be logged.
    fn deliver(
        &self,
        session: SessionId,
        document: DocumentId,
        in_reply_to: Option<ReplyToken>,
        text: String,
    );

    /// Lets go of the way back of a message that has no reply.
    fn settle(&self, session: SessionId, reply_token: ReplyToken);
}
