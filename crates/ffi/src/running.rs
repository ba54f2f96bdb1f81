//! What a host is made of until it is shut down.

use std::{
    future::Future,
    sync::{Arc, Mutex, PoisonError},
};

use minihost::{
    Account, Cancellation, HostRuntime, InvalidMethodName, Issuer, LetGo, Locale, Manifest,
    MiniHost, MiniProgramId, Ports, RevokeError, Scope, SignInOutcome, Stopped, SystemClock, User,
    diagnosis::{Doctor, Mediation, Program},
    http::ReqwestTransport,
    issuer::{ClientAuthentication, CodeIssuerConfig, ProfileSettings, code_issuer},
    manifest::Build,
    ports::{self, BrowserOutcome, Later},
    session::{
        self, BrowserSignIn, DeviceDecision, Password, RedirectUri, SignInWish, TokenSession,
    },
};
use url::Url;

use crate::{
    audit::{AuditSink, ForeignAudit},
    code_requests::{ForeignIssuer, GrantEnded, Issued},
    config::{HostConfig, Launch},
    credentials::{ClientCredentials, Signature},
    device::DeviceRequest,
    device_error::DeviceRequestError,
    diagnosis::{Finding, RegisteredProgram},
    error::{HostError, OpenError, RestoreError, SignInError, SignOutError, StartError},
    grants::Revoked,
    methods::{ForeignMethod, Returned},
    ports::{ForeignBrowser, ForeignSettings, ForeignSignIn, OptionalPorts},
    program::OpenedProgram,
    prompt::{ConsentPrompt, ForeignPrompt},
    sink::{ContainerSink, ForeignSink},
    storage::Storage,
    transport::HttpAnswers,
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
    checked: Checked,
    runtime: HostRuntime,
}

/// What a diagnosis looks at.
struct Checked {
    issuer: Issuer,
    client: ClientAuthentication,
    transport: Arc<dyn ports::HttpTransport>,
    secrets: Arc<dyn ports::SecretStore>,
    mediation: Mediation,
}

/// The ports that a host app must bring.
pub(crate) struct Needed {
    pub(crate) prompt: Arc<dyn ConsentPrompt>,
    pub(crate) sink: Arc<dyn ContainerSink>,
    pub(crate) audit: Arc<dyn AuditSink>,
}

impl Running {
    pub(crate) async fn start(
        config: HostConfig,
        credentials: Arc<ClientCredentials>,
        needed: Needed,
        optional: OptionalPorts,
        cancellation: Option<Cancellation>,
    ) -> Result<Self, StartError> {
        let (mediator, build) = (config.mediator()?, config.build());
        let locale = Mutex::new(mediator.locale.clone());
        let answers = Answers::default();
        let OptionalPorts { network, secrets, grants, code_issuer: own_issuer, user, .. } =
            optional.clone();
        let optional = answers.ports(optional)?;
        let runtime = HostRuntime::start().map_err(minihost::StartError::Threads)?;
        let opened = runtime.run(Storage::open(secrets, grants), LetGo::Ends, cancellation.clone());
        let Storage { secrets, grants } = opened.await??;
        let client = credentials.client(&config.client_id(), &answers.signatures);
        let transport: Arc<dyn ports::HttpTransport> = match network {
            Some(network) => network.transport(&answers.http),
            None => Arc::new(ReqwestTransport::new()),
        };
        let clock = Arc::new(SystemClock::new());
        let (issuer, profile) = (Issuer::new(&config.issuer), config.profile()?);
        let session = TokenSession::new(
            config.sign_in(client.clone()),
            transport.clone(),
            secrets.clone(),
            clock.clone(),
        )?;
        let mediation = match (&own_issuer, &profile) {
            (None, ProfileSettings::Challenge(_)) => Mediation::Wanted,
            _ => Mediation::NotWanted,
        };
        let code_issuer = match own_issuer {
            Some(port) => Arc::new(ForeignIssuer {
                port,
                codes: answers.codes.clone(),
                endings: answers.endings.clone(),
                last: Arc::default(),
            }),
            None => code_issuer(
                CodeIssuerConfig { issuer: issuer.clone(), client: Some(client.clone()), profile },
                transport.clone(),
                Arc::new(session.clone()),
                clock.clone(),
            )?,
        };
        let ports = Ports {
            prompt: Arc::new(ForeignPrompt(needed.prompt)),
            sink: Arc::new(ForeignSink(needed.sink)),
            code_issuer,
            grants,
            audit: Arc::new(ForeignAudit(needed.audit)),
            clock,
            optional,
        };
        let started = runtime.run(MiniHost::start(mediator, ports), LetGo::Ends, cancellation);
        let host = started.await??;
        let account = Account::new(host.clone(), session.clone());
        drop(runtime.spawn(account.follow()));
        if let Some(observer) = user {
            let observed = account.observe(Arc::new(ForeignUserObserver(observer)));
            drop(runtime.spawn(observed.map_err(minihost::StartError::Threads)?));
        }
        let checked = Checked { issuer, client, transport, secrets, mediation };
        Ok(Self { host, account, answers, build, locale, session, checked, runtime })
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

    /// Begins to sign in whoever was signed in when the process ended.
    pub(crate) fn restore_sign_in(
        &self,
        cancellation: Option<Cancellation>,
    ) -> impl Future<Output = Result<Option<User>, RestoreError>> + Send + use<> {
        let account = self.account.clone();
        let restored = async move { account.restore().await };
        let restored = self.runtime.run(restored, LetGo::Ends, cancellation);
        async move { Ok(restored.await??) }
    }

    /// Begins a sign-in.
    pub(crate) fn sign_in_with_password(
        &self,
        username: String,
        password: Password,
        cancellation: Option<Cancellation>,
    ) -> impl Future<Output = Result<User, SignInError>> + Send + use<> {
        let account = self.account.clone();
        let signed_in = async move { account.sign_in_with_password(&username, password).await };
        let signed_in = self.runtime.run(signed_in, LetGo::Ends, cancellation);
        async move { Ok(signed_in.await??) }
    }

    /// Begins to begin a sign-in in the browser.
    pub(crate) fn begin_sign_in(
        &self,
        redirect_uri: RedirectUri,
        wish: SignInWish,
        cancellation: Option<Cancellation>,
    ) -> impl Future<Output = Result<BrowserSignIn, SignInError>> + Send + use<> {
        let session = self.session.clone();
        let begun = async move { session.begin_sign_in(redirect_uri, wish).await };
        let begun = self.runtime.run(begun, LetGo::Ends, cancellation);
        async move { Ok(begun.await??) }
    }

    /// Begins to finish it.
    pub(crate) fn finish_sign_in(
        &self,
        sign_in: BrowserSignIn,
        answer: Url,
        cancellation: Option<Cancellation>,
    ) -> impl Future<Output = Result<User, SignInError>> + Send + use<> {
        let account = self.account.clone();
        let signed_in = async move { account.finish_sign_in(sign_in, &answer).await };
        let signed_in = self.runtime.run(signed_in, LetGo::Ends, cancellation);
        async move { Ok(signed_in.await??) }
    }

    /// Begins a sign-out, which goes on though nobody waits for it.
    pub(crate) fn sign_out(
        &self,
        cancellation: Option<Cancellation>,
    ) -> impl Future<Output = Result<(), SignOutError>> + Send + use<> {
        let account = self.account.clone();
        let signed_out = async move { account.sign_out().await };
        let signed_out = self.runtime.run(signed_out, LetGo::GoesOn, cancellation);
        async move { Ok(signed_out.await??) }
    }

    /// Begins to take grants back, which goes on though nobody waits for it.
    pub(crate) fn revoke(
        &self,
        mini_program: String,
        scopes: Option<Vec<String>>,
        cancellation: Option<Cancellation>,
    ) -> impl Future<Output = Result<Revoked, HostError>> + Send + use<> {
        let host = self.host.clone();
        let scopes = scopes.map(|scopes| scopes.into_iter().map(Scope::new).collect());
        let program = MiniProgramId::new(mini_program);
        let revoked = async move { host.revoke(program, scopes).await };
        let revoked = self.runtime.run(revoked, LetGo::GoesOn, cancellation);
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
        cancellation: Option<Cancellation>,
    ) -> impl Future<Output = Result<Arc<DeviceRequest>, DeviceRequestError>> + Send + use<> {
        let session = self.session.clone();
        let found = async move { session.device_request(&code).await };
        let found = self.runtime.run(found, LetGo::Ends, cancellation);
        async move { Ok(DeviceRequest::new(found.await??)) }
    }

    /// Begins to answer a device, which goes on though nobody waits for it.
    pub(crate) fn answer_device_request(
        &self,
        request: session::DeviceRequest,
        decision: DeviceDecision,
        cancellation: Option<Cancellation>,
    ) -> impl Future<Output = Result<(), DeviceRequestError>> + Send + use<> {
        let session = self.session.clone();
        let answer = async move { session.answer_device_request(request, decision).await };
        let answered = self.runtime.run(answer, LetGo::GoesOn, cancellation);
        async move { Ok(answered.await??) }
    }

    /// Begins to look at everything that the host needs.
    pub(crate) fn diagnose(
        &self,
        programs: Vec<RegisteredProgram>,
        redirect_uri: Option<RedirectUri>,
        cancellation: Option<Cancellation>,
    ) -> Result<impl Future<Output = Result<Vec<Finding>, Stopped>> + Send + use<>, StartError>
    {
        let Checked { issuer, client, transport, secrets, mediation } = &self.checked;
        let clock = Arc::new(SystemClock::new());
        let mut doctor = Doctor::new(issuer.clone(), client.clone(), transport.clone(), clock)?
            .mediation(*mediation)
            .secrets(secrets.clone());
        if let Some(uri) = redirect_uri {
            doctor = doctor.redirect_uri(uri);
        }
        for RegisteredProgram { client_id, redirect_uri } in programs {
            let client_id = minihost::ClientId::new(client_id);
            doctor = doctor.program(Program { client_id, redirect_uri });
        }
        let host = self.host.clone();
        let diagnosis = async move { host.diagnose(&doctor).await };
        let diagnosis = self.runtime.run(diagnosis, LetGo::Ends, cancellation);
        Ok(async move { Ok(diagnosis.await?.findings.into_iter().map(Finding::from).collect()) })
    }

    /// Ends the host, and with the last reference to this everything that still runs.
    pub(crate) async fn shutdown(self: Arc<Self>) -> Result<(), HostError> {
        let host = self.host.clone();
        let ended = self.runtime.run(async move { host.shutdown().await }, LetGo::GoesOn, None);
        Ok(ended.await?)
    }
}

/// What the host app was asked and has not answered yet.
#[derive(Default)]
pub(crate) struct Answers {
    pub(crate) methods: Later<Returned>,
    pub(crate) sign_ins: Later<SignInOutcome>,
    pub(crate) visits: Later<BrowserOutcome>,
    pub(crate) signatures: Later<Signature>,
    pub(crate) http: HttpAnswers,
    pub(crate) codes: Later<Issued>,
    pub(crate) endings: Later<GrantEnded>,
}

impl Answers {
    fn ports(&self, foreign: OptionalPorts) -> Result<minihost::OptionalPorts, InvalidMethodName> {
        let OptionalPorts { settings, sign_in, browser, methods, .. } = foreign;
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
