//! Form parameters as OAuth wants them read (RFC 6749 §3.1, §3.2): none twice, empty as absent,
//! unknown ignored.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse as _;
use url::form_urlencoded;
use zeroize::Zeroizing;

use super::Problem;

/// The parameters of a form body. Has no `Debug`: some of them are secrets.
pub(crate) struct Form(Vec<(String, Zeroizing<String>)>);

impl Form {
    /// Reads a query, which has the form of a body.
    pub(crate) fn from_query(query: &str) -> Result<Self, Problem> {
        Self::parse(query.as_bytes())
    }

    /// All parameters but those that are named, as a query.
    pub(crate) fn to_query_without(&self, left_out: &[&str]) -> String {
        let kept = self.0.iter().filter(|(name, _)| !left_out.contains(&name.as_str()));
        form_urlencoded::Serializer::new(String::new())
            .extend_pairs(kept.map(|(name, value)| (name, value.as_str())))
            .finish()
    }

    fn parse(body: &[u8]) -> Result<Self, Problem> {
        let pairs = form_urlencoded::parse(body)
            .map(|(name, value)| (name.into_owned(), Zeroizing::new(value.into_owned())))
            .collect::<Vec<_>>();
        // The decoder puts U+FFFD where the bytes were not UTF-8; nothing legitimate sends it.
        let garbled = |text: &str| text.contains(char::REPLACEMENT_CHARACTER);
        if pairs.iter().any(|(name, value)| garbled(name) || garbled(value)) {
            return Err(Problem::invalid_request("the parameters are not UTF-8"));
        }
        Ok(Self(pairs))
    }

    /// The parameter's value; `None` when it is absent or empty.
    pub(crate) fn get(&self, name: &'static str) -> Result<Option<&str>, Problem> {
        let mut values = self.0.iter().filter(|(key, _)| key == name);
        let first = values.next();
        if values.next().is_some() {
            return Err(Problem::invalid_request("a parameter is there more than once"));
        }
        Ok(first.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty()))
    }

    /// Whether the parameter is there with a value.
    pub(crate) fn has(&self, name: &'static str) -> bool {
        self.all(name).next().is_some()
    }

    /// The values of a parameter that may be there more than once, without empty ones.
    pub(crate) fn all(&self, name: &'static str) -> impl Iterator<Item = &str> {
        let named = self.0.iter().filter(move |(key, _)| key == name);
        named.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// The parameter's value, or `missing` as the description of an `invalid_request`.
    pub(crate) fn require(
        &self,
        name: &'static str,
        missing: &'static str,
    ) -> Result<&str, Problem> {
        self.get(name)?.ok_or_else(|| Problem::invalid_request(missing))
    }
}

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if !is_form(request.headers()) {
            return Err(Problem::invalid_request(
                "the body must be application/x-www-form-urlencoded",
            ));
        }
        let body = Bytes::from_request(request, state).await.map_err(|error| {
            match error.into_response().status() {
                StatusCode::PAYLOAD_TOO_LARGE => Problem::too_large(),
                _ => Problem::invalid_request("the body could not be read"),
            }
        })?;
        Self::parse(&body)
    }
}

/// Whether the headers say that the body is a form.
pub(super) fn is_form(headers: &HeaderMap) -> bool {
    headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded"))
}

/// As [`Form`], where a request without a body has no parameters.
pub(crate) struct OptionalForm(pub(crate) Form);

impl<S: Send + Sync> FromRequest<S> for OptionalForm {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if !request.headers().contains_key(CONTENT_TYPE) {
            return Ok(Self(Form(Vec::new())));
        }
        Form::from_request(request, state).await.map(Self)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn empty_is_absent_and_twice_is_refused_even_when_one_is_empty() {
        let form = Form::parse(b"a=1&b=&c=1&c=2&d=&d=1&e=x+y%26").ok().unwrap();
        assert_eq!(form.get("a").unwrap(), Some("1"));
        assert_eq!(form.get("b").unwrap(), None);
        assert_eq!(form.get("z").unwrap(), None);
        assert!(form.get("c").is_err());
        assert!(form.get("d").is_err());
        assert_eq!(form.get("e").unwrap(), Some("x y&"));
    }

    #[test]
    fn bytes_that_are_not_utf_8_are_refused() {
        for bad in [b"a=%FF".as_slice(), b"a=\xFF", b"%C3=1"] {
            assert!(Form::parse(bad).is_err());
        }
    }

    proptest! {
        #[test]
        fn what_was_encoded_is_what_is_read(value in "[^\u{FFFD}]{1,64}") {
            let body = form_urlencoded::Serializer::new(String::new())
                .append_pair("v", &value)
                .finish();
            let form = Form::parse(body.as_bytes()).ok().unwrap();
            prop_assert_eq!(form.get("v").unwrap(), Some(value.as_str()));
        }

        #[test]
        fn any_body_is_read_or_refused_without_a_panic(body in proptest::collection::vec(any::<u8>(), 0..256)) {
            let _ = Form::parse(&body).map(|form| form.get("a").is_ok());
        }
    }
}
