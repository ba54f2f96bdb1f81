//! `auth.requestCode`: the page asks for an authorization code.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value};

use super::{Params, ParamsResult};
use crate::declaration::{Access, Call, Form, Member, Method, Prompting, Rule};

/// The longest scope, in characters.
pub const SCOPE_LENGTH: usize = 128;
/// The longest `state`, in characters.
pub const STATE_LENGTH: usize = 1024;
/// The longest `nonce`, in characters.
pub const NONCE_LENGTH: usize = 256;

/// The declaration.
pub const METHOD: Method = Method {
    name: "auth.requestCode",
    summary: "Asks for an authorization code for this program; the host asks the user where it must.",
    call: Call::Request,
    params: &[
        Member::required("scopes", Form::Scopes, "What to ask for; each declared in the manifest."),
        Member::required(
            "codeChallenge",
            Form::Challenge,
            "The S256 challenge (RFC 7636 §4.2); the verifier stays with the program.",
        ),
        Member::required(
            "codeChallengeMethod",
            Form::OneOf(&["S256"]),
            "How the challenge was made.",
        ),
        Member::optional(
            "redirectUri",
            Form::Text,
            "One of the manifest's; may be left out where there is only one.",
        ),
        Member::optional("state", Form::ShortText(STATE_LENGTH), "Comes back unchanged."),
        Member::optional("nonce", Form::ShortText(NONCE_LENGTH), "Goes into the ID token."),
        Member::optional(
            "audience",
            Form::Text,
            "The resource (RFC 8707): an absolute URI, one of the manifest's.",
        ),
        Member::optional(
            "prompt",
            Form::OneOf(PROMPTS),
            "When to ask the user: only for what is not granted (`auto`, the default), never, always, after signing in again, or after choosing an account.",
        ),
        Member::optional(
            "acrValues",
            Form::Texts,
            "Wanted authentication contexts, passed on to the server.",
        ),
        Member::optional(
            "maxAge",
            Form::Whole,
            "Seconds since the user last signed in, at most; passed on to the server.",
        ),
    ],
    result: &[
        Member::required(
            "code",
            Form::Text,
            "The code; to be redeemed at once, by the program itself.",
        ),
        Member::optional("state", Form::Text, "As the page sent it."),
        Member::optional("iss", Form::Text, "The issuer that the host verified (RFC 9207)."),
        Member::required("clientId", Form::Text, "The client that can redeem the code."),
        Member::required("redirectUri", Form::Text, "To be repeated when the code is redeemed."),
        Member::required("grantedScopes", Form::AnyScopes, "What the code stands for."),
        Member::required(
            "deniedScopes",
            Form::Table(DENIED),
            "What was asked and not given, with why.",
        ),
        Member::optional("expiresIn", Form::Whole, "Seconds that the code lives."),
    ],
    rule: Rule { access: Access::Every, scope: None, prompting: Prompting::WhereNeeded },
};

const PROMPTS: &[&str] = &["auto", "none", "consent", "login", "select_account"];
const DENIED: &[&str] = &["user_denied", "not_registered", "server_refused"];

/// Parameters that have the right form; whether they are allowed is not known here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestCode {
    /// 1 to 32 different scope tokens (RFC 6749 §3.3), in the page's order.
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
        let params = Params::check(&METHOD, params)?;
        Ok(Self {
            scopes: params.texts("scopes").unwrap_or_default(),
            code_challenge: params.owned("codeChallenge").unwrap_or_default(),
            redirect_uri: params.owned("redirectUri"),
            state: params.owned("state"),
            nonce: params.owned("nonce"),
            audience: params.owned("audience"),
            prompt: Prompt::read(params.text("prompt")),
            acr_values: params.texts("acrValues").unwrap_or_default(),
            max_age: params.whole("maxAge"),
        })
    }
}

impl Prompt {
    fn read(text: Option<&str>) -> Self {
        match text {
            Some("none") => Self::None,
            Some("consent") => Self::Consent,
            Some("login") => Self::Login,
            Some("select_account") => Self::SelectAccount,
            _ => Self::Auto,
        }
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

/// Whether a text is a scope token (RFC 6749 §3.3: `1*( %x21 / %x23-5B / %x5D-7E )`) of at most
/// [`SCOPE_LENGTH`] characters.
pub fn is_scope_token(scope: &str) -> bool {
    (1..=SCOPE_LENGTH).contains(&scope.len())
        && scope.bytes().all(|byte| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{Reason, declaration::SCOPES};

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
    fn every_prompt_that_is_declared_is_read_as_itself() {
        let read: Vec<Prompt> = PROMPTS
            .iter()
            .map(|text| read(|p| p["prompt"] = json!(text)).unwrap().prompt)
            .collect();
        use Prompt::{Auto, Consent, Login, None, SelectAccount};
        assert_eq!(read, [Auto, None, Consent, Login, SelectAccount]);
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
