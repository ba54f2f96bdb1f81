//! `auth.requestCode`: the page asks for an authorization code.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

use super::{Params, ParamsResult, params::invalid};
use crate::{Failure, Reason};

/// The method's name.
pub const METHOD: &str = "auth.requestCode";

/// The most scopes in one request.
pub const SCOPES: usize = 32;
/// The longest scope, in characters.
pub const SCOPE_LENGTH: usize = 128;
/// The longest `state`, in characters.
pub const STATE_LENGTH: usize = 1024;
/// The longest `nonce`, in characters.
pub const NONCE_LENGTH: usize = 256;

/// Parameters that have the right form; whether they are allowed is not known here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestCode {
    /// 1 to [`SCOPES`] different scope tokens (RFC 6749 §3.3), in the page's order.
    pub scopes: Vec<String>,
    /// The S256 challenge: 43 base64url characters (RFC 7636 §4.2).
    pub code_challenge: String,
    /// Where the code will be redeemed to; may be left out when the manifest has only one.
    pub redirect_uri: Option<String>,
    /// Comes back unchanged.
    pub state: Option<String>,
    /// Goes to the server unchanged.
    pub nonce: Option<String>,
    /// An absolute URI, sent as `resource` (RFC 8707).
    pub audience: Option<String>,
    /// When to ask the user.
    pub prompt: Prompt,
    /// Passed on to the server.
    pub acr_values: Vec<String>,
    /// Passed on to the server; seconds.
    pub max_age: Option<u64>,
}

/// When to ask the user.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Prompt {
    /// Only for what is not granted yet.
    #[default]
    Auto,
    /// Never.
    None,
    /// Always.
    Consent,
    /// After signing in again.
    Login,
    /// After choosing an account.
    SelectAccount,
}

impl RequestCode {
    /// Reads the parameters.
    ///
    /// # Errors
    /// `invalid_scope` for malformed, missing or repeated scopes, `invalid_request` for the rest.
    pub fn read(params: &Map<String, Value>) -> ParamsResult<Self> {
        let params = Params(params);
        let owned = |text: Option<&str>| text.map(str::to_owned);
        Ok(Self {
            scopes: scopes(params.required("scopes", params.texts("scopes")?)?)?,
            code_challenge: code_challenge(&params)?,
            redirect_uri: owned(params.text("redirectUri")?),
            state: owned(params.short_text("state", STATE_LENGTH)?),
            nonce: owned(params.short_text("nonce", NONCE_LENGTH)?),
            audience: owned(params.text("audience")?),
            prompt: prompt(params.text("prompt")?)?,
            acr_values: params
                .texts("acrValues")?
                .unwrap_or_default()
                .into_iter()
                .map(str::to_owned)
                .collect(),
            max_age: params.whole("maxAge")?,
        })
    }
}

/// What the page gets.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Code<'a> {
    /// The authorization code.
    pub code: &'a str,
    /// As the page sent it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<&'a str>,
    /// The verified issuer (RFC 9207).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub iss: Option<&'a str>,
    /// The client that can redeem the code.
    pub client_id: &'a str,
    /// To be repeated when the code is redeemed.
    pub redirect_uri: &'a str,
    /// What the code stands for.
    pub granted_scopes: Vec<&'a str>,
    /// What was asked and not given, with why.
    pub denied_scopes: BTreeMap<&'a str, Denied>,
    /// Seconds the code lives, where the server says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_in: Option<u64>,
}

/// Why a scope was not given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Denied {
    /// The user cleared its box.
    UserDenied,
    /// The mini-program is not registered for it.
    NotRegistered,
    /// The server left it out.
    ServerRefused,
}

fn scopes(asked: Vec<&str>) -> ParamsResult<Vec<String>> {
    let wrong = |message: &str| Err(Failure::new(Reason::InvalidScope, message));
    if asked.is_empty() || asked.len() > SCOPES {
        return wrong("`scopes` must name 1 to 32 scopes.");
    }
    let mut scopes: Vec<String> = Vec::with_capacity(asked.len());
    for scope in asked {
        if !is_scope_token(scope) {
            return wrong("A scope is not an RFC 6749 scope-token of at most 128 characters.");
        }
        if scopes.iter().any(|seen| seen == scope) {
            return wrong("A scope is named twice.");
        }
        scopes.push(scope.to_owned());
    }
    Ok(scopes)
}

/// Whether a text is a scope token (RFC 6749 §3.3: `1*( %x21 / %x23-5B / %x5D-7E )`) of at most
/// [`SCOPE_LENGTH`] characters.
pub fn is_scope_token(scope: &str) -> bool {
    (1..=SCOPE_LENGTH).contains(&scope.len())
        && scope.bytes().all(|byte| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e))
}

fn code_challenge(params: &Params<'_>) -> ParamsResult<String> {
    let challenge = params.required("codeChallenge", params.text("codeChallenge")?)?;
    let method = params.required("codeChallengeMethod", params.text("codeChallengeMethod")?)?;
    if method != "S256" {
        return Err(invalid("`codeChallengeMethod` must be \"S256\"."));
    }
    let is_base64url = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if challenge.len() != 43 || !challenge.bytes().all(is_base64url) {
        return Err(invalid("`codeChallenge` must be 43 base64url characters."));
    }
    Ok(challenge.to_owned())
}

fn prompt(text: Option<&str>) -> ParamsResult<Prompt> {
    Ok(match text {
        None | Some("auto") => Prompt::Auto,
        Some("none") => Prompt::None,
        Some("consent") => Prompt::Consent,
        Some("login") => Prompt::Login,
        Some("select_account") => Prompt::SelectAccount,
        Some(_) => {
            return Err(invalid("`prompt` must be auto, none, consent, login or select_account."));
        }
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    fn read(change: impl FnOnce(&mut Value)) -> ParamsResult<RequestCode> {
        let mut params = json!({
            "scopes": ["openid", "email"], "codeChallenge": CHALLENGE, "codeChallengeMethod": "S256"
        });
        change(&mut params);
        RequestCode::read(params.as_object().unwrap())
    }

    #[test]
    fn a_plain_request_is_read_and_unknown_members_are_ignored() {
        let asked = read(|p| p["futureMember"] = json!({"x": 1})).unwrap();
        assert_eq!(asked.scopes, ["openid", "email"]);
        assert_eq!(asked.prompt, Prompt::Auto);
    }

    #[test]
    fn every_known_member_of_the_wrong_type_is_an_invalid_request() {
        for (name, value) in [
            ("codeChallenge", json!(1)),
            ("codeChallenge", json!("short")),
            ("codeChallenge", json!(format!("{}=", &CHALLENGE[..42]))),
            ("codeChallengeMethod", json!("plain")),
            ("redirectUri", json!(null)),
            ("state", json!("x".repeat(STATE_LENGTH + 1))),
            ("nonce", json!("x".repeat(NONCE_LENGTH + 1))),
            ("audience", json!(["https://a"])),
            ("prompt", json!("always")),
            ("acrValues", json!("one")),
            ("maxAge", json!(-1)),
            ("scopes", json!("openid")),
        ] {
            let failure = read(|p| p[name] = value.clone()).unwrap_err();
            assert_eq!(failure.reason, Reason::InvalidRequest, "{name}: {value}");
        }
    }

    #[test]
    fn pkce_is_never_optional() {
        for name in ["codeChallenge", "codeChallengeMethod"] {
            let failure = read(|p| {
                p.as_object_mut().unwrap().remove(name);
            })
            .unwrap_err();
            assert_eq!(failure.reason, Reason::InvalidRequest);
            assert!(failure.message.contains(name));
        }
    }

    #[test]
    fn scopes_are_distinct_tokens_within_their_limits() {
        let many: Vec<String> = (0..=SCOPES).map(|i| format!("s{i}")).collect();
        for scopes in [
            json!([]),
            json!([""]),
            json!(["two words"]),
            json!(["quo\"te"]),
            json!(["back\\slash"]),
            json!(["é"]),
            json!(["a", "a"]),
            json!(["x".repeat(SCOPE_LENGTH + 1)]),
            json!(many),
        ] {
            let failure = read(|p| p["scopes"] = scopes.clone()).unwrap_err();
            assert_eq!(failure.reason, Reason::InvalidScope, "{scopes}");
        }
        assert!(read(|p| p["scopes"] = json!(many[..SCOPES])).is_ok());
    }
}
