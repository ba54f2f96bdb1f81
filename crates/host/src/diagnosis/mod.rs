//! Finding out why a host does not work, before its users do.

mod checks;
mod finding;
mod probes;

use std::sync::Arc;

use minihost_core::{ClientId, Issuer};

pub use finding::{Check, Diagnosis, Finding, Verdict};

use crate::{
    MiniHost,
    clock::Clock,
    issuer::{ClientAuthentication, InvalidIssuer, ServerAddress},
    ports::{HttpTransport, SecretStore, SecretStoreError},
    session::RedirectUri,
};

/// Looks at everything that a host needs and does not have in its own hands: the authorization server,
/// the network on the way there, the clock, the registrations, the secret store.
///
/// Nobody is signed in and nothing is issued. The server sees a few requests that it refuses; the
/// secret store is written to and cleaned up.
pub struct Doctor {
    address: ServerAddress,
    client: ClientAuthentication,
    transport: Arc<dyn HttpTransport>,
    clock: Arc<dyn Clock>,
    /// Whether a code request is made at the server itself.
    mediation: Mediation,
    redirect_uri: Option<RedirectUri>,
    programs: Vec<Program>,
    secrets: Secrets,
}

/// What is known of the secret store beforehand.
enum Secrets {
    NotNamed,
    Named(Arc<dyn SecretStore>),
    Closed(SecretStoreError),
}

/// Whether the server must say that it issues codes to hosts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mediation {
    /// It must, as for the profile `challenge`.
    Wanted,
    /// Another profile does without.
    NotWanted,
}

/// A mini-program, as its manifest names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// Its client id.
    pub client_id: ClientId,
    /// One of its redirect URIs.
    pub redirect_uri: String,
}

impl Doctor {
    /// One that looks at the server, the network, the clock and the host's credentials.
    ///
    /// # Errors
    /// [`InvalidIssuer`].
    pub fn new(
        issuer: Issuer,
        client: ClientAuthentication,
        transport: Arc<dyn HttpTransport>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, InvalidIssuer> {
        Ok(Self {
            address: ServerAddress::new(issuer)?,
            client,
            transport,
            clock,
            mediation: Mediation::Wanted,
            redirect_uri: None,
            programs: Vec::new(),
            secrets: Secrets::NotNamed,
        })
    }

    /// Says whether the server must issue codes to hosts itself.
    #[must_use]
    pub fn mediation(mut self, mediation: Mediation) -> Self {
        self.mediation = mediation;
        self
    }

    /// Looks whether the host's own redirect URI is registered.
    #[must_use]
    pub fn redirect_uri(mut self, redirect_uri: RedirectUri) -> Self {
        self.redirect_uri = Some(redirect_uri);
        self
    }

    /// Looks whether a mini-program is registered.
    #[must_use]
    pub fn program(mut self, program: Program) -> Self {
        self.programs.push(program);
        self
    }

    /// Looks at the secret store.
    #[must_use]
    pub fn secrets(mut self, secrets: Arc<dyn SecretStore>) -> Self {
        self.secrets = Secrets::Named(secrets);
        self
    }

    /// Tells that the secret store did not open, for the cure.
    #[must_use]
    pub fn no_secrets(mut self, error: SecretStoreError) -> Self {
        self.secrets = Secrets::Closed(error);
        self
    }
}

impl MiniHost {
    /// Looks at everything that the host needs, and whether the host itself still runs.
    pub async fn diagnose(&self, doctor: &Doctor) -> Diagnosis {
        let mut diagnosis = doctor.diagnose().await;
        diagnosis.findings.push(if self.is_running() {
            Finding::good(Check::Host, "it runs")
        } else {
            Finding::bad(Check::Host, "it has been shut down", "start a new one")
        });
        diagnosis
    }
}
