//! How the host proves to the authorization server that it is the client it says it is.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use minihost_core::ClientId;
use secrecy::{ExposeSecret, SecretString};
use url::form_urlencoded::byte_serialize;
use zeroize::Zeroizing;

use crate::http::Form;

/// The host's secret as a client. Goes in once and never comes out; has no `Debug`.
#[derive(Clone)]
pub struct ClientSecret(SecretString);

impl ClientSecret {
    /// Wraps a secret.
    pub fn new(secret: impl Into<String>) -> Self {
        Self(SecretString::from(secret.into()))
    }
}

/// The host's client authentication (RFC 6749 §2.3.1). A secret that ships inside an app is known
/// to everybody who has the app (RFC 8252 §8.5): bring it at run time.
#[derive(Clone)]
pub enum ClientAuthentication {
    /// `client_secret_basic`: in the `Authorization` header, both halves form-encoded.
    ClientSecretBasic {
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
}

impl ClientAuthentication {
    /// The host's client id.
    pub fn client_id(&self) -> &ClientId {
        match self {
            Self::ClientSecretBasic { client_id, .. }
            | Self::ClientSecretPost { client_id, .. } => client_id,
        }
    }

    /// Puts the credentials into the form, or returns them as the value of `Authorization`.
    pub(crate) fn apply(&self, form: &mut Form) -> Option<Zeroizing<String>> {
        match self {
            Self::ClientSecretBasic { client_id, client_secret } => {
                Some(basic(client_id.as_str(), client_secret.0.expose_secret()))
            }
            Self::ClientSecretPost { client_id, client_secret } => {
                form.add("client_id", client_id.as_str());
                form.add("client_secret", client_secret.0.expose_secret());
                None
            }
        }
    }

    /// The secret, to be taken out of texts that are logged.
    pub(crate) fn expose_secret(&self) -> &str {
        match self {
            Self::ClientSecretBasic { client_secret, .. }
            | Self::ClientSecretPost { client_secret, .. } => client_secret.0.expose_secret(),
        }
    }
}

fn basic(id: &str, secret: &str) -> Zeroizing<String> {
    let mut pair = Zeroizing::new(String::with_capacity(3 * (id.len() + secret.len()) + 1));
    pair.extend(byte_serialize(id.as_bytes()));
    pair.push(':');
    pair.extend(byte_serialize(secret.as_bytes()));
    let encoded = Zeroizing::new(STANDARD.encode(pair.as_bytes()));
    Zeroizing::new(format!("Basic {}", encoded.as_str()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use url::form_urlencoded;

    use super::*;

    fn client(id: &str, secret: &str) -> (ClientId, ClientSecret) {
        (ClientId::new(id), ClientSecret::new(secret))
    }

    #[test]
    fn the_example_of_rfc_6749_comes_out() {
        let header = basic("s6BhdRkqt3", "7Fjfp0ZBr1KtDRbnfVdmIw");
        assert_eq!(*header, "Basic czZCaGRSa3F0Mzo3RmpmcDBaQnIxS3REUmJuZlZkbUl3");
    }

    proptest! {
        #[test]
        fn whatever_id_and_secret_hold_a_server_reads_them_back(id in ".{1,40}", secret in ".{1,40}") {
            let header = basic(&id, &secret);
            let pair = STANDARD.decode(header.strip_prefix("Basic ").unwrap()).unwrap();
            let pair = String::from_utf8(pair).unwrap();
            let (read_id, read_secret) = pair.split_once(':').unwrap();
            let decode = |text: &str| {
                let body = format!("v={text}");
                let (_, value) = form_urlencoded::parse(body.as_bytes()).next().unwrap();
                value.into_owned()
            };
            prop_assert_eq!(decode(read_id), id);
            prop_assert_eq!(decode(read_secret), secret);
        }
    }

    #[test]
    fn one_method_is_used_and_never_both() {
        let (client_id, client_secret) = client("host", "a b&c");
        let mut form = Form::new("a", "1");
        let basic = ClientAuthentication::ClientSecretBasic { client_id, client_secret };
        assert!(basic.apply(&mut form).is_some());
        assert_eq!(form.encode().expose(), b"a=1");

        let (client_id, client_secret) = client("host", "a b&c");
        let post = ClientAuthentication::ClientSecretPost { client_id, client_secret };
        assert!(post.apply(&mut form).is_none());
        assert_eq!(form.encode().expose(), b"a=1&client_id=host&client_secret=a+b%26c");
    }
}
