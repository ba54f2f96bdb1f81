//! Client authentication (RFC 6749 §2.3): `client_secret_basic`, `client_secret_post`, or none for
//! public clients; never two of them.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use url::form_urlencoded;
use zeroize::Zeroizing;

use super::{ErrorCode, Form, Problem};
use crate::client::{Application, Client, ClientId, Proof};
use crate::clock::UnixMillis;
use crate::server::Server;
use crate::throttle::Subject;

/// What the connection and the header say about who is calling.
pub(crate) struct Caller {
    headers: HeaderMap,
    /// Known when the router is served with connection info; failures are then counted per
    /// address too, so that a caller elsewhere cannot use up another's attempts.
    pub(crate) address: Option<IpAddr>,
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        let connection = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        Ok(Self {
            headers: parts.headers.clone(),
            address: connection.map(|ConnectInfo(address)| address.ip()),
        })
    }
}

/// Finds the client that sends the request and checks that it is the one it says it is.
///
/// Right credentials always pass. Only failures are throttled: client ids are public, so anyone who
/// reaches the server could otherwise shut a client out by failing in its name.
pub(crate) async fn authenticate(
    server: &Server,
    caller: &Caller,
    form: &Form,
) -> Result<Arc<Client>, Problem> {
    let presented = Presented::read(&caller.headers, form)?;
    let Ok(id) = ClientId::new(presented.id.as_str()) else {
        return Err(failed());
    };
    match server.catalog.client(&id).await? {
        Some(client) if presented.proves(&client, server.clock.now()) => Ok(client),
        _ => {
            let subject = Subject::client(&id, caller.address);
            let now = server.clock.now();
            server.throttle.check(&subject, now)?;
            server.throttle.count_failure(&subject, now);
            tracing::warn!(client = %id, "client authentication failed");
            Err(failed())
        }
    }
}

/// One text for every cause: an unknown client looks like a wrong secret.
fn failed() -> Problem {
    Problem::new(ErrorCode::InvalidClient, "client authentication failed")
}

/// The credentials a request carries. Has no `Debug`.
struct Presented {
    id: String,
    secret: Option<Zeroizing<String>>,
}

impl Presented {
    fn read(headers: &HeaderMap, form: &Form) -> Result<Self, Problem> {
        let body_id = form.get("client_id")?;
        let body_secret = form.get("client_secret")?;
        let mut authorizations = headers.get_all(AUTHORIZATION).iter();
        let Some(header) = authorizations.next() else {
            let id = body_id.ok_or_else(failed)?.to_owned();
            let secret = body_secret.map(|secret| Zeroizing::new(secret.to_owned()));
            return Ok(Self { id, secret });
        };
        if authorizations.next().is_some() || body_secret.is_some() {
            return Err(Problem::invalid_request(
                "more than one client authentication method is used",
            ));
        }
        let presented = Self::basic(header.as_bytes()).ok_or_else(failed)?;
        if body_id.is_some_and(|id| id != presented.id) {
            return Err(Problem::invalid_request(
                "client_id differs from the authenticated client",
            ));
        }
        Ok(presented)
    }

    /// Reads `Basic`; both halves are form-encoded (RFC 6749 §2.3.1).
    fn basic(header: &[u8]) -> Option<Self> {
        let (scheme, credentials) = header.split_at_checked(6)?;
        if !scheme.eq_ignore_ascii_case(b"basic ") {
            return None;
        }
        let decoded = Zeroizing::new(STANDARD.decode(credentials.trim_ascii()).ok()?);
        let colon = decoded.iter().position(|byte| *byte == b':')?;
        let (id, secret) = (&decoded[..colon], &decoded[colon + 1..]);
        let secret = form_decoded(secret)?;
        Some(Self {
            id: form_decoded(id)?.to_string(),
            secret: (!secret.is_empty()).then_some(secret),
        })
    }

    fn proves(&self, client: &Client, now: UnixMillis) -> bool {
        match (&client.proof, &self.secret) {
            (Proof::Secret(kept), Some(presented)) => kept.is(presented, now),
            (Proof::None, None) => true,
            // What everybody who has the program knows proves nothing, there or not.
            (Proof::Secret(_), None) => client.application == Application::Native,
            (Proof::None, Some(_)) | (Proof::Keys(_), _) => false,
        }
    }
}

fn form_decoded(text: &[u8]) -> Option<Zeroizing<String>> {
    // Read as the value of a parameter without a name, so that a bare `=` stays what it is.
    let body = Zeroizing::new([b"=", text].concat());
    let mut pairs = form_urlencoded::parse(&body);
    let (_, decoded) = pairs.next()?;
    let decoded = Zeroizing::new(decoded.into_owned());
    let sound = pairs.next().is_none() && !decoded.contains(char::REPLACEMENT_CHARACTER);
    sound.then_some(decoded)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn basic(id: &str, secret: &str) -> Vec<u8> {
        let encode =
            |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let pair = format!("{}:{}", encode(id), encode(secret));
        format!("Basic {}", STANDARD.encode(pair)).into_bytes()
    }

    proptest! {
        #[test]
        fn form_encoded_credentials_come_back_as_they_were(
            id in "[!-~]{1,40}",
            secret in "[ -~é]{1,40}",
        ) {
            let presented = Presented::basic(&basic(&id, &secret)).unwrap();
            prop_assert_eq!(&presented.id, &id);
            prop_assert_eq!(presented.secret.as_deref(), Some(&secret));
        }

        #[test]
        fn any_header_is_read_or_refused_without_a_panic(header in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = Presented::basic(&header);
            let mut prefixed = b"Basic ".to_vec();
            prefixed.extend_from_slice(STANDARD.encode(&header).as_bytes());
            let _ = Presented::basic(&prefixed);
        }
    }

    #[test]
    fn the_scheme_is_read_in_any_case_and_other_schemes_are_not_basic() {
        let mut header = basic("id", "secret");
        header[..5].copy_from_slice(b"bAsIc");
        assert!(Presented::basic(&header).is_some());
        header[..5].copy_from_slice(b"Beare");
        assert!(Presented::basic(&header).is_none());
        assert!(Presented::basic(b"Basic").is_none());
        assert!(Presented::basic(b"Basic !!!").is_none());
    }
}
