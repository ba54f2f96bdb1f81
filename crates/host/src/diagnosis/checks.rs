//! The checks, one after the other.

use jiff::{SignedDuration, Timestamp};

use super::{
    Check, Diagnosis, Doctor, Finding, Mediation, Secrets,
    probes::{Registered, Seen, Unknown},
};
use crate::{
    http::{Fault, Instead},
    issuer::{Assurance, CredentialError, MetadataError},
    ports::{SecretBytes, SecretName, SecretStoreError},
};

/// A server believes a statement that is so much older or younger than its own clock.
const TOLERANCE: SignedDuration = SignedDuration::from_secs(10);
const PROBE: SecretName = SecretName::new("doctor-probe");
const NO_SERVER: &str = "the server could not be asked";

impl Doctor {
    /// Looks at everything. Takes a few seconds, and half a minute for each request where the network
    /// is bad.
    pub async fn diagnose(&self) -> Diagnosis {
        let mut findings = Vec::new();
        match self.look().await {
            Ok(seen) => {
                findings.push(Finding::good(Check::Tls, "the server answers"));
                findings.push(self.clock(seen.date));
                findings.extend(self.server(seen).await);
            }
            Err(fault) => {
                findings.push(way(fault));
                let others = [Check::Clock, Check::Metadata, Check::HostCredentials];
                findings.extend(others.map(|check| Finding::unknown(check, NO_SERVER)));
            }
        }
        findings.push(self.store().await);
        Diagnosis { findings }
    }

    async fn server(&self, seen: Seen) -> Vec<Finding> {
        let metadata = match seen.metadata {
            Ok(metadata) => metadata,
            Err(error) => {
                let address = self.address.metadata();
                let cure = match error {
                    MetadataError::Absent => format!(
                        "check the configured issuer, letter by letter: the server must answer at {address}"
                    ),
                    _ => format!(
                        "compare the configured issuer, letter by letter, with the one in {address}"
                    ),
                };
                let bad = Finding::bad(Check::Metadata, error.as_str(), cure);
                return vec![bad, Finding::unknown(Check::HostCredentials, NO_SERVER)];
            }
        };
        let missing = metadata.missing(self.mediation == Mediation::Wanted);
        let mut findings = vec![if missing.is_empty() {
            Finding::good(Check::Metadata, "the server says all that a host needs")
        } else {
            let cure = "use another profile, or have the server's operator switch it on";
            Finding::bad(Check::Metadata, format!("it lacks {}", missing.join(", ")), cure)
        }];
        findings.push(match &metadata.token_endpoint {
            Some(endpoint) => self.credentials(endpoint).await,
            None => Finding::unknown(Check::HostCredentials, "there is no token endpoint"),
        });
        let Some(endpoint) = &metadata.authorization_endpoint else { return findings };
        if let Some(redirect_uri) = &self.redirect_uri {
            let client = self.client.client_id().as_str();
            let registered = self.registered(endpoint, client, redirect_uri.as_str()).await;
            let party = "the host's client id";
            findings.push(registration(Check::RedirectUri, party, &registered));
        }
        for program in &self.programs {
            let client = program.client_id.as_str();
            let registered = self.registered(endpoint, client, &program.redirect_uri).await;
            let party = "the mini-program's client id";
            let finding = registration(Check::MiniProgram, party, &registered);
            findings.push(finding.about(client));
        }
        findings
    }

    fn clock(&self, server: Option<Timestamp>) -> Finding {
        let Some(server) = server else {
            return Finding::unknown(Check::Clock, "the server does not say what time it is");
        };
        let ahead = self.clock.now().time.duration_since(server);
        if ahead.abs() <= TOLERANCE {
            return Finding::good(Check::Clock, "the device and the server agree");
        }
        let side = if ahead.is_positive() { "ahead of" } else { "behind" };
        let saw = format!("the device is {} seconds {side} the server", ahead.abs().as_secs());
        let cure =
            "have the clock set by the network; until then signatures and consents look forged";
        Finding::bad(Check::Clock, saw, cure)
    }

    async fn credentials(&self, endpoint: &url::Url) -> Finding {
        let check = Check::HostCredentials;
        let worth = self.client.assurance();
        match self.authenticate(endpoint).await {
            Ok(_) if worth == Assurance::Public => {
                Finding::good(check, "the server knows the client, which proves nothing")
            }
            Ok(error) if matches!(error.as_str(), "invalid_grant" | "unauthorized_client") => {
                Finding::good(check, format!("the server accepts the host ({worth:?})"))
            }
            Ok(error) if error == "invalid_client" => Finding::bad(
                check,
                "the server does not accept the host (invalid_client)",
                "check client id, secret or key, and the method that the client is registered with; \
                 a server that does not decode what it gets needs client_secret_basic verbatim",
            ),
            Ok(_) => Finding::unknown(check, "the server's answer says nothing about the host"),
            Err(Unproven::Credentials(error)) => {
                Finding::bad(check, error.to_string(), "bring credentials that can be used here")
            }
            Err(Unproven::Fault(fault)) => Finding { check, ..way(fault) },
        }
    }

    async fn store(&self) -> Finding {
        let check = Check::SecretStore;
        let secrets = match &self.secrets {
            Secrets::NotNamed => return Finding::unknown(check, "none was named"),
            Secrets::Closed(error) => return store_failed(error),
            Secrets::Named(secrets) => secrets,
        };
        let written = SecretBytes::new(*b"doctor");
        let kept = async {
            secrets.put(PROBE, &written).await?;
            let read = secrets.get(PROBE).await?;
            secrets.delete(PROBE).await?;
            Ok::<_, SecretStoreError>(read.is_some_and(|read| read.expose() == written.expose()))
        };
        match kept.await {
            Ok(true) => Finding::good(check, "it keeps what it is given"),
            Ok(false) => Finding::bad(
                check,
                "it does not keep what it is given",
                "use another secret store; users must sign in anew at every start with this one",
            ),
            Err(error) => store_failed(&error),
        }
    }
}

/// Why nothing is known of the host's credentials.
pub(super) enum Unproven {
    Credentials(CredentialError),
    Fault(Fault),
}

fn store_failed(error: &SecretStoreError) -> Finding {
    let cure = match error {
        SecretStoreError::Locked => "unlock the keychain",
        _ => "start a Secret Service on Linux, or give the app its keychain entitlement",
    };
    Finding::bad(Check::SecretStore, error.to_string(), cure)
}

fn registration(check: Check, party: &str, registered: &Registered) -> Finding {
    match registered {
        Registered::Yes => Finding::good(check, "the server knows the pair"),
        Registered::No { status, unknown: Unknown::Client } => Finding::bad(
            check,
            format!("the server does not know {party} (status {status})"),
            format!("compare {party} with the server's, or have its operator register the client"),
        ),
        Registered::No { status, unknown: Unknown::RedirectUri } => Finding::bad(
            check,
            format!("the server knows {party}, but not with this redirect URI (status {status})"),
            "have its operator register exactly this redirect URI, every character of it; a client \
             that must push its requests (PAR) is refused here too",
        ),
        Registered::No { status, unknown: Unknown::Either } => Finding::bad(
            check,
            format!("the server sends nobody there (status {status})"),
            format!(
                "have its operator register {party} with exactly this redirect URI, every character of it; a client that must push its requests (PAR) is refused here too"
            ),
        ),
        Registered::Unclear(saw) => Finding::unknown(check, saw.clone()),
    }
}

/// What a fault says about the way to the server.
fn way(fault: Fault) -> Finding {
    let bad = |saw: String, cure: &str| Finding::bad(Check::Tls, saw, cure);
    match fault {
        Fault::Untrusted(detail) => bad(
            format!("the server cannot be trusted: {detail}"),
            "renew the server's certificate, give the host its root certificate, or mend the pins",
        ),
        Fault::Unreachable(detail) => bad(
            format!("no connection: {detail}"),
            "check the address, the network, the proxy and the firewall",
        ),
        Fault::ConnectionLost(detail) => bad(
            format!("the connection broke: {detail}"),
            "look for a proxy or a firewall on the way that cuts connections",
        ),
        Fault::TimedOut => bad(
            "no answer in time".to_owned(),
            "check the address and whether the server is overloaded",
        ),
        Fault::NotTheServer { status, instead: Instead::Page } => bad(
            format!("a page for people came, with status {status}"),
            "sign in to the network; check the address and the proxy",
        ),
        Fault::NotTheServer { status, .. } => bad(
            format!("something sends the host elsewhere, with status {status}"),
            "check the address: the host follows no redirect",
        ),
        Fault::Unavailable { status, .. } => bad(
            format!("the server is not available (status {status})"),
            "try again later, and ask its operator",
        ),
        Fault::Failed { status } => {
            bad(format!("the server failed (status {status})"), "its operator must look into it")
        }
        Fault::Unacceptable(what) => {
            bad(format!("its answer cannot be used: {what}"), "check the configured issuer")
        }
    }
}
