//! What the host proves itself with.

use std::sync::{Arc, LazyLock};

use minihost::{
    ClientId, ProcessKey,
    issuer::{AssertionAudience, ClientAuthentication, ClientSecret},
    manifest::{Algorithm, SigningKey},
};
use minihost_authorization_server as server;
use zeroize::Zeroizing;

pub(crate) const HOST_SECRET: &str = "the host's secret: + & % and spaces, 2026";

/// Which credentials the host uses.
#[derive(Clone, Copy)]
pub(crate) enum Credentials {
    Basic,
    Post,
    Wrong,
    /// Assertions by a key that the server knows.
    Key,
    /// Assertions by another.
    WrongKey,
}

/// The host's key, and the public half as the server reads it.
static KEY: LazyLock<(Zeroizing<String>, String)> = LazyLock::new(|| {
    let (key, pem) = SigningKey::generate(Algorithm::Es256).unwrap();
    (pem, key.public_jwk())
});

impl Credentials {
    pub(crate) fn client(self) -> ClientAuthentication {
        let with_key = |pem: &str| ClientAuthentication::PrivateKeyJwt {
            client_id: ClientId::new("host"),
            signer: Arc::new(ProcessKey::from_pem(pem).unwrap()),
            audience: AssertionAudience::Issuer,
        };
        let client_id = ClientId::new("host");
        let client_secret = ClientSecret::new(HOST_SECRET);
        match self {
            Self::Basic => ClientAuthentication::ClientSecretBasic { client_id, client_secret },
            Self::Post => ClientAuthentication::ClientSecretPost { client_id, client_secret },
            Self::Wrong => ClientAuthentication::ClientSecretBasic {
                client_id,
                client_secret: ClientSecret::new("not the secret"),
            },
            Self::Key => with_key(&KEY.0),
            Self::WrongKey => with_key(&SigningKey::generate(Algorithm::Es256).unwrap().1),
        }
    }

    /// As the server has it registered.
    pub(crate) fn registered(self) -> server::ClientAuthentication {
        match self {
            Self::Key | Self::WrongKey => {
                let set = format!(r#"{{"keys":[{}]}}"#, KEY.1);
                server::ClientAuthentication::Keys(server::PublicKeys::from_json(&set).unwrap())
            }
            Self::Basic | Self::Post | Self::Wrong => server_secret(HOST_SECRET),
        }
    }
}

pub(crate) fn server_secret(secret: &str) -> server::ClientAuthentication {
    server::ClientAuthentication::Secret(server::ClientSecret::new(secret).unwrap())
}
