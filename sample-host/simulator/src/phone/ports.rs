//! What the SDK asks of a host app, passed on to the tab that shows the phone.

use std::sync::Arc;

use async_trait::async_trait;
use minihost::{
    Action, AuditEvent, ConsentMode, ConsentView, DocumentId, Outcome, PromptId, ReplyToken,
    SessionId, SignInOutcome, SignInRequest,
    ports::{
        AuditSink, ConsentPrompt, ContainerSink, Later, SettingsPage, SettingsRequest, SignInPrompt,
    },
};

use super::{
    protocol::{AuditEntry, SignInWanted, ToPage, View},
    tab::Tabs,
};

/// The page, as the SDK sees it.
#[derive(Clone)]
pub(crate) struct Screen {
    tabs: Arc<Tabs>,
    /// What the user was asked to sign in for.
    pub(crate) sign_ins: Later<SignInOutcome>,
}

impl Screen {
    pub(crate) fn new(tabs: Arc<Tabs>) -> Self {
        Self { tabs, sign_ins: Later::default() }
    }

    async fn sign_in(&self, request: &SignInRequest, wanted: SignInWanted) -> SignInOutcome {
        let ticket = request.ticket;
        let (ask, abandon) = (self.tabs.clone(), self.tabs.clone());
        let asked = ToPage::SignInAgain {
            ticket,
            program: request.mini_program.to_string(),
            user: request.user.as_ref().map(|user| user.display_name.clone()),
            wanted,
        };
        let ask = move || {
            ask.tell(asked);
            Ok(())
        };
        let abandon = move || abandon.tell(ToPage::SignInOver { ticket });
        self.sign_ins.ask(ticket, ask, abandon).await.unwrap_or(SignInOutcome::Failed)
    }
}

#[async_trait]
impl SignInPrompt for Screen {
    // A password is the one way to sign in here, and every sign-in is a new one.
    async fn reauthenticate(
        &self,
        request: &SignInRequest,
        _acr_values: &[String],
        _max_age: Option<u64>,
    ) -> SignInOutcome {
        self.sign_in(request, SignInWanted::Again).await
    }

    async fn select_account(&self, request: &SignInRequest) -> SignInOutcome {
        self.sign_in(request, SignInWanted::ChooseAccount).await
    }
}

impl SettingsPage for Screen {
    fn show(&self, SettingsRequest { ticket, mini_program }: SettingsRequest) {
        self.tabs.tell(ToPage::ShowSettings { ticket, program: mini_program.to_string() });
    }
}

impl ConsentPrompt for Screen {
    fn present(&self, view: ConsentView) {
        let ConsentView { prompt, digest, shown } = view;
        self.tabs.tell(ToPage::Present { view: View { prompt, digest, shown } });
    }

    fn dismiss(&self, prompt: PromptId) {
        self.tabs.tell(ToPage::Dismiss { prompt });
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
        self.tabs.tell_session(session, ToPage::Deliver { session, document, in_reply_to, text });
    }

    fn settle(&self, session: SessionId, reply_token: ReplyToken) {
        self.tabs.tell_session(session, ToPage::Settle { session, reply_token });
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
        self.tabs.record(entry);
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
