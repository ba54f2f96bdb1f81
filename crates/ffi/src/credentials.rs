//! How the host proves who it is.

use std::sync::Arc;

use minihost::{
    ClientId, ProcessKey,
    issuer::{self, ClientAuthentication},
    p256_public_key,
    ports::Later,
};

use crate::{
    credential_signer::{CredentialSigner, ForeignSigner, HardwareKey, Signature},
    error::StartError,
};

/// How a host proves to the authorization server that it is the client it says it is. Secrets go in
/// and never come out.
#[derive(uniffi::Object)]
pub struct ClientCredentials(Kind);

enum Kind {
    Secret { secret: issuer::ClientSecret, sent: SecretSent },
    ProcessKey { key: Arc<ProcessKey>, audience: AssertionAudience },
    HardwareKey { key: HardwareKey, audience: AssertionAudience },
    Public,
    Relay,
}

#[uniffi::export]
impl ClientCredentials {
    /// A client secret.
    ///
    /// # Errors
    /// [`StartError::Configuration`] for a static secret in a phone app that is built for release.
    #[uniffi::constructor]
    pub fn secret(
        secret: String,
        known: SecretKnown,
        sent: SecretSent,
    ) -> Result<Self, StartError> {
        let secret = match known {
            SecretKnown::ToThisHostAlone => issuer::ClientSecret::new(secret),
            SecretKnown::ToThisInstallationAlone => {
                issuer::ClientSecret::of_this_installation(secret)
            }
            SecretKnown::ToEverybodyWhoHasTheApp => {
                issuer::ClientSecret::known_to_everybody_who_has_the_app(secret)
            }
        };
        Self::checked(Kind::Secret { secret, sent })
    }

    /// A private key in the memory of the process (`private_key_jwt`): PKCS #8 in PEM, Ed25519 or
    /// P-256. Without `key_id` the key's thumbprint (RFC 7638) names it.
    ///
    /// # Errors
    /// [`StartError::Configuration`].
    #[uniffi::constructor]
    pub fn private_key(
        pem: String,
        key_id: Option<String>,
        audience: AssertionAudience,
    ) -> Result<Self, StartError> {
        let key = ProcessKey::from_pem(&pem)?;
        let key = Arc::new(key_id.into_iter().fold(key, ProcessKey::named));
        Self::checked(Kind::ProcessKey { key, audience })
    }

    /// A P-256 key that stays in hardware (`private_key_jwt`). `public_key` is what the platform
    /// gives: a SubjectPublicKeyInfo in DER (`PublicKey.getEncoded` on Android), or the uncompressed
    /// point (`SecKeyCopyExternalRepresentation` on Apple's). Without `key_id` the key's thumbprint
    /// (RFC 7638) names it.
    ///
    /// # Errors
    /// [`StartError::Configuration`].
    #[uniffi::constructor]
    pub fn hardware_key(
        signer: Arc<dyn CredentialSigner>,
        public_key: Vec<u8>,
        key_id: Option<String>,
        audience: AssertionAudience,
    ) -> Result<Self, StartError> {
        let public_key = p256_public_key(&public_key)?;
        let key = HardwareKey { signer, public_key, key_id };
        Self::checked(Kind::HardwareKey { key, audience })
    }

    /// None: a public client, which proves nothing.
    ///
    /// # Errors
    /// None today.
    #[uniffi::constructor]
    pub fn public_client() -> Result<Self, StartError> {
        Self::checked(Kind::Public)
    }

    /// The host's own backend holds them; this app is a public client. A host that asks at the challenge endpoint
    /// itself does not start with them: [`CodeRequests::Relay`](crate::CodeRequests::Relay) belongs with them.
    ///
    /// # Errors
    /// None today.
    #[uniffi::constructor]
    pub fn relay() -> Result<Self, StartError> {
        Self::checked(Kind::Relay)
    }

    /// What the authorization server may conclude from them.
    ///
    /// # Errors
    /// None today.
    pub fn assurance(&self) -> Result<Assurance, StartError> {
        Ok(self.client(&ClientId::new(""), &Later::default()).assurance().into())
    }
}

/// Who knows a client secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum SecretKnown {
    /// This host, which runs where nobody takes it apart. Refused in a phone app that is built for
    /// release.
    ToThisHostAlone,
    /// This installation of the app: it was given out at run time, to nobody else.
    ToThisInstallationAlone,
    /// Everybody who has the app, in which it ships (RFC 8252 §8.5): it is no secret.
    ToEverybodyWhoHasTheApp,
}

/// How a client secret is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum SecretSent {
    /// `client_secret_basic`, form-encoded (RFC 6749 §2.3.1).
    Basic,
    /// `client_secret_basic` as it is, for servers that do not decode it.
    BasicVerbatim,
    /// `client_secret_post`.
    Post,
}

/// Whom signed assertions are made out to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum AssertionAudience {
    /// The server's issuer identifier.
    Issuer,
    /// The endpoint that an assertion is sent to, for servers that know nothing else.
    Endpoint,
}

/// What the authorization server may conclude from the host's credentials, the least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Assurance {
    /// Nothing: anybody can say that they are this client.
    Public,
    /// Nothing either, once the app is out.
    StaticSecret,
    /// That it is this installation, as long as nobody reads its secret.
    InstallationSecret,
    /// That it is who holds the key, as long as nobody reads the memory of the process.
    ProcessKey,
    /// That it is this device.
    HardwareKey,
    /// That it is the host's own backend.
    Relayed,
}

impl From<issuer::Assurance> for Assurance {
    fn from(assurance: issuer::Assurance) -> Self {
        match assurance {
            issuer::Assurance::Public => Self::Public,
            issuer::Assurance::StaticSecret => Self::StaticSecret,
            issuer::Assurance::InstallationSecret => Self::InstallationSecret,
            issuer::Assurance::ProcessKey => Self::ProcessKey,
            issuer::Assurance::HardwareKey => Self::HardwareKey,
            issuer::Assurance::Relayed => Self::Relayed,
        }
    }
}

impl From<AssertionAudience> for issuer::AssertionAudience {
    fn from(audience: AssertionAudience) -> Self {
        match audience {
            AssertionAudience::Issuer => Self::Issuer,
            AssertionAudience::Endpoint => Self::Endpoint,
        }
    }
}

impl ClientCredentials {
    fn checked(kind: Kind) -> Result<Self, StartError> {
        let credentials = Self(kind);
        credentials.client(&ClientId::new(""), &Later::default()).check()?;
        Ok(credentials)
    }

    pub(crate) fn client(
        &self,
        client_id: &ClientId,
        signatures: &Later<Signature>,
    ) -> ClientAuthentication {
        let client_id = client_id.clone();
        match &self.0 {
            Kind::Secret { secret, sent } => {
                let client_secret = secret.clone();
                match sent {
                    SecretSent::Basic => {
                        ClientAuthentication::ClientSecretBasic { client_id, client_secret }
                    }
                    SecretSent::BasicVerbatim => {
                        ClientAuthentication::ClientSecretBasicVerbatim { client_id, client_secret }
                    }
                    SecretSent::Post => {
                        ClientAuthentication::ClientSecretPost { client_id, client_secret }
                    }
                }
            }
            Kind::ProcessKey { key, audience } => ClientAuthentication::PrivateKeyJwt {
                client_id,
                signer: key.clone(),
                audience: (*audience).into(),
            },
            Kind::HardwareKey { key, audience } => ClientAuthentication::PrivateKeyJwt {
                client_id,
                signer: Arc::new(ForeignSigner::new(key.clone(), signatures.clone())),
                audience: (*audience).into(),
            },
            Kind::Public => ClientAuthentication::None { client_id },
            Kind::Relay => ClientAuthentication::Relay { client_id },
        }
    }
}
