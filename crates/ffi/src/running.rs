//! What a host is made of until it is shut down.

use std::{
    future::Future,
    panic::resume_unwind,
    sync::{Arc, Mutex, PoisonError},
};

use minihost::{
    Account, ClientId, HostRuntime, InvalidMethodName, Issuer, Locale, Manifest, MiniHost,
    MiniProgramId, Ports, RevokeError, Scope, SignInOutcome, SystemClock, User,
    http::ReqwestTransport,
    issuer::{ChallengeConfig, ChallengeIssuer},
    manifest::Build,
    ports::{BrowserOutcome, Later},
    session::{
        self, BrowserSignIn, DeviceDecision, Password, RedirectUri, SignInConfig, SignInWish,
        TokenSession,
    },
    store::{MemoryGrantStore, MemorySecretStore},
};
use url::Url;

use crate::{
    audit::{AuditSink, ForeignAudit},
    config::{HostConfig, Launch},
    credentials::{ClientCredentials, Signature},
    device::DeviceRequest,
    device_error::DeviceRequestError,
    error::{HostError, OpenError, SignInError, SignOutError, StartError},
    grants::Revoked,
    methods::{ForeignMethod, Returned},
    ports::{ForeignBrowser, ForeignSettings, ForeignSignIn, OptionalPorts},
    program::OpenedProgram,
    prompt::{ConsentPrompt, ForeignPrompt},
    sink::{ContainerSink, ForeignSink},
    user_observer::ForeignUserObserver,
};

/// A host, its user's session, and the threads that both work on.
pub(crate) struct Running {
    pub(crate) host: MiniHost,
    pub(crate) account: Account,
    pub(crate) answers: Answers,
    pub(crate) build: Build,
    locale: Mutex<Locale>,
    session: TokenSession,
    runtime: HostRuntime,
}

impl Running {
    pub(crate) async fn start(
        config: HostConfig,
        credentials: Arc<ClientCredentials>,
        prompt: Arc<dyn ConsentPrompt>,
        sink: Arc<dyn ContainerSink>,
        audit: Arc<dyn AuditSink>,
        optional: OptionalPorts,
    ) -> Result<Self, StartError> {
        let (mediator, build) = (config.mediator()?, config.build());
        let locale = Mutex::new(mediator.locale.clone());
        let answers = Answers::default();
        let observer = optional.user.clone();
        let optional = answers.ports(optional)?;
        let runtime = HostRuntime::start().map_err(minihost::StartError::Threads)?;
        let issuer = Issuer::new(&config.issuer);
        let client = credentials.client(&ClientId::new(&config.client_id), &answers.signatures);
        let transport = Arc::new(ReqwestTransport::new());
        let clock = Arc::new(SystemClock::new());
        let session = TokenSession::new(
            SignInConfig::new(issuer.clone(), client.clone()),
            transport.clone(),
            Arc::new(MemorySecretStore::default()),
            clock.clone(),
        )?;
        let code_issuer = ChallengeIssuer::new(
            ChallengeConfig { issuer, client },
            transport,
            Arc::new(session.clone()),
            clock.clone(),
        )?;
        let ports = Ports {
            prompt: Arc::new(ForeignPrompt(prompt)),
            sink: Arc::new(ForeignSink(sink)),
            code_issuer: Arc::new(code_issuer),
            grants: Arc::new(MemoryGrantStore::default()),
            audit: Arc::new(ForeignAudit(audit)),
            clock,
            optional,
        };
        let host = run(&runtime, MiniHost::start(mediator, ports)).await??;
        let account = Account::new(host.clone(), session.clone());
        drop(runtime.spawn(account.follow()));
        if let Some(observer) = observer {
            let observed = account.observe(Arc::new(ForeignUserObserver(observer)));
            drop(runtime.spawn(observed.map_err(minihost::StartError::Threads)?));
        }
        Ok(Self { host, account, answers, build, locale, session, runtime })
    }

    pub(crate) fn locale_changed(&self, locale: Locale) {
        *self.locale.lock().unwrap_or_else(PoisonError::into_inner) = locale.clone();
        self.host.locale_changed(locale);
    }

    pub(crate) fn open(
        &self,
        manifest: Manifest,
        launch: Launch,
    ) -> Result<OpenedProgram, OpenError> {
        let session = self.host.open(manifest.clone(), launch.into())?;
        let locale = self.locale.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(OpenedProgram::of(session, &manifest, &locale))
    }

    /// Begins a sign-in, which goes on though nobody waits for it.
    pub(crate) fn sign_in_with_password(
        &self,
        username: String,
        password: Password,
    ) -> impl Future<Output = Result<User, SignInError>> + Send + use<> {
        let account = self.account.clone();
        let signed_in = async move { account.sign_in_with_password(&username, password).await };
        let signed_in = run(&self.runtime, signed_in);
        async move { Ok(signed_in.await??) }
    }

    /// Begins to begin a sign-in in the browser.
    pub(crate) fn begin_sign_in(
        &self,
        redirect_uri: RedirectUri,
        wish: SignInWish,
    ) -> impl Future<Output = Result<BrowserSignIn, SignInError>> + Send + use<> {
        let session = self.session.clone();
        let begun = async move { session.begin_sign_in(redirect_uri, wish).await };
        let begun = run(&self.runtime, begun);
        async move { Ok(begun.await??) }
    }

    /// Begins to finish it, which goes on though nobody waits for it.
    pub(crate) fn finish_sign_in(
        &self,
        sign_in: BrowserSignIn,
        answer: Url,
    ) -> impl Future<Output = Result<User, SignInError>> + Send + use<> {
        let account = self.account.clone();
        let signed_in = async move { account.finish_sign_in(sign_in, &answer).await };
        let signed_in = run(&self.runtime, signed_in);
        async move { Ok(signed_in.await??) }
    }

    /// Begins a sign-out, which goes on though nobody waits for it.
    pub(crate) fn sign_out(&self) -> impl Future<Output = Result<(), SignOutError>> + Send + use<> {
        let account = self.account.clone();
        let signed_out = run(&self.runtime, async move { account.sign_out().await });
        async move { Ok(signed_out.await??) }
    }

    /// Begins to take grants back, which goes on though nobody waits for it.
    pub(crate) fn revoke(
        &self,
        mini_program: String,
        scopes: Option<Vec<String>>,
    ) -> impl Future<Output = Result<Revoked, HostError>> + Send + use<> {
        let host = self.host.clone();
        let scopes = scopes.map(|scopes| scopes.into_iter().map(Scope::new).collect());
        let program = MiniProgramId::new(mini_program);
        let revoked = run(&self.runtime, async move { host.revoke(program, scopes).await });
        async move {
            match revoked.await? {
                Ok(outcome) => Ok(Revoked::from(outcome)),
                Err(RevokeError::ShutDown) => Err(HostError::ShutDown),
            }
        }
    }

    /// Begins to look up what shows a code.
    pub(crate) fn device_request(
        &self,
        code: String,
    ) -> impl Future<Output = Result<Arc<DeviceRequest>, DeviceRequestError>> + Send + use<> {
        let session = self.session.clone();
        let found = run(&self.runtime, async move { session.device_request(&code).await });
        async move { Ok(DeviceRequest::new(found.await??)) }
    }

    /// Begins to answer a device, which goes on though nobody waits for it.
    pub(crate) fn answer_device_request(
        &self,
        request: session::DeviceRequest,
        decision: DeviceDecision,
    ) -> impl Future<Output = Result<(), DeviceRequestError>> + Send + use<> {
        let session = self.session.clone();
        let answer = async move { session.answer_device_request(request, decision).await };
        let answered = run(&self.runtime, answer);
        async move { Ok(answered.await??) }
    }

    /// Ends the host, and with the last reference to this everything that still runs.
    pub(crate) async fn shutdown(self: Arc<Self>) -> Result<(), HostError> {
        let host = self.host.clone();
        run(&self.runtime, async move { host.shutdown().await }).await
    }
}

/// What the host app was asked and has not answered yet.
#[derive(Default)]
pub(crate) struct Answers {
    pub(crate) methods: Later<Returned>,
    pub(crate) sign_ins: Later<SignInOutcome>,
    pub(crate) visits: Later<BrowserOutcome>,
    pub(crate) signatures: Later<Signature>,
}

impl Answers {
    fn ports(&self, foreign: OptionalPorts) -> Result<minihost::OptionalPorts, InvalidMethodName> {
        let OptionalPorts { settings, sign_in, browser, user: _, methods } = foreign;
        let methods = methods.into_iter().map(|own| ForeignMethod::new(own, self.methods.clone()));
        let methods: Vec<ForeignMethod> = methods.collect::<Result<_, _>>()?;
        Ok(minihost::OptionalPorts {
            settings: settings.map(|port| Arc::new(ForeignSettings(port)) as _),
            sign_in: sign_in
                .map(|port| Arc::new(ForeignSignIn { port, later: self.sign_ins.clone() }) as _),
            browser: browser
                .map(|port| Arc::new(ForeignBrowser { port, later: self.visits.clone() }) as _),
            methods: methods.into_iter().map(|method| Arc::new(method) as _).collect(),
        })
    }
}

/// Runs a future on the host's own threads, whoever awaits what it comes to.
fn run<F>(
    runtime: &HostRuntime,
    future: F,
) -> impl Future<Output = Result<F::Output, HostError>> + Send + use<F>
where
    F: Future<Output: Send + 'static> + Send + 'static,
{
    let task = runtime.spawn(future);
    async move {
        task.await.map_err(|stopped| match stopped.try_into_panic() {
            Ok(panic) => resume_unwind(panic),
            Err(_cancelled) => HostError::ShutDown,
        })
    }
}
