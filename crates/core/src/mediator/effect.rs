//! What the mediator wants done.

use std::time::Duration;

use super::{RevokeOutcome, SignInRequest};
use crate::{
    AuditEvent, CodeRequest, ConsentView, DocumentId, EndingId, GrantId, HostCall, MiniProgramId,
    PromptId, Remembered, ReplyToken, RevokeCall, SaveId, SessionId, Ticket,
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
    /// Write all that is remembered, then say [`Input::Saved`](crate::Input::Saved). It has all of
    /// the saves before it: of those that wait, only the last need be carried out.
    Save {
        /// To be repeated.
        save: SaveId,
        /// All of it.
        remembered: Remembered,
    },
    /// Tell a document something that it did not ask, if it is still there.
    Tell(Told),
    /// End a grant at the authorization server, then say
    /// [`Input::EndedAtServer`](crate::Input::EndedAtServer).
    EndAtServer {
        /// To be repeated.
        ending: EndingId,
        /// The server's name for it.
        grant_id: GrantId,
        /// How long it may take, once it is begun.
        time_allowed: Duration,
    },
    /// What came of [`Input::Revoke`](crate::Input::Revoke).
    Revoked {
        /// Whose.
        call: RevokeCall,
        /// What.
        outcome: RevokeOutcome,
    },
    /// Show the host's settings, then say [`Input::SettingsShown`](crate::Input::SettingsShown).
    OpenSettings {
        /// To be repeated.
        ticket: Ticket,
        /// For which program.
        mini_program: MiniProgramId,
    },
    /// Have the user sign in again or choose an account, then say
    /// [`Input::SignInDone`](crate::Input::SignInDone). At most one is under way.
    SignIn(Box<SignInRequest>),
    /// Give a sign-in up: nobody waits for it any more.
    AbandonSignIn(Ticket),
    /// Call a method of the host's own, then say
    /// [`Input::MethodReturned`](crate::Input::MethodReturned).
    CallMethod(Box<HostCall>),
    /// Give a call up: nobody waits for it any more.
    AbandonMethod(Ticket),
    /// Make the code request, then say [`Input::CodeIssued`](crate::Input::CodeIssued).
    IssueCode(Box<CodeRequest>),
    /// Give a code request up: nobody waits for it any more. What has been sent is sent.
    AbandonCode(Ticket),
    /// Write down.
    Audit(AuditEvent),
}

/// One event for one document.
pub struct Told {
    /// Whose.
    pub session: SessionId,
    /// The current document, and no other.
    pub document: DocumentId,
    /// JSON-RPC 2.0 text.
    pub text: String,
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
