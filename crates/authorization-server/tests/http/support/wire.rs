//! What goes over the wire and comes back.

use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::StatusCode;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// An answer whose body was read.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) json: Value,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub(crate) fn text(&self, member: &str) -> &str {
        self.json[member].as_str().unwrap_or_else(|| panic!("no {member} in {:?}", self.json))
    }

    #[track_caller]
    pub(crate) fn ok(self) -> Self {
        assert_eq!(self.status, StatusCode::OK, "{:?}", self.json);
        self
    }

    #[track_caller]
    pub(crate) fn refused(&self, status: u16, error: &str) {
        assert_eq!(
            (self.status.as_u16(), self.json["error"].as_str()),
            (status, Some(error)),
            "{:?}",
            self.json
        );
    }
}

/// A form that can be changed before it is sent.
#[derive(Clone)]
pub(crate) struct Form(pub(crate) Vec<(String, String)>);

impl Form {
    pub(crate) fn new(pairs: &[(&str, &str)]) -> Self {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Self(pairs.iter().map(own).collect())
    }

    pub(crate) fn as_query(&self) -> String {
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.0).finish()
    }

    pub(crate) fn with(mut self, name: &str, value: impl ToString) -> Self {
        self = self.without(name);
        self.0.push((name.to_owned(), value.to_string()));
        self
    }

    pub(crate) fn and(mut self, name: &str, value: &str) -> Self {
        self.0.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.0.retain(|(key, _)| key != name);
        self
    }
}

/// A code verifier and its challenge.
#[derive(Clone)]
pub(crate) struct Pkce {
    pub(crate) verifier: String,
    pub(crate) challenge: String,
}

impl Pkce {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        Self::of(&format!("verifier-{number:034}"))
    }

    pub(crate) fn of(verifier: &str) -> Self {
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier));
        Self { verifier: verifier.to_owned(), challenge }
    }
}

pub(crate) fn redeem_form(client: &str, code: &str, pkce: &Pkce) -> Form {
    Form::new(&[
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", &callback(client)),
        ("code_verifier", &pkce.verifier),
    ])
}

pub(crate) fn callback(client: &str) -> String {
    format!("http://{client}.sim.localhost:4001/callback")
}
