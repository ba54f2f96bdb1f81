//! How the host proves to the authorization server that it is the client it says it is.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use minihost_core::{ClientId, Issuer};
use url::Url;
use zeroize::Zeroizing;

use super::{
    assurance::{Assurance, Place, StaticSecretInApp},
    basic::{basic, basic_verbatim},
    client_assertion::{ASSERTION_TYPE, AssertionAudience, assertion},
    client_secret::{ClientSecret, Kind},
};
use crate::{
    http::Form,
    ports::{CredentialSigner, HttpRequest, KeyProtection, SignerError},
};

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

/// Why a request carries no credentials and was not made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CredentialError {
    /// The host's key did not sign.
    #[error(transparent)]
    Signer(#[from] SignerError),
    /// A static secret in a phone app that is built for release.
    #[error(transparent)]
    StaticSecretInApp(#[from] StaticSecretInApp),
}

/// What a request is sent to, and when.
#[derive(Clone, Copy)]
pub(crate) struct Destination<'a> {
    pub(crate) issuer: &'a Issuer,
    pub(crate) endpoint: &'a Url,
    pub(crate) now: Timestamp,
}

/// The host's proof for one request. Has no `Debug`.
pub(crate) struct Credentials {
    pub(crate) parameters: Form,
    /// The value of `Authorization`.
    pub(crate) authorization: Option<Zeroizing<String>>,
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

    /// A POST of this form as the host.
    pub(crate) async fn post(
        &self,
        mut form: Form,
        destination: Destination<'_>,
        time_allowed: Duration,
    ) -> Result<HttpRequest, CredentialError> {
        let authorization = self.apply(&mut form, destination).await?;
        let url = destination.endpoint.clone();
        let request = HttpRequest::post_form(url, form.encode(), time_allowed);
        Ok(authorization.into_iter().fold(request, HttpRequest::authorized))
    }

    /// A DELETE as the host.
    pub(crate) async fn delete(
        &self,
        destination: Destination<'_>,
        time_allowed: Duration,
    ) -> Result<HttpRequest, CredentialError> {
        let mut form = Form::empty();
        let authorization = self.apply(&mut form, destination).await?;
        let url = destination.endpoint.clone();
        let request = HttpRequest::delete(url, form.encode_some(), time_allowed);
        Ok(authorization.into_iter().fold(request, HttpRequest::authorized))
    }

    async fn apply(
        &self,
        form: &mut Form,
        destination: Destination<'_>,
    ) -> Result<Option<Zeroizing<String>>, CredentialError> {
        let Credentials { parameters, authorization } = self.credentials(destination).await?;
        form.extend(parameters);
        Ok(authorization)
    }

    /// What goes with one request.
    pub(crate) async fn credentials(
        &self,
        destination: Destination<'_>,
    ) -> Result<Credentials, CredentialError> {
        self.check()?;
        let id = self.client_id().as_str();
        let in_header =
            |value| Credentials { parameters: Form::empty(), authorization: Some(value) };
        let mut parameters = Form::new("client_id", id);
        match self {
            Self::ClientSecretBasic { client_secret, .. } => {
                return Ok(in_header(basic(id, client_secret.expose())));
            }
            Self::ClientSecretBasicVerbatim { client_secret, .. } => {
                return Ok(in_header(basic_verbatim(id, client_secret.expose())));
            }
            Self::ClientSecretPost { client_secret, .. } => {
                parameters.add("client_secret", client_secret.expose());
            }
            Self::PrivateKeyJwt { signer, audience, .. } => {
                let assertion = assertion(id, signer.as_ref(), *audience, destination).await?;
                parameters.add("client_assertion_type", ASSERTION_TYPE);
                parameters.add("client_assertion", assertion);
            }
            Self::None { .. } | Self::Relay { .. } => {}
        }
        Ok(Credentials { parameters, authorization: None })
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
    use std::collections::{HashMap, HashSet};

    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    use serde_json::json;
    use url::form_urlencoded;

    use super::*;
    use crate::signing::{KeyPair, ProcessKey};

    fn client(id: &str, secret: &str) -> (ClientId, ClientSecret) {
        (ClientId::new(id), ClientSecret::new(secret))
    }

    async fn apply(client: &ClientAuthentication) -> (Option<String>, HashMap<String, String>) {
        let issuer = Issuer::new("https://as.example");
        let endpoint = "https://as.example/token".parse().unwrap();
        let now = Timestamp::from_second(1000).unwrap();
        let mut form = Form::new("a", "1");
        let destination = Destination { issuer: &issuer, endpoint: &endpoint, now };
        let header = client.apply(&mut form, destination).await.unwrap();
        let read = form_urlencoded::parse(form.encode().expose()).into_owned().collect();
        (header.map(|header| header.to_string()), read)
    }

    fn form<const N: usize>(parameters: [(&str, &str); N]) -> HashMap<String, String> {
        parameters.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
    }

    #[tokio::test]
    async fn one_method_is_used_and_never_both() {
        let (client_id, client_secret) = client("host", "a b&c");
        let basic = ClientAuthentication::ClientSecretBasic { client_id, client_secret };
        let header = "Basic aG9zdDphK2IlMjZj".to_owned();
        assert_eq!(apply(&basic).await, (Some(header), form([("a", "1")])));

        let (client_id, client_secret) = client("host", "a b&c");
        let basic = ClientAuthentication::ClientSecretBasicVerbatim { client_id, client_secret };
        let header = "Basic aG9zdDphIGImYw==".to_owned();
        assert_eq!(apply(&basic).await, (Some(header), form([("a", "1")])));

        let (client_id, client_secret) = client("host", "a b&c");
        let post = ClientAuthentication::ClientSecretPost { client_id, client_secret };
        let expected = form([("a", "1"), ("client_id", "host"), ("client_secret", "a b&c")]);
        assert_eq!(apply(&post).await, (None, expected));

        let client_id = ClientId::new("host");
        for public in [
            ClientAuthentication::None { client_id: client_id.clone() },
            ClientAuthentication::Relay { client_id: client_id.clone() },
        ] {
            assert_eq!(apply(&public).await, (None, form([("a", "1"), ("client_id", "host")])));
        }
    }

    fn key() -> ProcessKey {
        let pkcs8 = KeyPair::generate_es256().ok().unwrap();
        ProcessKey::from_pair(KeyPair::from_pkcs8(&pkcs8).ok().unwrap())
    }

    #[tokio::test]
    async fn every_request_has_an_assertion_of_its_own_for_a_minute() {
        let signer = Arc::new(key());
        let kid = signer.public_key().thumbprint().to_string();
        let mut seen = HashSet::new();
        for (audience, aud) in [
            (AssertionAudience::Issuer, "https://as.example"),
            (AssertionAudience::Endpoint, "https://as.example/token"),
        ] {
            let signer = signer.clone();
            let client_id = ClientId::new("host");
            let client = ClientAuthentication::PrivateKeyJwt { client_id, signer, audience };
            let (header, form) = apply(&client).await;
            assert_eq!(header, None);
            assert_eq!(form["client_id"], "host");
            assert_eq!(form["client_assertion_type"], ASSERTION_TYPE);
            let parts: Vec<_> = form["client_assertion"].split('.').collect();
            let read = |part: &str| -> serde_json::Value {
                serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
            };
            assert_eq!(read(parts[0]), json!({"typ": "JWT", "alg": "ES256", "kid": kid}));
            let claims = read(parts[1]);
            assert_eq!((&claims["iss"], &claims["sub"]), (&json!("host"), &json!("host")));
            assert_eq!((&claims["aud"], &claims["iat"]), (&json!(aud), &json!(1000)));
            assert_eq!(claims["exp"], 1060);
            assert!(seen.insert(claims["jti"].as_str().unwrap().to_owned()));
        }
    }

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
            signer: Arc::new(key()),
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
