//! The host as a client of the server.

use std::sync::Arc;

use minihost::{
    ClientId, ProcessKey,
    issuer::{AssertionAudience, ClientAuthentication, ClientSecret},
    manifest::{Algorithm, SigningKey},
};
use serde::Deserialize;

use crate::failure::Failure;

/// What the host proves itself with; a profile that never authenticates it needs none.
#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub(crate) struct Host {
    client_id: String,
    /// For the methods that have one.
    #[serde(default)]
    client_secret: String,
    /// A private key, PKCS #8 in PEM, for `private_key_jwt`.
    #[serde(default)]
    key: String,
    /// What the server calls the key, where it does not know it by its thumbprint.
    key_id: Option<String>,
    /// Whom assertions are made out to.
    #[serde(default)]
    audience: Audience,
    #[serde(default)]
    method: Method,
}

#[derive(Deserialize, Clone, Copy, Default)]
#[serde(rename_all = "snake_case")]
enum Method {
    #[default]
    ClientSecretBasic,
    /// For servers that do not decode what RFC 6749 §2.3.1 has encoded.
    ClientSecretBasicVerbatim,
    ClientSecretPost,
    PrivateKeyJwt,
    /// The host is public, or its backend holds the credentials.
    None,
}

#[derive(Deserialize, Clone, Copy, Default)]
#[serde(rename_all = "snake_case")]
enum Audience {
    #[default]
    Issuer,
    Endpoint,
}

impl Host {
    pub(crate) fn authentication(&self) -> Result<ClientAuthentication, Failure> {
        let client_id = ClientId::new(self.client_id.as_str());
        let client_secret = ClientSecret::new(self.client_secret.as_str());
        Ok(match self.method {
            Method::ClientSecretBasic => {
                ClientAuthentication::ClientSecretBasic { client_id, client_secret }
            }
            Method::ClientSecretBasicVerbatim => {
                ClientAuthentication::ClientSecretBasicVerbatim { client_id, client_secret }
            }
            Method::ClientSecretPost => {
                ClientAuthentication::ClientSecretPost { client_id, client_secret }
            }
            Method::PrivateKeyJwt => {
                let key = ProcessKey::from_pem(&self.key)?;
                let signer = Arc::new(self.key_id.iter().cloned().fold(key, ProcessKey::named));
                let audience = match self.audience {
                    Audience::Issuer => AssertionAudience::Issuer,
                    Audience::Endpoint => AssertionAudience::Endpoint,
                };
                ClientAuthentication::PrivateKeyJwt { client_id, signer, audience }
            }
            Method::None => ClientAuthentication::None { client_id },
        })
    }

    /// The same host with another secret or key; none where it has neither.
    pub(crate) fn with_wrong_secret(&self) -> Result<Option<Self>, Failure> {
        Ok(match self.method {
            Method::ClientSecretBasic
            | Method::ClientSecretBasicVerbatim
            | Method::ClientSecretPost => {
                Some(Self { client_secret: "not the secret".to_owned(), ..self.clone() })
            }
            Method::PrivateKeyJwt => {
                let (_, pem) = SigningKey::generate(Algorithm::Es256)?;
                Some(Self { key: pem.to_string(), ..self.clone() })
            }
            Method::None => None,
        })
    }
}
