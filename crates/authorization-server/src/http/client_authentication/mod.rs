//! Client authentication (RFC 6749 §2.3): a shared secret, a signed assertion, an attestation, or
//! nothing for public clients; never two of them.

mod assertion;
mod attestation;
mod secret;

use std::ops::Deref;
use std::sync::Arc;

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use tracing::field::display;
use zeroize::Zeroizing;

use super::caller::only;
use super::{Caller, ErrorCode, Form, Problem};
use crate::audit::AUDIT;
use crate::client::{Application, Client, ClientId, Proof};
use crate::dpop::{self, Dating};
use crate::jose::Thumbprint;
use crate::server::Server;
use crate::throttle::Subject;

pub(crate) use attestation::HEADER as ATTESTATION_HEADER;

use assertion::Expected;
use attestation::{Attestation, ProvenBy};
use secret::Credentials;

/// A client that proved who it is, or a public one, of which nothing can be asked.
#[derive(Clone)]
pub(crate) struct Authenticated {
    pub(crate) client: Arc<Client>,
    /// The key that the request proves to be the client's (RFC 9449 §5).
    pub(crate) key: Option<Thumbprint>,
    /// The key of the installation, where the client is attested.
    pub(crate) instance: Option<Thumbprint>,
}

impl Deref for Authenticated {
    type Target = Arc<Client>;

    fn deref(&self) -> &Arc<Client> {
        &self.client
    }
}

/// Finds the client that sends the request and checks that it is the one it says it is.
///
/// Right credentials always pass. Only failures are throttled: client ids are public, so anyone who
/// reaches the server could otherwise shut a client out by failing in its name.
pub(crate) async fn authenticate(
    server: &Server,
    caller: &Caller,
    form: &Form,
) -> Result<Authenticated, Problem> {
    let presented = Presented::read(&caller.headers, form)?;
    let Ok(id) = ClientId::new(presented.id.as_str()) else {
        return Err(failed());
    };
    let subject = match server.catalog.client(&id).await? {
        Some(client) => {
            if let Some(client) = presented.evidence.check(server, caller, client).await? {
                return Ok(client);
            }
            Subject::client(&id, caller.address)
        }
        None => Subject::unknown_clients(caller.address),
    };
    let now = server.clock.now();
    server.throttle.check(&subject, now)?;
    server.throttle.count_failure(&subject, now);
    let address = caller.address.map(display);
    tracing::warn!(target: AUDIT, client = %id, address, "client authentication failed");
    Err(failed())
}

/// One text for every cause: an unknown client looks like a wrong secret.
fn failed() -> Problem {
    Problem::new(ErrorCode::InvalidClient, "client authentication failed")
}

/// Who the request says that it is from. Has no `Debug`.
struct Presented {
    id: String,
    evidence: Evidence,
}

/// What is to prove it.
enum Evidence {
    None,
    Secret(Zeroizing<String>),
    Assertion(Zeroizing<String>),
    Attestation(Attestation),
}

impl Presented {
    fn read(headers: &HeaderMap, form: &Form) -> Result<Self, Problem> {
        let id = form.get("client_id")?;
        let secret = form.get("client_secret")?;
        let assertion = assertion_of(form)?;
        let header = only(headers, &AUTHORIZATION).map_err(|_| several())?;
        let attestation = Attestation::read(headers)?;
        let presented = match (header, secret, assertion, attestation) {
            (None, None, None, None) => {
                Self { id: id.ok_or_else(failed)?.to_owned(), evidence: Evidence::None }
            }
            (None, Some(secret), None, None) => {
                let secret = Zeroizing::new(secret.to_owned());
                let id = id.ok_or_else(failed)?.to_owned();
                Self { id, evidence: Evidence::Secret(secret) }
            }
            (Some(header), None, None, None) => {
                let Credentials { id, secret } =
                    secret::basic(header.as_bytes()).ok_or_else(failed)?;
                Self { id, evidence: secret.map_or(Evidence::None, Evidence::Secret) }
            }
            (None, None, None, Some(attestation)) => {
                let id = attestation.claimed_client().ok_or_else(failed)?;
                Self { id, evidence: Evidence::Attestation(attestation) }
            }
            (None, None, Some(assertion), None) => {
                let id = assertion::claimed_client(assertion).ok_or_else(failed)?;
                let assertion = Zeroizing::new(assertion.to_owned());
                Self { id, evidence: Evidence::Assertion(assertion) }
            }
            _ => return Err(several()),
        };
        if id.is_some_and(|id| id != presented.id) {
            return Err(Problem::invalid_request(
                "client_id differs from the authenticated client",
            ));
        }
        Ok(presented)
    }
}

fn assertion_of(form: &Form) -> Result<Option<&str>, Problem> {
    let kind = form.get("client_assertion_type")?;
    let assertion = form.get("client_assertion")?;
    match (kind, assertion) {
        (None, None) => Ok(None),
        (Some(assertion::TYPE), Some(assertion)) => Ok(Some(assertion)),
        (Some(_), None) => Err(Problem::invalid_request("client_assertion is missing")),
        _ => Err(Problem::invalid_request("client_assertion_type must be that of RFC 7523")),
    }
}

fn several() -> Problem {
    Problem::invalid_request("more than one client authentication method is used")
}

impl Evidence {
    /// The client, if this proves it, with the keys that the request proves to be its own.
    async fn check(
        &self,
        server: &Server,
        caller: &Caller,
        client: Arc<Client>,
    ) -> Result<Option<Authenticated>, Problem> {
        if let (Proof::Attested(attester), Self::Attestation(attestation)) = (&client.proof, self) {
            let Some(instance) = attestation.check(server, &client.id, attester)? else {
                return Ok(None);
            };
            caller.asking.is(&client);
            let dating = match instance.proven_by {
                ProvenBy::Pop => Dating::NonceOrClock,
                ProvenBy::Dpop => Dating::Nonce,
            };
            let key = dpop::proven_key(server, caller, None, dating)?;
            if instance.proven_by == ProvenBy::Dpop && key.as_ref() != Some(&instance.key) {
                return Ok(None);
            }
            return Ok(Some(Authenticated { client, key, instance: Some(instance.key) }));
        }
        if !self.proves(server, caller, &client).await? {
            return Ok(None);
        }
        caller.asking.is(&client);
        let key = dpop::proven_key(server, caller, None, Dating::NonceOrClock)?;
        Ok(Some(Authenticated { client, key, instance: None }))
    }

    async fn proves(
        &self,
        server: &Server,
        caller: &Caller,
        client: &Client,
    ) -> Result<bool, Problem> {
        Ok(match (&client.proof, self) {
            (Proof::Secret(kept), Self::Secret(presented)) => {
                kept.is(presented, server.clock.now())
            }
            (Proof::None, Self::None) => true,
            // What everybody who has the program knows proves nothing, there or not.
            (Proof::Secret(_), Self::None) => client.application == Application::Native,
            (Proof::Keys(keys), Self::Assertion(assertion)) => {
                let expected = Expected::of(server, caller, client);
                assertion::proves(server, &expected, keys, assertion).await?
            }
            _ => false,
        })
    }
}
