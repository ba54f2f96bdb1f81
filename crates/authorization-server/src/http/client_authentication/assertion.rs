//! `private_key_jwt`: assertions signed by the client (RFC 7523 §2.2 and §3, OpenID Connect Core
//! §9), as strict as FAPI 2.0 §5.3.2.1 and draft-ietf-oauth-rfc7523bis ask.
//!
//! The audience is the issuer identifier alone, as a string: an assertion that also names the token
//! endpoint, or another server, could be used where it was not meant for.

use std::time::Duration;

use crate::client::{ClientId, PublicKeys};
use crate::clock::UnixMillis;
use crate::freshness::AHEAD;
use crate::http::Problem;
use crate::jose::{Algorithm, Claims, Jws};
use crate::server::Server;
use crate::store::assertions;

/// The one `client_assertion_type` (RFC 7523 §2.2).
pub(super) const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// How far ahead of its making an assertion may expire.
const LIFETIME: Duration = Duration::from_secs(60);
const MAX_JTI: usize = 256;

/// Whom an assertion says that it is of. Nothing vouches for that yet.
pub(super) fn claimed_client(assertion: &str) -> Option<String> {
    Jws::parse(assertion)?.unverified("sub")
}

/// Whether one of these keys signed the assertion, for this server, just now, and it was not used
/// before. It counts as used from here on, whatever becomes of the request.
pub(super) async fn proves(
    server: &Server,
    id: &ClientId,
    keys: &PublicKeys,
    assertion: &str,
) -> Result<bool, Problem> {
    let now = server.clock.now();
    let Some(assertion) = verified(assertion, keys)
        .and_then(|claims| Assertion::read(&claims, id, server.issuer.as_str(), now))
    else {
        return Ok(false);
    };
    let issuer = id.clone();
    let Assertion { jti, expires_at } = assertion;
    let record = move |db: &_| assertions::use_once(db, &issuer, &jti, expires_at);
    Ok(server.store.write(record).await?)
}

fn verified(assertion: &str, keys: &PublicKeys) -> Option<Claims> {
    let jws = Jws::parse(assertion)?;
    let is_of_this_kind = jws.kind().is_none_or(|kind| {
        ["jwt", "client-authentication+jwt"].iter().any(|known| kind.eq_ignore_ascii_case(known))
    });
    if !is_of_this_kind || !Algorithm::FOR_CLIENTS.contains(&jws.algorithm()) {
        return None;
    }
    keys.signer(&jws)
}

/// What is left to know of an assertion that is right in all else.
#[derive(PartialEq, Eq, Debug)]
struct Assertion {
    jti: String,
    expires_at: UnixMillis,
}

impl Assertion {
    fn read(claims: &Claims, id: &ClientId, issuer: &str, now: UnixMillis) -> Option<Self> {
        let is = |name, expected| claims.text(name) == Some(expected);
        if !(is("iss", id.as_str()) && is("sub", id.as_str()) && is("aud", issuer)) {
            return None;
        }
        let has_come = |name| match claims.get(name) {
            Some(_) => claims.time(name).is_some_and(|at| at <= now.plus(AHEAD)),
            None => true,
        };
        let expires_at = claims.time("exp")?;
        let in_time = now < expires_at && expires_at <= now.plus(LIFETIME).plus(AHEAD);
        if !(in_time && has_come("iat") && has_come("nbf")) {
            return None;
        }
        let jti = claims.text("jti")?;
        let fits = (1..=MAX_JTI).contains(&jti.len());
        fits.then(|| Self { jti: jti.to_owned(), expires_at })
    }
}
