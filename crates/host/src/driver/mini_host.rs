//! The SDK's face.

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use minihost_core::{
    AnswerError, BrowserSupport, CallContext, Choice, Config, ConsentView, DocumentId, Effect,
    Grant, HostMethodDeclaration, HostMethodName, IdSource, Input, Locale, Manifest, Mediator,
    MiniProgramId, PromptId, RevokeCall, RevokeOutcome, RolledBack, Scope, SessionId,
    SettingsPage as SettingsAvailability, SignInSupport, Switch, Ticket, User, ViewDigest,
    Visibility,
};
use minihost_protocol::method::initialize::Launch;
use tokio::{sync::Notify, task::AbortHandle};
use tokio_util::task::TaskTracker;

use super::{effects::Outlets, lane::Ground, timer};
use crate::{
    clock::Clock,
    ports::{
        AuditSink, Browser, CodeIssuer, ConsentPrompt, ContainerSink, GrantStore, GrantStoreError,
        HostMethod, SettingsPage, SignInPrompt,
    },
};

/// How long [`MiniHost::shutdown`] waits for calls into the host that have begun.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(2);

/// What the host brings.
pub struct Ports {
    /// Draws consent prompts.
    pub prompt: Arc<dyn ConsentPrompt>,
    /// Carries messages to documents.
    pub sink: Arc<dyn ContainerSink>,
    /// Makes code requests.
    pub code_issuer: Arc<dyn CodeIssuer>,
    /// Keeps remembered grants.
    pub grants: Arc<dyn GrantStore>,
    /// Takes audit events.
    pub audit: Arc<dyn AuditSink>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// What a host may have beside these.
    pub optional: OptionalPorts,
}

/// What a host may have, and need not.
#[derive(Default)]
pub struct OptionalPorts {
    /// Shows the host's settings; without it `host.openSettings` does not exist.
    pub settings: Option<Arc<dyn SettingsPage>>,
    /// Has the user sign in when a page asks; without it `login` and `select_account` are
    /// `interaction_required`.
    pub sign_in: Option<Arc<dyn SignInPrompt>>,
    /// Takes the user to the authorization server where that wants it; without it the page hears
    /// `interaction_required`.
    pub browser: Option<Arc<dyn Browser>>,
    /// Methods of the host's own, each name once.
    pub methods: Vec<Arc<dyn HostMethod>>,
}

/// Why a host did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The remembered grants could not be read just now. Try again, or start without them.
    #[error("the remembered grants cannot be read: {0}")]
    Grants(#[from] GrantStoreError),
    /// Two of the host's methods have the same name.
    #[error("the host has two methods of the name {0}; give each a name of its own")]
    MethodNamedTwice(HostMethodName),
    /// The operating system gave no thread.
    #[error("the host's threads cannot be started: {0}")]
    Threads(#[from] std::io::Error),
}

/// Why a mini-program was not opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// A newer release was opened before.
    #[error(transparent)]
    RolledBack(#[from] RolledBack),
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
pub struct MiniHost(Arc<Inner>);

/// What the host's parts share.
pub(super) struct Inner {
    mediator: Mutex<Mediator>,
    outlets: Mutex<Option<Outlets>>,
    clock: Arc<dyn Clock>,
    deadline_changed: Arc<Notify>,
    timer: Mutex<Option<AbortHandle>>,
    last_session: AtomicU64,
    last_revoke: AtomicU64,
    #[cfg(feature = "simulation")]
    breakage: Option<minihost_core::Breakage>,
}

impl MiniHost {
    /// Reads the remembered grants and starts. Must be awaited within a tokio runtime with time
    /// enabled, which the host uses from then on.
    ///
    /// # Errors
    /// [`StartError`]; nothing runs then.
    pub async fn start(config: Config, ports: Ports) -> Result<Self, StartError> {
        let tasks = TaskTracker::new();
        Self::begin(config, ports, Box::new(random_id), tasks, Ground::Threads).await
    }

    /// The same host, of which nothing depends on threads or on chance: it runs on the tasks of the
    /// current runtime alone, and its ids are given.
    ///
    /// # Errors
    /// As [`MiniHost::start`].
    #[cfg(feature = "simulation")]
    pub async fn simulate(
        config: Config,
        ports: Ports,
        ids: Box<dyn IdSource>,
    ) -> Result<Self, StartError> {
        let tasks = TaskTracker::new();
        Self::begin(config, ports, ids, tasks.clone(), Ground::Tasks(tasks)).await
    }

    /// How many requests wait for their answer.
    #[cfg(feature = "simulation")]
    pub fn pending_requests(&self) -> usize {
        lock(&self.0.mediator).pending_requests()
    }

    async fn begin(
        mut config: Config,
        ports: Ports,
        ids: Box<dyn IdSource>,
        tasks: TaskTracker,
        ground: Ground,
    ) -> Result<Self, StartError> {
        config.methods = declarations(&ports.optional.methods)?;
        config.settings = match ports.optional.settings {
            Some(_) => SettingsAvailability::Present,
            None => SettingsAvailability::Absent,
        };
        config.sign_in = match ports.optional.sign_in {
            Some(_) => SignInSupport::Present,
            None => SignInSupport::Absent,
        };
        config.browser = match ports.optional.browser {
            Some(_) => BrowserSupport::Present,
            None => BrowserSupport::Absent,
        };
        let remembered = ports.grants.load().await?;
        let clock = ports.clock.clone();
        #[cfg(feature = "simulation")]
        let breakage = config.breakage;
        let mediator = Mediator::new(config, ids);
        let inner = Arc::new(Inner {
            #[cfg(feature = "simulation")]
            breakage,
            mediator: Mutex::new(mediator),
            outlets: Mutex::new(None),
            clock,
            deadline_changed: Arc::new(Notify::new()),
            timer: Mutex::new(None),
            last_session: AtomicU64::new(0),
            last_revoke: AtomicU64::new(0),
        });
        let outlets = Outlets::start(ports, tasks, &ground, Arc::downgrade(&inner))?;
        *lock(&inner.outlets) = Some(outlets);
        inner.apply(Input::Loaded(remembered));
        let timer = timer::run(Arc::downgrade(&inner), inner.deadline_changed.clone());
        *lock(&inner.timer) = Some(tokio::spawn(timer).abort_handle());
        Ok(Self(inner))
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
        let call = RevokeCall(self.0.last_revoke.fetch_add(1, Ordering::Relaxed) + 1);
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
        if lock(&self.0.outlets).is_none() {
            return Err(OpenError::ShutDown);
        }
        let session = SessionId(self.0.last_session.fetch_add(1, Ordering::Relaxed) + 1);
        let mut mediator = lock(&self.0.mediator);
        mediator.check_open(&manifest)?;
        let opened = Input::Opened { session, manifest: Arc::new(manifest), launch };
        let effects = mediator.handle(self.0.clock.now(), opened);
        self.0.carry_out(mediator, effects, Some);
        Ok(session)
    }

    /// Tells that a page load began; to be told before that document's first message.
    pub fn document_started(&self, session: SessionId, document: DocumentId) {
        self.0.apply(Input::DocumentStarted { session, document });
    }

    /// Takes one message of a document. The answer comes back at once where it needs neither the
    /// user nor a disk nor a network; else it comes to the [`ContainerSink`].
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

    /// Tells that the mini-program came to the screen or left it.
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
        let mut mediator = lock(&self.0.mediator);
        mediator.check_answer(prompt, digest, &choice)?;
        let effects = mediator.handle(self.0.clock.now(), Input::Answered { prompt, choice });
        self.0.carry_out(mediator, effects, Some);
        Ok(())
    }

    /// The prompts that wait for an answer, for a host that draws its screen anew.
    pub fn pending_prompts(&self) -> Vec<ConsentView> {
        lock(&self.0.mediator).open_prompt().cloned().into_iter().collect()
    }

    /// The live grants of the user who is signed in.
    pub fn grants(&self) -> Vec<Grant> {
        lock(&self.0.mediator).grants(self.0.clock.now())
    }

    /// The ended grants of the user who is signed in, oldest end first.
    pub fn past_grants(&self) -> Vec<Grant> {
        lock(&self.0.mediator).past_grants()
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

impl Inner {
    /// Hands the mediator one input and carries out what it wants.
    pub(super) fn apply(&self, input: Input<'_>) {
        self.apply_and(input, Some);
    }

    /// The same, but lets the caller keep effects for itself.
    fn apply_and(&self, input: Input<'_>, keep: impl FnMut(Effect) -> Option<Effect>) {
        let mut mediator = lock(&self.mediator);
        let effects = mediator.handle(self.clock.now(), input);
        self.carry_out(mediator, effects, keep);
    }

    /// Queues effects while the machine is still locked, so that they leave in the order in which
    /// the machine decided them. Queuing does not wait.
    fn carry_out(
        &self,
        mediator: MutexGuard<'_, Mediator>,
        effects: Vec<Effect>,
        mut keep: impl FnMut(Effect) -> Option<Effect>,
    ) {
        {
            let outlets = lock(&self.outlets);
            for effect in effects.into_iter().filter_map(&mut keep) {
                if let Some(outlets) = outlets.as_ref() {
                    outlets.carry_out(effect);
                }
            }
        }
        drop(mediator);
        #[cfg(feature = "simulation")]
        if self.breakage == Some(minihost_core::Breakage::Deadline) {
            return;
        }
        self.deadline_changed.notify_one();
    }

    /// How long until the mediator wants to be called, where it does.
    pub(super) fn time_to_deadline(&self) -> Option<Duration> {
        let deadline = lock(&self.mediator).next_deadline()?;
        Some(deadline.saturating_sub(self.clock.now().uptime))
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        if let Some(timer) = lock(&self.timer).take() {
            timer.abort();
        }
    }
}

fn declarations(methods: &[Arc<dyn HostMethod>]) -> Result<Vec<HostMethodDeclaration>, StartError> {
    let mut declared: Vec<HostMethodDeclaration> = Vec::new();
    for method in methods {
        let declaration = method.declaration();
        if declared.iter().any(|known| known.name == declaration.name) {
            return Err(StartError::MethodNamedTwice(declaration.name));
        }
        declared.push(declaration);
    }
    Ok(declared)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic elsewhere must not take the host down: every state behind these locks is whole
    // between two statements.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn random_id() -> u128 {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("the operating system has a source of randomness");
    u128::from_ne_bytes(bytes)
}
