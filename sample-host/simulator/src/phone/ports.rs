//! What the SDK asks of a host app, passed on to the tab that shows the phone.

use std::sync::Arc;

use minihost::{
    Action, AuditEvent, ConsentMode, ConsentView, DocumentId, Outcome, PromptId, ReplyToken,
    SessionId,
    ports::{AuditSink, ConsentPrompt, ContainerSink},
};

use super::{
    protocol::{AuditEntry, ToPage, View},
    tab::Tabs,
};

/// The page, as the SDK sees it.
#[derive(Clone)]
pub(crate) struct Screen(pub(crate) Arc<Tabs>);

impl ConsentPrompt for Screen {
    fn present(&self, view: ConsentView) {
        let ConsentView { prompt, digest, shown } = view;
        self.0.tell(ToPage::Present { view: View { prompt, digest, shown } });
    }

    fn dismiss(&self, prompt: PromptId) {
        self.0.tell(ToPage::Dismiss { prompt });
    }
}

impl ContainerSink for Screen {
    fn deliver(
        &self,
        session: SessionId,
        document: DocumentId,
        in_reply_to: Option<ReplyToken>,
        text: String,
    ) {
        self.0.tell_session(session, ToPage::Deliver { session, document, in_reply_to, text });
    }

    fn settle(&self, session: SessionId, reply_token: ReplyToken) {
        self.0.tell_session(session, ToPage::Settle { session, reply_token });
    }
}

impl AuditSink for Screen {
    fn record(&self, event: AuditEvent) {
        let Some(entry) = entry(&event) else {
            return tracing::info!(
                correlation = %event.correlation,
                program = %event.mini_program,
                action = ?event.action,
                outcome = ?event.outcome,
                "not a code request"
            );
        };
        tracing::info!(
            correlation = %event.correlation,
            program = entry.program,
            outcome = entry.outcome,
            reason = entry.reason,
            took_ms = entry.took_ms,
            "code request"
        );
        self.0.record(entry);
    }
}

/// What the page shows of it: code requests.
fn entry(event: &AuditEvent) -> Option<AuditEntry> {
    let names = |scopes: &std::collections::BTreeSet<minihost::Scope>| {
        scopes.iter().map(ToString::to_string).collect()
    };
    let (outcome, scopes, mode, reason) = match &event.outcome {
        Outcome::Delivered { scopes, mode } => ("delivered", names(scopes), Some(*mode), None),
        Outcome::Refused(reason) => ("refused", Vec::new(), None, Some(reason.as_str())),
        Outcome::DocumentGone => ("documentGone", Vec::new(), None, None),
        Outcome::Revoked { .. } | Outcome::Answered => return None,
    };
    if event.action != Action::RequestCode {
        return None;
    }
    Some(AuditEntry {
        at: event.at.to_string(),
        program: event.mini_program.to_string(),
        asked: names(&event.asked),
        outcome,
        scopes,
        mode: mode.map(|mode| match mode {
            ConsentMode::Prompt => "prompt",
            ConsentMode::Remembered => "remembered",
            ConsentMode::Silent => "silent",
        }),
        reason,
        took_ms: u64::try_from(event.took.as_millis()).unwrap_or(u64::MAX),
        correlation_id: event.correlation.to_string(),
    })
}
