//! Assertions by which a client proves that it has its key (`private_key_jwt`).

use serde_json::{Map, json};

use super::credentials::Destination;
use crate::{
    ports::{CredentialSigner, SignerError},
    signing,
};

/// `client_assertion_type` (RFC 7523 §2.2).
pub(super) const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// Seconds for which an assertion is good: for the way to the server and no longer.
const ASSERTION_LIFETIME: i64 = 60;

/// Whom an assertion is made out to (`aud`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AssertionAudience {
    /// The server's issuer identifier: an assertion that is sent to one server is no use to another.
    #[default]
    Issuer,
    /// The endpoint that it is sent to, for servers that know nothing else.
    Endpoint,
}

/// A new assertion for one request (RFC 7523 §3).
pub(super) async fn assertion(
    id: &str,
    signer: &dyn CredentialSigner,
    audience: AssertionAudience,
    Destination { issuer, endpoint, now }: Destination<'_>,
) -> Result<String, SignerError> {
    let audience = match audience {
        AssertionAudience::Issuer => issuer.as_str(),
        AssertionAudience::Endpoint => endpoint.as_str(),
    };
    let key_id = signer.key_id();
    let key_id = key_id.unwrap_or_else(|| signer.public_key().thumbprint().to_string());
    let header =
        Map::from_iter([("typ".to_owned(), json!("JWT")), ("kid".to_owned(), json!(key_id))]);
    let now = now.as_second();
    let claims = json!({
        "iss": id, "sub": id, "aud": audience, "jti": signing::random_id(),
        "iat": now, "exp": now + ASSERTION_LIFETIME,
    });
    signing::sign(signer, header, &claims).await
}
