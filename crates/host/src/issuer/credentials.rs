//! The host's credentials on their way: what goes along with one request.

use std::time::Duration;

use jiff::Timestamp;
use minihost_core::Issuer;
use url::Url;
use zeroize::Zeroizing;

use super::{
    assurance::StaticSecretInApp,
    basic::{basic, basic_verbatim},
    client_assertion::{ASSERTION_TYPE, assertion},
    client_authentication::ClientAuthentication,
};
use crate::{
    http::Form,
    ports::{HttpRequest, SecretBytes, SignerError},
};

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

/// A form whose sender an assertion proves. A server takes an assertion once (RFC 7523 §3), so that
/// every request that it may have looked at has another.
pub(crate) struct Asserted {
    client: ClientAuthentication,
    issuer: Issuer,
    form: Form,
}

impl Asserted {
    /// The body, with a new assertion.
    pub(crate) async fn body(
        &self,
        endpoint: &Url,
        now: Timestamp,
    ) -> Result<SecretBytes, CredentialError> {
        let mut form = self.form.clone();
        let destination = Destination { issuer: &self.issuer, endpoint, now };
        self.client.apply(&mut form, destination).await?;
        Ok(form.encode())
    }
}

impl ClientAuthentication {
    /// A POST of this form as the host.
    pub(crate) async fn post(
        &self,
        mut form: Form,
        destination: Destination<'_>,
        time_allowed: Duration,
    ) -> Result<HttpRequest, CredentialError> {
        let asserted = matches!(self, Self::PrivateKeyJwt { .. }).then(|| Asserted {
            client: self.clone(),
            issuer: destination.issuer.clone(),
            form: form.clone(),
        });
        let authorization = self.apply(&mut form, destination).await?;
        let url = destination.endpoint.clone();
        let request = HttpRequest::post_form(url, form.encode(), time_allowed);
        let request = authorization.into_iter().fold(request, HttpRequest::authorized);
        Ok(asserted.into_iter().fold(request, HttpRequest::asserted))
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
}

#[cfg(test)]
mod tests {
    use std::{
        collections::{HashMap, HashSet},
        sync::Arc,
    };

    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    use minihost_core::ClientId;
    use serde_json::json;
    use url::form_urlencoded;

    use super::*;
    use crate::{
        issuer::{AssertionAudience, ClientSecret},
        ports::CredentialSigner as _,
        signing::ProcessKey,
    };

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

    #[tokio::test]
    async fn every_request_has_an_assertion_of_its_own_for_a_minute() {
        let signer = Arc::new(ProcessKey::generate());
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
}
