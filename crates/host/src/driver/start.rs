//! Starting a host from what it brings.

use std::sync::Arc;

use minihost_core::{
    BrowserSupport, Config, HostMethodDeclaration, HostMethodName, IdSource, Input, Mediator,
    SettingsPage as SettingsAvailability, SignInSupport,
};
use tokio_util::task::TaskTracker;

use super::{effects::Outlets, lane::Ground, machine::Inner, mini_host::MiniHost, timer};
use crate::{
    clock::Clock,
    ports::{
        AuditSink, Browser, CodeIssuer, ConsentPrompt, ContainerSink, GrantStore, GrantStoreError,
        HostMethod, SettingsPage, SignInPrompt,
    },
    sync::lock,
};

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

impl MiniHost {
    /// Reads the remembered grants and starts. Must be awaited within a tokio runtime with time
    /// enabled, which the host uses from then on.
    ///
    /// # Errors
    /// [`StartError`]; nothing runs then.
    pub async fn start(config: Config, ports: Ports) -> Result<Self, StartError> {
        let tasks = TaskTracker::new();
        Self::begin(config, ports, Box::new(random_ids()), tasks, Ground::Threads).await
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
        let inner = Inner::new(mediator, clock);
        #[cfg(feature = "simulation")]
        let inner = inner.breaking(breakage);
        let inner = Arc::new(inner);
        let outlets = Outlets::start(ports, tasks, &ground, Arc::downgrade(&inner))?;
        *lock(&inner.outlets) = Some(outlets);
        inner.apply(Input::Loaded(remembered));
        let timer = timer::run(Arc::downgrade(&inner), inner.deadline_changed.clone());
        *lock(&inner.timer) = Some(tokio::spawn(timer).abort_handle());
        Ok(Self(inner))
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

/// How many ids are made at once: asking the operating system costs more than the bytes do.
const AT_ONCE: usize = 16;

fn random_ids() -> impl FnMut() -> u128 {
    let mut ready = Vec::new();
    move || loop {
        if let Some(id) = ready.pop() {
            return id;
        }
        let mut bytes = [0; size_of::<u128>() * AT_ONCE];
        getrandom::fill(&mut bytes).expect("the operating system has a source of randomness");
        let (ids, _) = bytes.as_chunks();
        ready.extend(ids.iter().copied().map(u128::from_ne_bytes));
    }
}
