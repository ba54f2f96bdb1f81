//! The way back to the page for one request. It is used by value, so there cannot be two answers.

use minihost_protocol::{Failure, Reason, RequestId, reply};
use serde::Serialize;

use super::{Effect, Reply};
use crate::{CorrelationId, DocumentId, ReplyToken, SessionId};

/// The right to answer one request, once.
pub(super) struct Responder {
    pub(super) session: SessionId,
    pub(super) document: DocumentId,
    pub(super) reply_token: ReplyToken,
    pub(super) id: RequestId,
    pub(super) correlation: CorrelationId,
}

impl Responder {
    /// Answers with a result.
    pub(super) fn succeed<T: Serialize>(self, result: &T) -> Effect {
        match self.text_of(result) {
            Some(text) => self.send(text),
            None => {
                let message = "The host could not write its answer.";
                self.fail(&Failure::new(Reason::Internal, message))
            }
        }
    }

    /// The text of a successful answer, to be [sent](Self::send); `None` where it cannot be written.
    pub(super) fn text_of<T: Serialize>(&self, result: &T) -> Option<String> {
        reply::success(&self.id, result).ok()
    }

    /// Answers with an error.
    pub(super) fn fail(self, failure: &Failure) -> Effect {
        let text = reply::failure(&self.id, failure, self.correlation.as_str());
        self.send(text)
    }

    /// Answers with a text that was written before.
    pub(super) fn send(self, text: String) -> Effect {
        Effect::Reply(Reply {
            session: self.session,
            document: self.document,
            in_reply_to: self.reply_token,
            text,
        })
    }
}
