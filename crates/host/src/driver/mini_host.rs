//! The SDK's face.

use std::{
    collections::BTreeSet,
    sync::{Arc, Weak},
    time::Duration,
};

use minihost_core::{
    AnswerError, CallContext, Choice, ConsentView, DocumentId, Effect, Grant, Input, Locale,
    Manifest, Mediator, MiniProgramId, NotOpened, PromptId, RevokeOutcome, Scope, SessionId,
    Switch, Ticket, User, ViewDigest, Visibility,
};
use minihost_protocol::method::initialize::Launch;

use super::machine::Inner;
use crate::sync::lock;

/// How long [`MiniHost::shutdown`] waits for calls into the host that have begun.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(2);

/// Why a mini-program was not opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// This host must not open it.
    #[error(transparent)]
    NotOpened(#[from] NotOpened),
    /// [`MiniHost::shutdown`] was called.
    #[error("the host has been shut down; start a new one")]
    ShutDown,
}

/// Why grants were not taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RevokeError {
    /// [`MiniHost::shutdown`] was called. The grants may have been taken back all the same.
    #[error("the host has been shut down; start a new one and look at its grants")]
    ShutDown,
}

/// One host. Clones are the same host. No call waits for the user, the network or the disk,
/// except where it is async.
#[derive(Clone)]
pub struct MiniHost(pub(super) Arc<Inner>);

impl MiniHost {
    /// How many requests wait for their answer.
    #[cfg(feature = "simulation")]
    pub fn pending_requests(&self) -> usize {
        lock(&self.0.machine).mediator.pending_requests()
    }

    /// Tells who is signed in. What the user before had asked for ends with `account_changed`.
    /// Call it before the tokens of a user who signs out are cleared.
    pub fn user_changed(&self, user: Option<User>) {
        self.0.apply(Input::UserChanged(user));
    }

    /// Tells that the authorization server has ended the user's sign-in. What the user had asked
    /// for ends with `login_required`.
    pub fn sign_in_ended(&self) {
        self.0.apply(Input::SignInEnded);
    }

    /// Tells that the user reads another language now.
    pub fn locale_changed(&self, locale: Locale) {
        self.0.apply(Input::LocaleChanged(locale));
    }

    /// Tells that the user opened the settings: refusals no longer hold a program back.
    pub fn settings_opened(&self) {
        self.0.apply(Input::SettingsOpened);
    }

    /// Tells that the settings which a page asked for are on screen.
    pub fn settings_shown(&self, ticket: Ticket) {
        self.0.apply(Input::SettingsShown { ticket });
    }

    /// Switches a mini-program off or on. One that is off hears `disabled_by_host`, also for what
    /// it waits for.
    pub fn switch(&self, mini_program: MiniProgramId, switch: Switch) {
        self.0.apply(Input::Switched { mini_program, switch });
    }

    /// Takes back what the signed-in user has granted a mini-program, all of it where no scopes are
    /// named: at once on this device, and at the authorization server where nothing remains. What
    /// comes of it is told once both have answered. The taking back goes on though the future is
    /// dropped.
    ///
    /// # Errors
    /// [`RevokeError`].
    pub async fn revoke(
        &self,
        mini_program: MiniProgramId,
        scopes: Option<BTreeSet<Scope>>,
    ) -> Result<RevokeOutcome, RevokeError> {
        let call = self.0.next_revoke();
        let outcome = lock(&self.0.outlets).as_ref().map(|outlets| outlets.expect_revoked(call));
        let outcome = outcome.ok_or(RevokeError::ShutDown)?;
        self.0.apply(Input::Revoke { call, mini_program, scopes });
        outcome.await.map_err(|_| RevokeError::ShutDown)
    }

    /// Opens a mini-program.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open(&self, manifest: Manifest, launch: Launch) -> Result<SessionId, OpenError> {
        if !self.is_running() {
            return Err(OpenError::ShutDown);
        }
        let session = self.0.next_session();
        let manifest = Arc::new(manifest);
        let opened = Input::Opened { session, manifest: manifest.clone(), launch };
        self.0.check_and_apply(|mediator| mediator.check_open(&manifest), opened, Some)?;
        Ok(session)
    }

    /// Tells that a page load began; to be told before that document's first message.
    pub fn document_started(&self, session: SessionId, document: DocumentId) {
        self.0.apply(Input::DocumentStarted { session, document });
    }

    /// Takes one message of a document. The answer comes back at once where it needs neither the
    /// user nor a disk nor a network; else it comes to the [`ContainerSink`](crate::ports::ContainerSink).
    pub fn receive(&self, session: SessionId, context: CallContext, text: &str) -> Option<String> {
        let (document, reply_token) = (context.document, context.reply_token);
        let mut own = None;
        self.0.apply_and(Input::Message { session, context, text: text.as_bytes() }, |effect| {
            match effect {
                Effect::Reply(reply)
                    if own.is_none()
                        && reply.session == session
                        && reply.document == document
                        && reply.in_reply_to == reply_token =>
                {
                    own = Some(reply.text);
                    None
                }
                other => Some(other),
            }
        });
        own
    }

    /// Tells that the mini-program came to the screen or left it. A prompt of its own is dismissed when
    /// it leaves, and presented anew, as another prompt, when it is back within the prompt's time. The
    /// host's prompt that covers a page is no reason to tell that the page has left.
    pub fn visibility(&self, session: SessionId, visibility: Visibility) {
        self.0.apply(Input::VisibilityChanged { session, visibility });
    }

    /// Closes a mini-program. What its document asked is over; nothing is delivered any more.
    pub fn close(&self, session: SessionId) {
        self.0.apply(Input::Closed { session });
    }

    /// Takes the user's answer to a prompt.
    ///
    /// # Errors
    /// [`AnswerError`] for an answer that does not count; nothing has changed then.
    pub fn answer(
        &self,
        prompt: PromptId,
        digest: &ViewDigest,
        choice: Choice,
    ) -> Result<(), AnswerError> {
        let answered = Input::Answered { prompt, choice: choice.clone() };
        let check = |mediator: &Mediator| mediator.check_answer(prompt, digest, &choice);
        self.0.check_and_apply(check, answered, Some)
    }

    /// The prompts that wait for an answer, for a host that draws its screen anew.
    pub fn pending_prompts(&self) -> Vec<ConsentView> {
        lock(&self.0.machine).mediator.open_prompt().cloned().into_iter().collect()
    }

    /// The live grants of the user who is signed in.
    pub fn grants(&self) -> Vec<Grant> {
        let now = self.0.clock.now();
        lock(&self.0.machine).mediator.grants(now)
    }

    /// The ended grants of the user who is signed in, oldest end first.
    pub fn past_grants(&self) -> Vec<Grant> {
        lock(&self.0.machine).mediator.past_grants()
    }

    /// Whether nobody has shut it down.
    pub(crate) fn is_running(&self) -> bool {
        lock(&self.0.outlets).is_some()
    }

    /// The same host, without keeping it.
    pub(crate) fn downgrade(&self) -> WeakHost {
        WeakHost(Arc::downgrade(&self.0))
    }

    /// Answers everything that waits with `aborted`, dismisses the prompt, and lets go of every
    /// port. Waits at most two seconds for calls into the host that have begun.
    pub async fn shutdown(&self) {
        self.0.apply(Input::ShutDown);
        if let Some(timer) = lock(&self.0.timer).take() {
            timer.abort();
        }
        let Some(outlets) = lock(&self.0.outlets).take() else { return };
        let (threads, tasks) = outlets.finish();
        let finished = async move {
            let joined = tokio::task::spawn_blocking(move || {
                threads.into_iter().for_each(|thread| {
                    let _ = thread.join();
                });
            });
            let _ = joined.await;
            tasks.wait().await;
        };
        if tokio::time::timeout(SHUTDOWN_GRACE, finished).await.is_err() {
            tracing::warn!("a call into the host has not returned; it is left behind");
        }
    }
}

/// A host that may be gone.
#[derive(Clone)]
pub(crate) struct WeakHost(Weak<Inner>);

impl WeakHost {
    /// The host, while anybody holds it.
    pub(crate) fn upgrade(&self) -> Option<MiniHost> {
        self.0.upgrade().map(MiniHost)
    }
}
