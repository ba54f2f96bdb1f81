//! Rules 1, 3, 4 and 10: who is answered, where, when, and how often.

use std::{collections::BTreeSet, time::Duration};

use jiff::Timestamp;
use minihost::{DocumentId, ReplyToken, SessionId};
use serde_json::Value;

use super::{CodeAsked, Judge, Party, Program, Sent, Wants, When};
use crate::{limits, rule::Rule};

/// A request without an answer.
pub(super) struct Waiting {
    pub(super) document: DocumentId,
    pub(super) id: Value,
    pub(super) received: Duration,
    /// Since when its page is on screen, as far as it waited then.
    pub(super) seen_since: Duration,
    pub(super) received_at: Timestamp,
    pub(super) program: Program,
    pub(super) genuine: bool,
    pub(super) may_prompt: bool,
    pub(super) signed_in: bool,
    /// Whether the user has answered a prompt for it.
    pub(super) user_answered: bool,
    /// Whether the user was sent to sign in or to a browser for its program.
    pub(super) was_elsewhere: bool,
    /// Whether a code request was made for it.
    pub(super) code_asked: bool,
    pub(super) code: Option<CodeAsked>,
    /// Between whom the code is that was asked for.
    pub(super) party: Option<Party>,
    /// Whose grants it takes back, and which.
    revokes: Option<(String, Option<BTreeSet<String>>)>,
    most: Duration,
}

/// How a request came to its end.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    Answered,
    DocumentGone,
}

impl Judge {
    pub(crate) fn document_started(
        &mut self,
        now: Duration,
        program: &str,
        session: SessionId,
        document: DocumentId,
    ) {
        self.may_take_back(now, program);
        let before = self.documents.insert(session, document);
        self.gone_just_now.extend(before.map(|before| (session, before)));
        self.forget_unheard(session);
    }

    pub(crate) fn closed(&mut self, session: SessionId) {
        let before = self.documents.remove(&session);
        self.gone_just_now.extend(before.map(|before| (session, before)));
        self.hidden.remove(&session);
        self.forget_unheard(session);
    }

    pub(crate) fn visible(&mut self, now: Duration, session: SessionId, visible: bool) {
        if visible && self.hidden.remove(&session) {
            // Its turn comes no sooner than its page.
            let own = self.waiting.iter_mut().filter(|((of, _), _)| *of == session);
            own.for_each(|(_, waiting)| waiting.seen_since = now);
        } else if !visible && self.hidden.insert(session) {
            self.left_just_now.insert(session);
        }
    }

    fn forget_unheard(&mut self, session: SessionId) {
        let unheard = self.waiting.extract_if(.., |(of, _), _| *of == session);
        let unheard = unheard.map(|(key, _)| (key, Ended::DocumentGone));
        self.ended.extend(unheard);
    }

    /// A message goes to the host.
    pub(crate) fn sent(&mut self, at: When, sent: Sent) {
        let key = (sent.session, sent.token);
        let current = self.documents.get(&sent.session) == Some(&sent.document);
        if !current || matches!(sent.wants, Wants::NoAnswer) {
            self.unanswerable.insert(key);
            return;
        }
        let most = match &sent.wants {
            _ if !sent.genuine => Duration::ZERO,
            Wants::Code(code) if code.prompt == "none" && !self.has_granted(&sent) => {
                limits::SILENT
            }
            Wants::Code(_) => limits::CODE,
            Wants::Revoke(_) => limits::NETWORK,
            Wants::Method("auth.checkSession") => limits::SILENT,
            Wants::Method("host.openSettings") => limits::SETTINGS,
            Wants::Method("acme.print") => limits::NETWORK,
            Wants::Method(_) | Wants::Nonsense | Wants::NoAnswer => Duration::ZERO,
        };
        let (code, revokes) = match sent.wants {
            Wants::Code(code) => (Some(code), None),
            Wants::Revoke(scopes) => (None, sent.user.map(|user| (user, scopes))),
            _ => (None, None),
        };
        if let Some(code) = &code {
            self.challenges.insert(code.challenge.clone(), key);
        }
        let waiting = Waiting {
            document: sent.document,
            id: sent.id,
            received: at.uptime,
            seen_since: at.uptime,
            received_at: at.time,
            program: sent.program,
            genuine: sent.genuine,
            may_prompt: sent.may_prompt && !self.hidden.contains(&sent.session),
            signed_in: self.user.is_some(),
            user_answered: false,
            was_elsewhere: false,
            code_asked: false,
            code,
            party: None,
            revokes,
            most,
        };
        self.waiting.insert(key, waiting);
    }

    /// A message comes to a document, as the answer to one of its own or without being asked for.
    /// Says whether the document is there to hear it.
    pub(crate) fn delivered(
        &mut self,
        session: SessionId,
        document: DocumentId,
        token: Option<ReplyToken>,
        message: &Value,
        (at, now): (Duration, Timestamp),
    ) -> bool {
        let current = self.documents.get(&session) == Some(&document);
        let just_gone = self.gone_just_now.contains(&(session, document));
        self.expect(current || just_gone, Rule::OnlyTheDocumentThatAsked, || {
            format!("a message for document {} of session {}, which is gone", document.0, session.0)
        });
        let Some(token) = token else { return current };
        let key = (session, token);
        let Some(waiting) = self.waiting.remove(&key) else {
            match self.ended.get(&key) {
                Some(Ended::Answered) => {
                    self.blame(Rule::ExactlyOneAnswer, format!("a second answer to {}", token.0));
                }
                Some(Ended::DocumentGone) if just_gone => {}
                _ => self.blame(
                    Rule::OnlyTheDocumentThatAsked,
                    format!("an answer to {}, which nobody waits for", token.0),
                ),
            }
            return false;
        };
        self.ended.insert(key, Ended::Answered);
        self.answered_just_now = true;
        self.expect(waiting.document == document, Rule::OnlyTheDocumentThatAsked, || {
            format!("the answer to {} goes to document {}", token.0, document.0)
        });
        let id = &message["id"];
        self.expect(*id == waiting.id || id.is_null(), Rule::OnlyTheDocumentThatAsked, || {
            format!("the answer to {} has the id {id}", waiting.id)
        });
        self.expect(
            waiting.genuine || message["error"].is_object(),
            Rule::IdentityFromTheContainer,
            || format!("a forged message was carried out: {message}"),
        );
        self.check_delivered_code(&waiting, message, (at, now));
        if let (Some((user, scopes)), true) = (&waiting.revokes, message["result"].is_object()) {
            let is_program = |party: &Party| party.is_of(&waiting.program);
            let when = (waiting.received_at, now);
            self.told_to_be_gone(user, is_program, scopes.as_ref(), when);
        }
        true
    }

    /// The way back of a message is let go.
    pub(crate) fn settled(&mut self, session: SessionId, token: ReplyToken) {
        let expected = self.unanswerable.remove(&(session, token));
        self.expect(expected, Rule::ExactlyOneAnswer, || {
            format!("the way back {} was let go, and is another's or was let go before", token.0)
        });
    }

    /// The ids under which a document waits for answers.
    pub(crate) fn ids_of(&self, session: SessionId) -> Vec<Value> {
        let own = self.waiting.iter().filter(|((of, _), _)| *of == session);
        own.map(|(_, waiting)| waiting.id.clone()).filter(|id| !id.is_null()).collect()
    }

    pub(super) fn check_requests(&mut self, now: Duration, pending: usize) {
        let late = self
            .waiting
            .iter()
            .find(|(_, waiting)| now > waiting.received + waiting.most + limits::SLACK);
        let late = late.map(|((_, token), waiting)| {
            format!("{} waits since {:?} for {}", token.0, waiting.received, waiting.program.id)
        });
        if let Some(late) = late {
            self.blame(Rule::ExactlyOneAnswer, late);
        }
        let waiting = self.waiting.len();
        self.expect(waiting == pending, Rule::ExactlyOneAnswer, || {
            format!("{waiting} requests have no answer, and the machine knows of {pending}")
        });
        for session in self.documents.keys().copied().collect::<Vec<_>>() {
            let own = self.waiting.keys().filter(|(of, _)| *of == session).count();
            self.expect(own <= limits::PENDING, Rule::BadInputCostsNothing, || {
                format!("{own} requests of one document wait")
            });
        }
        let unheard = self.under_way.keys().find(|challenge| {
            let asked = self.challenges.get(*challenge);
            asked.is_none_or(|asked| !self.waiting.contains_key(asked))
        });
        if let Some(unheard) = unheard.cloned() {
            let what = format!("the code request {unheard} goes on, and nobody waits for it");
            self.blame(Rule::BadInputCostsNothing, what);
        }
        if self.under_way.values().any(|begun| now > *begun + limits::NETWORK + limits::SLACK) {
            self.blame(Rule::ExactlyOneAnswer, "a code request outlives its time");
        }
    }

    /// The host has shut down.
    pub(crate) fn shut_down(&mut self) {
        let left = self.waiting.len();
        self.expect(left == 0, Rule::ExactlyOneAnswer, || {
            format!("{left} requests have no answer at the end")
        });
        let under_way = self.under_way.len();
        self.expect(under_way == 0, Rule::BadInputCostsNothing, || {
            format!("{under_way} code requests go on after the end")
        });
        self.expect(self.on_screen.is_none(), Rule::OnePromptAtATime, || {
            "a prompt stays on screen after the end".to_owned()
        });
    }
}
