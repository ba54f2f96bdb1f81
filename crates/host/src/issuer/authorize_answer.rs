//! Holding the redirect to the mini-program against what was asked.

use minihost_core::{ClientId, IssuedCode, Issuer, Scope};
use url::Url;
use zeroize::Zeroizing;

use super::{
    IssueError,
    code_checks::{usable, within},
    server_metadata::NamesIssuer,
    setback::{Setback, setback},
    wanted::Wanted,
};
use crate::http::Refusal;

/// What an answer must fit.
pub(super) struct Expected<'a> {
    pub(super) wanted: &'a Wanted<'a>,
    pub(super) state: &'a str,
    pub(super) issuer: &'a Issuer,
    pub(super) names_issuer: NamesIssuer,
}

/// The parameters of an authorization response (RFC 6749 §4.1.2, RFC 9207 §2).
#[derive(Default)]
struct Parameters {
    code: Option<Zeroizing<String>>,
    state: Option<Zeroizing<String>>,
    iss: Option<String>,
    scope: Option<String>,
    expires_in: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
}

impl Parameters {
    fn read(answer: &Url) -> Result<Self, IssueError> {
        let mut read = Self::default();
        for (name, value) in answer.query_pairs() {
            let value = value.into_owned();
            let twice = match &*name {
                "code" => read.code.replace(value.into()).is_some(),
                "state" => read.state.replace(value.into()).is_some(),
                "iss" => read.iss.replace(value).is_some(),
                "scope" => read.scope.replace(value).is_some(),
                "expires_in" => read.expires_in.replace(value).is_some(),
                "error" => read.error.replace(value).is_some(),
                "error_description" => read.error_description.replace(value).is_some(),
                _ => false,
            };
            if twice {
                return Err(IssueError::BadAnswer { what: "a parameter is there twice" });
            }
        }
        Ok(read)
    }
}

/// Reads the code. One that does not fit the request is dropped.
pub(super) fn read(answer: &Url, expected: &Expected<'_>) -> Result<IssuedCode, Setback> {
    let Parameters { code, state, iss, scope, expires_in, error, error_description } =
        Parameters::read(answer)?;
    if state.as_deref().map(String::as_str) != Some(expected.state) {
        return Err(IssueError::WrongState.into());
    }
    let is_other = iss.as_deref().is_some_and(|iss| iss != expected.issuer.as_str());
    if is_other || (iss.is_none() && expected.names_issuer == NamesIssuer::Always) {
        return Err(IssueError::WrongIssuer.into());
    }
    if let Some(error) = error {
        return Err(match error.as_str() {
            "server_error" => IssueError::ServerFailed { status: 500 }.into(),
            "temporarily_unavailable" => {
                IssueError::TemporarilyUnavailable { status: 503, retry_after: None }.into()
            }
            _ => {
                let description = error_description;
                setback(&Refusal { status: 302, error, description, request_uri: None })
            }
        });
    }
    let nothing = IssueError::BadAnswer { what: "it has neither a code nor an error" };
    let code = code.ok_or(nothing)?;
    let code = usable(&code)?;
    let scopes = scope.as_deref().map(Scope::parse_list);
    if let Some(scopes) = &scopes {
        within(scopes, expected.wanted.scopes)?;
    }
    Ok(IssuedCode {
        code,
        client_id: ClientId::new(expected.wanted.asked.client_id.as_str()),
        scopes,
        issuer: Some(expected.issuer.clone()),
        expires_in: expires_in.and_then(|seconds| seconds.parse().ok()).filter(|s| *s > 0),
        grant_id: None,
    })
}
