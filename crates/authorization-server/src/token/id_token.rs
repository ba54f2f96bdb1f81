//! ID tokens (OpenID Connect Core §2).

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use sha2::{Digest as _, Sha256, Sha512};

use crate::client::Client;
use crate::clock::UnixMillis;
use crate::error::StoreError;
use crate::http::Problem;
use crate::jose::{KeyError, SigningAlgorithm};
use crate::secret::{Access, Minted};
use crate::server::Server;
use crate::user::UserId;

/// How long a client may take to look at it.
const LIFETIME: Duration = Duration::from_secs(60 * 60);

/// Whom an ID token is about.
pub(super) struct Identity {
    pub(super) user: UserId,
    /// Only in the ID token that comes with a code.
    pub(super) nonce: Option<String>,
    pub(super) authenticated_at: Option<UnixMillis>,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    exp: i64,
    iat: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    auth_time: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<&'a str>,
    at_hash: &'a str,
}

/// Signs the token with the algorithm that the client is registered for.
pub(super) async fn sign(
    server: &Server,
    client: &Client,
    identity: &Identity,
    access: &Minted<Access>,
    now: UnixMillis,
) -> Result<String, Problem> {
    let algorithm = client.id_token_algorithm;
    let sub = server.salt.open_id(&client.id, &identity.user);
    let claims = serde_json::to_value(Claims {
        iss: server.issuer.as_str(),
        sub: &sub,
        aud: client.id.as_str(),
        exp: now.plus(LIFETIME).as_seconds(),
        iat: now.as_seconds(),
        auth_time: identity.authenticated_at.map(UnixMillis::as_seconds),
        nonce: identity.nonce.as_deref(),
        at_hash: &half_hash(algorithm, access.expose()),
    })
    .expect("texts and numbers make a JSON object");
    let keys = server.catalog.keys().await?;
    let sign = move || match keys.signer(algorithm, now) {
        Some(key) => key.token("JWT", &claims),
        None => Err(KeyError::missing()),
    };
    let signed = match algorithm {
        // An RSA signature takes long enough to hold up others on the same thread.
        SigningAlgorithm::Rs256 => tokio::task::spawn_blocking(sign)
            .await
            .map_err(|error| StoreError::Unavailable(error.to_string()))?,
        SigningAlgorithm::Es256 | SigningAlgorithm::EdDsa => sign(),
    };
    Ok(signed?)
}

/// The left half of the token's hash, with the hash that the signature uses (OpenID Connect Core
/// §3.1.3.6); that of Ed25519 is SHA-512.
fn half_hash(algorithm: SigningAlgorithm, token: &str) -> String {
    match algorithm {
        SigningAlgorithm::Rs256 | SigningAlgorithm::Es256 => {
            URL_SAFE_NO_PAD.encode(&Sha256::digest(token)[..16])
        }
        SigningAlgorithm::EdDsa => URL_SAFE_NO_PAD.encode(&Sha512::digest(token)[..32]),
    }
}
