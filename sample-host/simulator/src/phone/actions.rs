//! What the page reports, carried out with the SDK.

use std::{
    collections::BTreeSet,
    sync::{Arc, PoisonError},
    time::Duration,
};

use minihost::{
    CallContext, Capability, Choice, DocumentId, Frame, Launch, MiniProgramId, Remember,
    SaveOutcome, Scope, ServerEnd, SessionId, SignInOutcome, Ticket, Trust, Visibility,
};
use minihost_authorization_server::{ClientId, StoreError};
use secrecy::SecretString;

use super::{
    Phone,
    programs::Variant,
    protocol::{Answer, FrameProblem, FromPage, ReportedMessage, ServerTold, Steer, ToPage},
    sign_in::SignInFailure,
    tab::TabId,
};
use crate::cli::Language;

type Done = Result<(), FrameProblem>;

impl Phone {
    /// Carries out one message. Never waits: what takes time goes on beside it and is told later.
    pub(super) fn handle(self: &Arc<Self>, tab: TabId, message: FromPage) -> Done {
        if !self.parts.tabs.is_current(tab) {
            return Ok(());
        }
        match message {
            FromPage::SignIn { username, password } => self.sign_in(tab, username, password.0),
            FromPage::SignOut {} => self.sign_out(),
            FromPage::Locale { locale } => return self.speak(&locale),
            FromPage::SettingsOpened {} => {
                self.parts.host.settings_opened();
                self.tell_state();
            }
            FromPage::Open { program, manifest } => return self.open(tab, &program, manifest),
            FromPage::DocumentStarted { session, document } => {
                if self.parts.tabs.shows(tab, session) {
                    self.parts.host.document_started(session, document);
                }
            }
            FromPage::Message(message) => self.receive(tab, message),
            FromPage::Visibility { session, visible } => {
                if self.parts.tabs.shows(tab, session) {
                    self.parts.host.visibility(session, visibility(visible));
                }
            }
            FromPage::Close { session } => {
                if self.parts.tabs.closed(tab, session) {
                    self.parts.host.close(session);
                }
            }
            FromPage::Answer { prompt, digest, choice, scopes, remember } => {
                let choice = match choice {
                    Answer::Allow => Choice::Allow {
                        scopes: scopes.unwrap_or_default(),
                        remember: remember.unwrap_or(Remember::Once),
                    },
                    Answer::Deny => Choice::Deny,
                    Answer::Dismiss => Choice::Dismiss,
                };
                let accepted = self.parts.host.answer(prompt, &digest, choice);
                return accepted.map_err(|_| FrameProblem::AnswerNotAccepted);
            }
            FromPage::SettingsShown { ticket } => {
                self.parts.host.settings_shown(ticket);
                self.tell_state();
            }
            FromPage::Revoke { program, scopes } => self.revoke(tab, program, scopes),
            FromPage::SignInFor { ticket, username, password } => {
                self.sign_in_for(tab, ticket, username, password.0);
            }
            FromPage::LeaveSignIn { ticket } => {
                self.parts.sign_ins.answer(ticket, SignInOutcome::Cancelled);
            }
            FromPage::FindDevice { code } => self.find_device(tab, code.0),
            FromPage::AnswerDevice { approve } => return self.answer_device(tab, approve),
            FromPage::LeaveDevice {} => self.leave_device(),
            FromPage::Steer(steer) => return self.steer(tab, steer),
        }
        Ok(())
    }

    fn sign_in(self: &Arc<Self>, tab: TabId, username: String, password: SecretString) {
        let phone = self.clone();
        tokio::spawn(async move {
            match phone.parts.sign_in.sign_in(&username, password).await {
                Ok(()) => phone.tell_state(),
                Err(SignInFailure { message, retry_after }) => {
                    phone.tell_tab(tab, ToPage::SignInFailed { message, retry_after });
                }
            }
        });
    }

    /// Signs the user in for a program that waits for it, and tells the program.
    fn sign_in_for(
        self: &Arc<Self>,
        tab: TabId,
        ticket: Ticket,
        username: String,
        password: SecretString,
    ) {
        let phone = self.clone();
        tokio::spawn(async move {
            match phone.parts.sign_in.sign_in(&username, password).await {
                Ok(()) => {
                    // Who is there now, before it is over: the page keeps the program open for them.
                    phone.tell_state();
                    phone.tell_tab(tab, ToPage::SignInOver { ticket });
                    phone.parts.sign_ins.answer(ticket, SignInOutcome::Done);
                }
                Err(SignInFailure { message, retry_after }) => {
                    let failed = ToPage::SignInAgainFailed { ticket, message, retry_after };
                    phone.tell_tab(tab, failed);
                }
            }
        });
    }

    fn revoke(
        self: &Arc<Self>,
        tab: TabId,
        program: MiniProgramId,
        scopes: Option<BTreeSet<Scope>>,
    ) {
        let phone = self.clone();
        tokio::spawn(async move {
            // The process stops otherwise.
            let Ok(revoked) = phone.parts.host.revoke(program.clone(), scopes).await else {
                return;
            };
            let server = match revoked.server {
                ServerEnd::Ended => ServerTold::Ended,
                ServerEnd::Due => ServerTold::Later,
                ServerEnd::NotTold | ServerEnd::LocalOnly => ServerTold::Nothing,
            };
            let scopes = revoked.scopes.iter().map(ToString::to_string).collect();
            let stored = revoked.saved == SaveOutcome::Stored;
            let program = program.to_string();
            phone.tell_tab(tab, ToPage::Revoked { program, scopes, server, stored });
            phone.tell_state();
        });
    }

    fn sign_out(self: &Arc<Self>) {
        let phone = self.clone();
        tokio::spawn(async move {
            phone.parts.sign_in.sign_out().await;
            phone.tell_state();
        });
    }

    fn speak(&self, tag: &str) -> Done {
        let language = Language::of(tag).ok_or(FrameProblem::Unknown)?;
        *self.language.lock().unwrap_or_else(PoisonError::into_inner) = language;
        self.parts.host.locale_changed(self.locale());
        self.tell_state();
        Ok(())
    }

    fn open(&self, tab: TabId, id: &str, variant: Variant) -> Done {
        let program = self.parts.programs.iter().find(|program| program.id().as_str() == id);
        let program = program.ok_or(FrameProblem::Unknown)?;
        let launch = Launch { source: Some("home".to_owned()), ..Launch::default() };
        let manifest = program.variant(variant);
        let Ok(session) = self.parts.host.open(manifest.clone(), launch) else {
            self.tell_tab(tab, ToPage::OpenFailed { program: id.to_owned() });
            return Ok(());
        };
        if !self.parts.tabs.opened(tab, session) {
            self.parts.host.close(session);
            return Ok(());
        }
        self.tell_tab(
            tab,
            ToPage::Opened {
                session,
                program: id.to_owned(),
                name: manifest.name.pick(&self.locale()),
                start_url: manifest.start_url.to_string(),
                origin: program.origin(),
                unsigned: manifest.trust == Trust::UnsignedDevelopment,
            },
        );
        Ok(())
    }

    fn receive(&self, tab: TabId, message: ReportedMessage) {
        let ReportedMessage { session, document, reply_token, .. } = message;
        if !self.parts.tabs.shows(tab, session) {
            return;
        }
        // The page takes messages from the port alone that it gave to the program's own window.
        let context = CallContext {
            document,
            reply_token,
            origin: Some(message.origin),
            frame: Frame::Main,
            capability: Capability::Held,
            visibility: visibility(message.visible),
            gesture_age: message.gesture_age_ms.map(|age| Duration::from_millis(age.into())),
        };
        if let Some(text) = self.parts.host.receive(session, context, &message.text) {
            self.deliver(tab, session, document, reply_token, text);
        }
    }

    fn deliver(
        &self,
        tab: TabId,
        session: SessionId,
        document: DocumentId,
        reply_token: minihost::ReplyToken,
        text: String,
    ) {
        let in_reply_to = Some(reply_token);
        self.tell_tab(tab, ToPage::Deliver { session, document, in_reply_to, text });
    }

    fn steer(self: &Arc<Self>, tab: TabId, steer: Steer) -> Done {
        let (action, program) = match steer {
            Steer::ExpireAccess { program } => (Expire::Access, program),
            Steer::ExpireRefresh { program } => (Expire::Refresh, program),
            Steer::SignInAs { username } => {
                let mut users = self.parts.demo.users.iter();
                let user = users.find(|user| user.username == username);
                let user = user.ok_or(FrameProblem::Unknown)?;
                self.sign_in(tab, username, user.password.clone());
                return Ok(());
            }
        };
        let clients = self.clients(program.as_deref())?;
        let phone = self.clone();
        tokio::spawn(async move {
            let told = match phone.expire(action, &clients).await {
                Ok(count) => ToPage::Steered { action: action.name(), count },
                Err(error) => {
                    tracing::error!(%error, "tokens could not be made to expire");
                    ToPage::Error { problem: FrameProblem::SteeringFailed }
                }
            };
            phone.tell_tab(tab, told);
        });
        Ok(())
    }

    /// The clients of one program, or of all.
    fn clients(&self, program: Option<&str>) -> Result<Vec<ClientId>, FrameProblem> {
        let wanted = self
            .parts
            .programs
            .iter()
            .filter(|known| program.is_none_or(|id| known.id().as_str() == id));
        let clients: Result<Vec<_>, _> =
            wanted.map(|known| ClientId::new(known.manifest().client_id.as_str())).collect();
        clients.ok().filter(|clients| !clients.is_empty()).ok_or(FrameProblem::Unknown)
    }

    async fn expire(&self, what: Expire, clients: &[ClientId]) -> Result<usize, StoreError> {
        let mut count = 0;
        for client in clients {
            count += match what {
                Expire::Access => self.parts.steering.expire_access_tokens(client).await?,
                Expire::Refresh => self.parts.steering.expire_refresh_tokens(client).await?,
            };
        }
        Ok(count)
    }
}

#[derive(Clone, Copy)]
enum Expire {
    Access,
    Refresh,
}

impl Expire {
    const fn name(self) -> &'static str {
        match self {
            Self::Access => "expireAccess",
            Self::Refresh => "expireRefresh",
        }
    }
}

const fn visibility(visible: bool) -> Visibility {
    if visible { Visibility::Visible } else { Visibility::Hidden }
}
