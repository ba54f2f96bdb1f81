//! What the mediator wants done.

use crate::{
    AuditEvent, CodeRequest, ConsentView, DocumentId, Grant, PromptId, ReplyToken, SaveId,
    SessionId, Ticket,
};

/// One thing to do. No `Debug`: a reply may carry a code.
pub enum Effect {
    /// Deliver to the document, if it is still there.
    Reply(Reply),
    /// The message has no reply; let its way back go.
    Settle {
        /// Whose.
        session: SessionId,
        /// Which way back.
        reply_token: ReplyToken,
    },
    /// Ask the user. At most one prompt is on screen.
    Prompt(ConsentView),
    /// Take the prompt off the screen: nobody waits for its answer.
    DismissPrompt(PromptId),
    /// Write all remembered grants, then say [`Input::GrantsSaved`](crate::Input::GrantsSaved).
    SaveGrants {
        /// To be repeated.
        save: SaveId,
        /// All of them.
        grants: Vec<Grant>,
    },
    /// Make the code request, then say [`Input::CodeIssued`](crate::Input::CodeIssued).
    IssueCode(Box<CodeRequest>),
    /// Give a code request up: nobody waits for it any more. What has been sent is sent.
    AbandonCode(Ticket),
    /// Write down.
    Audit(AuditEvent),
}

/// One message to one document.
pub struct Reply {
    /// Whose.
    pub session: SessionId,
    /// The document that asked, and no other.
    pub document: DocumentId,
    /// The way back of the message that asked.
    pub in_reply_to: ReplyToken,
    /// JSON-RPC 2.0 text.
    pub text: String,
}
