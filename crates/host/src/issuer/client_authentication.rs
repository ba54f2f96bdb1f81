//! How the host proves to the authorization server that it is the client it says it is.

use std::sync::Arc;

use minihost_core::ClientId;

use super::{
    assurance::{Assurance, Place, StaticSecretInApp},
    client_assertion::AssertionAudience,
    client_secret::{ClientSecret, Kind},
};
use crate::ports::{CredentialSigner, KeyProtection};

/// The host's client authentication. A secret that ships inside an app is known to everybody who has
/// the app (RFC 8252 §8.5): bring it at run time.
#[derive(Clone)]
#[non_exhaustive]
pub enum ClientAuthentication {
    /// `client_secret_basic`: in the `Authorization` header, both halves form-encoded
    /// (RFC 6749 §2.3.1).
    ClientSecretBasic {
        /// The host's client id.
        client_id: ClientId,
        /// Its secret.
        client_secret: ClientSecret,
    },
    /// The same for a server that does not decode what it gets: both halves as they are, as in
    /// HTTP's own Basic scheme (RFC 7617). The client id must not have a colon.
    ClientSecretBasicVerbatim {
        /// The host's client id.
        client_id: ClientId,
        /// Its secret.
        client_secret: ClientSecret,
    },
    /// `client_secret_post`: in the body.
    ClientSecretPost {
        /// The host's client id.
        client_id: ClientId,
        /// Its secret.
        client_secret: ClientSecret,
    },
    /// `private_key_jwt` (RFC 7523 §2.2, OpenID Connect Core §9): a new assertion for every request,
    /// signed by the host's own key.
    PrivateKeyJwt {
        /// The host's client id.
        client_id: ClientId,
        /// Its key.
        signer: Arc<dyn CredentialSigner>,
        /// Whom assertions are made out to.
        audience: AssertionAudience,
    },
    /// `none`: a public client, which says who it is and proves nothing.
    None {
        /// The host's client id.
        client_id: ClientId,
    },
    /// The host's own backend holds the credentials and makes the code requests; this app itself is
    /// a public client, as which its user signs in.
    Relay {
        /// The app's client id.
        client_id: ClientId,
    },
}

impl ClientAuthentication {
    /// The host's client id.
    pub fn client_id(&self) -> &ClientId {
        match self {
            Self::ClientSecretBasic { client_id, .. }
            | Self::ClientSecretBasicVerbatim { client_id, .. }
            | Self::ClientSecretPost { client_id, .. }
            | Self::PrivateKeyJwt { client_id, .. }
            | Self::None { client_id }
            | Self::Relay { client_id } => client_id,
        }
    }

    /// What it is worth.
    pub fn assurance(&self) -> Assurance {
        match self {
            Self::PrivateKeyJwt { signer, .. } => match signer.protection() {
                KeyProtection::Process => Assurance::ProcessKey,
                KeyProtection::Hardware => Assurance::HardwareKey,
            },
            Self::None { .. } => Assurance::Public,
            Self::Relay { .. } => Assurance::Relayed,
            Self::ClientSecretBasic { client_secret, .. }
            | Self::ClientSecretBasicVerbatim { client_secret, .. }
            | Self::ClientSecretPost { client_secret, .. } => match client_secret.kind {
                Kind::Static | Kind::KnownToAll => Assurance::StaticSecret,
                Kind::OfInstallation => Assurance::InstallationSecret,
            },
        }
    }

    /// Whether this program may use it. To be asked when a host is set up: every request is refused
    /// for the same reason.
    ///
    /// # Errors
    /// [`StaticSecretInApp`] in a phone app that is built for release.
    pub fn check(&self) -> Result<(), StaticSecretInApp> {
        self.check_in(Place::here())
    }

    fn check_in(&self, place: Place) -> Result<(), StaticSecretInApp> {
        let plain = self.secret().is_some_and(|secret| secret.kind == Kind::Static);
        match place {
            Place::PhoneRelease if plain => Err(StaticSecretInApp),
            Place::PhoneRelease | Place::Elsewhere => Ok(()),
        }
    }

    /// The secret, to be taken out of texts that are logged; empty where there is none.
    pub(crate) fn expose_secret(&self) -> &str {
        self.secret().map(ClientSecret::expose).unwrap_or_default()
    }

    fn secret(&self) -> Option<&ClientSecret> {
        match self {
            Self::ClientSecretBasic { client_secret, .. }
            | Self::ClientSecretBasicVerbatim { client_secret, .. }
            | Self::ClientSecretPost { client_secret, .. } => Some(client_secret),
            Self::PrivateKeyJwt { .. } | Self::None { .. } | Self::Relay { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signing::ProcessKey;

    fn client_with(client_secret: ClientSecret) -> ClientAuthentication {
        ClientAuthentication::ClientSecretPost { client_id: ClientId::new("host"), client_secret }
    }

    #[test]
    fn a_static_secret_in_a_released_phone_app_is_refused_unless_it_is_called_what_it_is() {
        let plain = client_with(ClientSecret::new("s"));
        assert_eq!(plain.check_in(Place::PhoneRelease), Err(StaticSecretInApp));
        assert_eq!(plain.check_in(Place::Elsewhere), Ok(()));
        for accepted in [
            client_with(ClientSecret::known_to_everybody_who_has_the_app("s")),
            client_with(ClientSecret::of_this_installation("s")),
            ClientAuthentication::None { client_id: ClientId::new("host") },
            ClientAuthentication::Relay { client_id: ClientId::new("host") },
        ] {
            assert_eq!(accepted.check_in(Place::PhoneRelease), Ok(()));
        }
    }

    #[test]
    fn each_method_tells_what_it_is_worth() {
        let client_id = ClientId::new("host");
        let key = ClientAuthentication::PrivateKeyJwt {
            client_id: client_id.clone(),
            signer: Arc::new(ProcessKey::generate()),
            audience: AssertionAudience::Issuer,
        };
        let worth = [
            ClientAuthentication::None { client_id: client_id.clone() },
            client_with(ClientSecret::known_to_everybody_who_has_the_app("s")),
            client_with(ClientSecret::of_this_installation("s")),
            key,
            ClientAuthentication::Relay { client_id },
        ]
        .map(|client| client.assurance());
        let expected = [
            Assurance::Public,
            Assurance::StaticSecret,
            Assurance::InstallationSecret,
            Assurance::ProcessKey,
            Assurance::Relayed,
        ];
        assert_eq!(worth, expected);
        assert!(worth.is_sorted());
        assert_eq!(client_with(ClientSecret::new("s")).assurance(), Assurance::StaticSecret);
    }
}
