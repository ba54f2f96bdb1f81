//! A running server, and what a test may ask of it.

use std::future::pending;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use minihost_authorization_server::{AuthorizationServer, Config, Listener, ServeOptions};
use reqwest::Certificate;
use rustls::crypto::{CryptoProvider, ring};
use tempfile::TempDir;
use tokio::task::JoinHandle;

use crate::certificates::Certificates;
use crate::control;
use crate::failure::Failure;
use crate::host::{Approval, CodeRequest, IssuedCode};
use crate::registration::{ClientMetadata, RegisteredClient};
use crate::user_agent::{Arrival, UserAgents, Visit};
use crate::users::User;

/// An authorization server on the loopback interface with an empty database of its own, and its
/// control beside it. Both end when it is dropped.
pub struct Stage {
    pub(crate) shared: Arc<Shared>,
    control: String,
    authority_file: PathBuf,
    tasks: Vec<JoinHandle<()>>,
    _directory: TempDir,
}

/// What the control's requests share.
pub(crate) struct Shared {
    pub(crate) issuer: String,
    pub(crate) server: AuthorizationServer,
    pub(crate) http: reqwest::Client,
    pub(crate) authority: String,
    user_agents: UserAgents,
}

impl Stage {
    /// Starts the server and its control.
    ///
    /// # Errors
    /// When no port or directory is to be had, or the server does not open.
    pub async fn set() -> Result<Self, Failure> {
        let directory = tempfile::tempdir()?;
        let certificates = Certificates::issue(directory.path())?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let listener = Listener::loopback(address, Some(certificates.tls)).await?;
        let issuer = format!("https://{}", listener.address()?);
        let server = AuthorizationServer::open(Config::new(
            issuer.parse()?,
            directory.path().join("server.sqlite"),
        ))
        .await?;
        let serving = tokio::spawn({
            let server = server.clone();
            // It ends with the task.
            async move { server.serve(listener, ServeOptions::default(), pending()).await }
        });

        let http = http_client(&certificates.authority)?;
        let user_agents = UserAgents::new(http.clone(), &issuer)?;
        let shared = Arc::new(Shared {
            issuer,
            server,
            http,
            user_agents,
            authority: certificates.authority,
        });
        let (control, controlling) = control::serve(shared.clone()).await?;
        Ok(Self {
            shared,
            control,
            authority_file: certificates.authority_file,
            tasks: vec![serving, controlling],
            _directory: directory,
        })
    }

    /// The address of the control, without a trailing slash. Its path cannot be guessed.
    #[must_use]
    pub fn control(&self) -> &str {
        &self.control
    }

    /// The server's issuer identifier.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.shared.issuer
    }

    /// The certificate that callers of the server have to trust, in PEM.
    #[must_use]
    pub fn authority(&self) -> &str {
        &self.shared.authority
    }

    /// The file that holds it.
    #[must_use]
    pub fn authority_file(&self) -> &Path {
        &self.authority_file
    }

    /// Registers a client.
    ///
    /// # Errors
    /// When the server knows no such client.
    pub async fn register(&self, client: ClientMetadata) -> Result<RegisteredClient, Failure> {
        self.shared.register(client).await
    }

    /// Makes a user.
    ///
    /// # Errors
    /// When the server does not take it.
    pub async fn new_user(&self) -> Result<User, Failure> {
        self.shared.new_user().await
    }

    /// Goes to an address as a user would.
    ///
    /// # Errors
    /// When the way ends neither at a page nor at an address of somebody else.
    pub async fn visit(&self, visit: Visit) -> Result<Arrival, Failure> {
        self.shared.visit(visit).await
    }

    /// Lets a host ask for a code for a mini-program.
    ///
    /// # Errors
    /// When the server gives none.
    pub async fn code(&self, request: CodeRequest) -> Result<IssuedCode, Failure> {
        self.shared.code(request).await
    }

    /// Lets a user answer in a host what a device shows.
    ///
    /// # Errors
    /// When the server knows no such code.
    pub async fn answer(&self, approval: Approval) -> Result<(), Failure> {
        self.shared.answer(approval).await
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

impl Shared {
    pub(crate) async fn register(
        &self,
        client: ClientMetadata,
    ) -> Result<RegisteredClient, Failure> {
        client.register(self.server.registry()).await
    }

    pub(crate) async fn new_user(&self) -> Result<User, Failure> {
        User::create(self.server.registry()).await
    }

    pub(crate) async fn visit(&self, visit: Visit) -> Result<Arrival, Failure> {
        self.user_agents.visit(visit).await
    }

    pub(crate) async fn code(&self, request: CodeRequest) -> Result<IssuedCode, Failure> {
        request.send(self).await
    }

    pub(crate) async fn answer(&self, approval: Approval) -> Result<(), Failure> {
        approval.send(self).await
    }
}

fn http_client(authority: &str) -> Result<reqwest::Client, Failure> {
    if CryptoProvider::get_default().is_none() {
        // Losing the race is no fault.
        let _ = ring::default_provider().install_default();
    }
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .tls_certs_only([Certificate::from_pem(authority.as_bytes())?])
        .build()?;
    Ok(client)
}
