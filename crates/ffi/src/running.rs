//! What a host is made of until it is shut down.

use std::{future::Future, panic::resume_unwind, sync::Arc};

use minihost::{
    Account, ClientId, HostRuntime, Issuer, MiniHost, MiniProgramId, OptionalPorts, Ports,
    RevokeError, Scope, SystemClock, User,
    http::ReqwestTransport,
    issuer::{ChallengeConfig, ChallengeIssuer, ClientAuthentication, ClientSecret},
    session::{Password, SignInConfig, TokenSession},
    store::{MemoryGrantStore, MemorySecretStore},
};

use crate::{
    audit::{AuditSink, ForeignAudit},
    config::HostConfig,
    error::{HostError, SignInError, SignOutError, StartError},
    grants::Revoked,
    prompt::{ConsentPrompt, ForeignPrompt},
    sink::{ContainerSink, ForeignSink},
};

/// A host, its user's session, and the threads that both work on.
pub(crate) struct Running {
    pub(crate) host: MiniHost,
    pub(crate) account: Account,
    runtime: HostRuntime,
}

impl Running {
    pub(crate) async fn start(
        config: HostConfig,
        client_secret: String,
        prompt: Arc<dyn ConsentPrompt>,
        sink: Arc<dyn ContainerSink>,
        audit: Arc<dyn AuditSink>,
    ) -> Result<Self, StartError> {
        let runtime = HostRuntime::start().map_err(minihost::StartError::Threads)?;
        let issuer = Issuer::new(&config.issuer);
        let client = ClientAuthentication::ClientSecretBasic {
            client_id: ClientId::new(&config.client_id),
            client_secret: ClientSecret::new(client_secret),
        };
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
            optional: OptionalPorts::default(),
        };
        let host = run(&runtime, MiniHost::start(config.mediator(), ports)).await??;
        let account = Account::new(host.clone(), session);
        drop(runtime.spawn(account.follow()));
        Ok(Self { host, account, runtime })
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

    /// Ends the host, and with the last reference to this everything that still runs.
    pub(crate) async fn shutdown(self: Arc<Self>) -> Result<(), HostError> {
        let host = self.host.clone();
        run(&self.runtime, async move { host.shutdown().await }).await
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
