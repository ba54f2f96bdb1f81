//! What a host is made of until it is shut down.

use std::{
    future::Future,
    sync::{Arc, Mutex, PoisonError, atomic::AtomicU64},
};

use minihost::{
    Account, Cancellation, HostRuntime, InvalidMethodName, Issuer, LetGo, Locale, Manifest,
    MiniHost, MiniProgramId, Ports, RevokeError, Scope, SignInOutcome, Stopped, SystemClock,
    diagnosis::{Doctor, Mediation, Program},
    http::ReqwestTransport,
    issuer::{ClientAuthentication, CodeIssuerConfig, ProfileSettings, code_issuer},
    manifest::Build,
    ports::{self, BrowserOutcome, Later, UserSession},
    session::{ObservedSession, OwnSession, RedirectUri, TokenSession},
};

use crate::{
    accounts::Accounts,
    audit::{AuditSink, ForeignAudit},
    code_issuer::{ForeignIssuer, GrantEnded, Issued},
    config::{HostConfig, Launch},
    credential_signer::Signature,
    credentials::ClientCredentials,
    diagnosis::{Finding, RegisteredProgram},
    error::{HostError, OpenError, StartError},
    grants::Revoked,
    methods::{ForeignMethod, Returned},
    ports::{ForeignBrowser, ForeignSettings, ForeignSignIn, OptionalPorts},
    program::OpenedProgram,
    prompt::{ConsentPrompt, ForeignPrompt},
    sink::{ContainerSink, ForeignSink},
    storage::Storage,
    transport::HttpAnswers,
    user_observer::{ForeignUserObserver, UserObserver},
    user_session::{ForeignSession, SignOutResult, Token},
};

/// A host, its user's session, and the threads that both work on.
pub(crate) struct Running {
    pub(crate) host: MiniHost,
    pub(crate) accounts: Accounts,
    pub(crate) answers: Answers,
    pub(crate) build: Build,
    locale: Mutex<Locale>,
    checked: Checked,
    pub(crate) runtime: HostRuntime,
}

/// Who is signed in, before there is a host that is told of it.
enum Session {
    Sdk(TokenSession),
    Own(OwnSession),
}

impl Session {
    fn shared(&self) -> Arc<dyn UserSession> {
        match self {
            Self::Sdk(session) => Arc::new(session.clone()),
            Self::Own(session) => Arc::new(session.clone()),
        }
    }
}

/// Has the host, and whoever wants to know, hear of every change.
fn watched<S: ObservedSession + 'static>(
    runtime: &HostRuntime,
    host: &MiniHost,
    session: S,
    observer: Option<Arc<dyn UserObserver>>,
) -> Result<Account<S>, StartError> {
    let account = Account::new(host.clone(), session);
    drop(runtime.spawn(account.follow()));
    if let Some(observer) = observer {
        let observed = account.observe(Arc::new(ForeignUserObserver(observer)));
        drop(runtime.spawn(observed.map_err(minihost::StartError::Threads)?));
    }
    Ok(account)
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
        let OptionalPorts {
            network, secrets, grants, code_issuer: own_issuer, session, user, ..
        } = optional.clone();
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
        let session = match session {
            Some(port) => Session::Own(answers.session(port)),
            None => {
                let (client, transport) = (client.clone(), transport.clone());
                let (secrets, clock) = (secrets.clone(), clock.clone());
                let sign_in = config.sign_in(client);
                Session::Sdk(TokenSession::new(sign_in, transport, secrets, clock)?)
            }
        };
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
                session.shared(),
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
        let accounts = match session {
            Session::Sdk(session) => {
                let account = watched(&runtime, &host, session.clone(), user)?;
                Accounts::Sdk { account, session }
            }
            Session::Own(session) => Accounts::Own(watched(&runtime, &host, session, user)?),
        };
        let checked = Checked { issuer, client, transport, secrets, mediation };
        Ok(Self { host, accounts, answers, build, locale, checked, runtime })
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
    pub(crate) tokens: Later<Token>,
    pub(crate) sign_outs: Later<SignOutResult>,
}

impl Answers {
    fn session(&self, port: Arc<dyn crate::UserSession>) -> OwnSession {
        OwnSession::new(Arc::new(ForeignSession {
            port,
            tokens: self.tokens.clone(),
            sign_outs: self.sign_outs.clone(),
            last: AtomicU64::new(0),
        }))
    }

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
