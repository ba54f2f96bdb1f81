//! `attest_jwt_client_auth` and `attest_jwt_client_auth_dpop`: each installation of a client has a key
//! of its own, for which the client's attester vouches (draft-ietf-oauth-attestation-based-client-auth-11).
//!
//! The key is proven by a token of its own or, in the combined mode, by the DPoP proof of the request.
//! Either must have what this process handed out, so that neither can be older than two minutes.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderName};
use serde_json::Value;

use crate::client::{ClientId, PublicKeys};
use crate::clock::UnixMillis;
use crate::freshness::{AHEAD, Purpose, Use};
use crate::http::caller::only;
use crate::http::{ErrorCode, Problem};
use crate::jose::{Algorithm, Claims, Jws, PublicKey, Thumbprint};
use crate::server::Server;

/// Where the attestation is (§4).
pub(crate) const HEADER: HeaderName = HeaderName::from_static("oauth-client-attestation");
/// Where the proof of possession is (§5.1).
const POP_HEADER: HeaderName = HeaderName::from_static("oauth-client-attestation-pop");

const KIND: &str = "oauth-client-attestation+jwt";
const POP_KIND: &str = "oauth-client-attestation-pop+jwt";
/// How old an attestation may be, whatever it says of itself.
const MAX_AGE: Duration = Duration::from_secs(24 * 60 * 60);
const MAX_JTI: usize = 256;

/// What the headers hold, before anything of it is looked at.
pub(super) struct Attestation {
    attestation: String,
    pop: Option<String>,
}

/// An installation for which the attester vouches.
pub(super) struct Instance {
    pub(super) key: Thumbprint,
    pub(super) proven_by: ProvenBy,
}

/// What shows that the sender has the key of the installation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum ProvenBy {
    /// A token of its own, which was checked (§5.1).
    Pop,
    /// The DPoP proof of the request, which is still to be checked (§5.2).
    Dpop,
}

impl Attestation {
    /// Reads the headers; `None` where there is no attestation.
    pub(super) fn read(headers: &HeaderMap) -> Result<Option<Self>, Problem> {
        let text = |name: &HeaderName| match only(headers, name) {
            Ok(None) => Ok(None),
            Ok(Some(value)) => value.to_str().map(|text| Some(text.to_owned())).map_err(|_| ()),
            Err(_) => Err(()),
        };
        match (text(&HEADER), text(&POP_HEADER)) {
            (Ok(None), Ok(None)) => Ok(None),
            (Ok(Some(attestation)), Ok(pop)) => Ok(Some(Self { attestation, pop })),
            _ => Err(Problem::invalid_request(
                "the client attestation must be there once, as must what proves its key",
            )),
        }
    }

    /// Whom the attestation says that it is of. Nothing vouches for that yet.
    pub(super) fn claimed_client(&self) -> Option<String> {
        Jws::parse(&self.attestation)?.unverified("sub")
    }

    /// The installation, where one of the attester's keys signed for it and its own key for this
    /// request. A proof counts as used from here on, whatever becomes of the request.
    pub(super) fn check(
        &self,
        server: &Server,
        id: &ClientId,
        attester: &PublicKeys,
    ) -> Result<Option<Instance>, Problem> {
        let now = server.clock.now();
        let Some(claims) = self.verified(attester) else {
            return Ok(None);
        };
        let Some(key) = attested_key(&claims, id, now) else {
            return Ok(None);
        };
        if !is_fresh(&claims, now) {
            return Err(Problem::new(
                ErrorCode::UseFreshAttestation,
                "the client attestation has expired",
            ));
        }
        let proven_by = match &self.pop {
            None => ProvenBy::Dpop,
            Some(pop) => match Pop::read(pop, &key, server.issuer.as_str(), now) {
                Some(pop) if pop.is_accepted(server, &key, now)? => ProvenBy::Pop,
                _ => return Ok(None),
            },
        };
        Ok(Some(Instance { key: key.thumbprint(), proven_by }))
    }

    fn verified(&self, attester: &PublicKeys) -> Option<Claims> {
        let jws = Jws::parse(&self.attestation)?;
        is_of(&jws, KIND).then(|| attester.signer(&jws))?
    }
}

fn is_of(jws: &Jws<'_>, kind: &str) -> bool {
    jws.kind().is_some_and(|found| found.eq_ignore_ascii_case(kind))
        && Algorithm::FOR_CLIENTS.contains(&jws.algorithm())
}

/// The key of an installation of this client.
fn attested_key(claims: &Claims, id: &ClientId, now: UnixMillis) -> Option<PublicKey> {
    let was_made = claims.time("iat")? <= now.plus(AHEAD);
    let may_expire = claims.time("exp").is_some();
    if claims.text("sub") != Some(id.as_str())
        || !was_made
        || !may_expire
        || !has_begun(claims, now)
    {
        return None;
    }
    PublicKey::from_jwk(claims.get("cnf")?.get("jwk")?)
}

/// §7.1, rule 6.
fn is_fresh(claims: &Claims, now: UnixMillis) -> bool {
    claims.time("exp").is_some_and(|at| now < at)
        && claims.time("iat").is_some_and(|at| now.since(at) <= MAX_AGE)
}

fn has_begun(claims: &Claims, now: UnixMillis) -> bool {
    match claims.get("nbf") {
        Some(_) => claims.time("nbf").is_some_and(|at| at <= now.plus(AHEAD)),
        None => true,
    }
}

/// A proof of possession that is right in all that it says itself.
struct Pop {
    id: String,
    challenge: Option<String>,
}

impl Pop {
    fn read(pop: &str, key: &PublicKey, issuer: &str, now: UnixMillis) -> Option<Self> {
        let jws = Jws::parse(pop)?;
        if !is_of(&jws, POP_KIND) {
            return None;
        }
        let claims = jws.verify(key)?;
        let is_in_time = has_begun(&claims, now)
            && claims.get("exp").is_none_or(|_| claims.time("exp").is_some_and(|at| now < at));
        if claims.text("aud") != Some(issuer) || claims.time("iat").is_none() || !is_in_time {
            return None;
        }
        let id = claims.text("jti").filter(|id| (1..=MAX_JTI).contains(&id.len()))?.to_owned();
        let challenge = claims.get("challenge").and_then(Value::as_str).map(str::to_owned);
        Some(Self { id, challenge })
    }

    /// Whether it answers a challenge of this process, for the first time.
    fn is_accepted(
        &self,
        server: &Server,
        key: &PublicKey,
        now: UnixMillis,
    ) -> Result<bool, Problem> {
        let freshness = &server.freshness;
        let is_current = self
            .challenge
            .as_ref()
            .is_some_and(|it| freshness.is_current_nonce(Purpose::Attestation, it, now));
        if !is_current {
            return Err(Problem::new(
                ErrorCode::UseAttestationChallenge,
                "the proof must have the challenge of the header beside this",
            ));
        }
        let owner = format!("attested {}", key.thumbprint());
        match freshness.record(&owner, &self.id, now) {
            Ok(used) => Ok(used == Use::First),
            Err(_) => Err(Problem::unavailable()),
        }
    }
}
