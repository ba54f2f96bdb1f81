//! `private_key_jwt`: assertions signed by the client (RFC 7523 §2.2 and §3, OpenID Connect Core
//! §9), with the algorithms of FAPI 2.0 §5.4.

use std::iter;
use std::time::Duration;

use serde_json::Value;

use crate::client::{AssertionRules, Client, ClientId, PublicKeys};
use crate::clock::UnixMillis;
use crate::freshness::AHEAD;
use crate::http::{Caller, Problem};
use crate::jose::{Algorithm, Claims, Jws};
use crate::server::Server;
use crate::store::assertions;
use crate::token;

/// The one `client_assertion_type` (RFC 7523 §2.2).
pub(super) const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// How far ahead of its making an assertion may expire.
const LIFETIME: Duration = Duration::from_secs(60 * 60);
const STRICT_LIFETIME: Duration = Duration::from_secs(60);
const MAX_JTI: usize = 256;

/// Whom an assertion says that it is of. Nothing vouches for that yet.
pub(super) fn claimed_client(assertion: &str) -> Option<String> {
    Jws::parse(assertion)?.unverified("sub")
}

/// What an assertion has to say.
pub(super) struct Expected {
    client: ClientId,
    audience: Audience,
    lifetime: Duration,
}

/// What names this server.
enum Audience {
    /// This identifier alone, as a string.
    Issuer(String),
    /// Any of these, and nothing else beside them.
    AnyOf(Vec<String>),
}

impl Expected {
    pub(super) fn of(server: &Server, caller: &Caller, client: &Client) -> Self {
        let issuer = server.issuer.as_str().to_owned();
        let (audience, lifetime) = match client.assertions {
            AssertionRules::Strict => (Audience::Issuer(issuer), STRICT_LIFETIME),
            AssertionRules::Standard => {
                let endpoints =
                    [token::PATH, &caller.path].map(|path| server.issuer.endpoint(path));
                let own = iter::once(issuer).chain(endpoints).collect();
                (Audience::AnyOf(own), LIFETIME)
            }
        };
        Self { client: client.id.clone(), audience, lifetime }
    }
}

impl Audience {
    fn is_named_by(&self, claim: &Value) -> bool {
        match (self, claim) {
            (Self::Issuer(issuer), claim) => claim == issuer.as_str(),
            (Self::AnyOf(own), Value::String(named)) => own.contains(named),
            (Self::AnyOf(own), Value::Array(named)) => {
                let is_own =
                    |one: &Value| one.as_str().is_some_and(|one| own.iter().any(|o| o == one));
                !named.is_empty() && named.iter().all(is_own)
            }
            _ => false,
        }
    }
}

/// Whether one of these keys signed the assertion, for this server, just now, and it was not used
/// before. It counts as used from here on, whatever becomes of the request.
pub(super) async fn proves(
    server: &Server,
    expected: &Expected,
    keys: &PublicKeys,
    assertion: &str,
) -> Result<bool, Problem> {
    let now = server.clock.now();
    let Some(assertion) =
        verified(assertion, keys).and_then(|claims| Assertion::read(&claims, expected, now))
    else {
        return Ok(false);
    };
    let issuer = expected.client.clone();
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
    fn read(claims: &Claims, expected: &Expected, now: UnixMillis) -> Option<Self> {
        let is_the_client = |name| claims.text(name) == Some(expected.client.as_str());
        let is_for_this_server = expected.audience.is_named_by(claims.get("aud")?);
        if !(is_the_client("iss") && is_the_client("sub") && is_for_this_server) {
            return None;
        }
        let has_come = |name| match claims.get(name) {
            Some(_) => claims.time(name).is_some_and(|at| at <= now.plus(AHEAD)),
            None => true,
        };
        let expires_at = claims.time("exp")?;
        let in_time = now < expires_at && expires_at <= now.plus(expected.lifetime).plus(AHEAD);
        if !(in_time && has_come("iat") && has_come("nbf")) {
            return None;
        }
        let jti = claims.text("jti")?;
        let fits = (1..=MAX_JTI).contains(&jti.len());
        fits.then(|| Self { jti: jti.to_owned(), expires_at })
    }
}
