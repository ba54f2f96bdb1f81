//! What an app asks for, checked against what is registered here and what the user agreed to.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use minihost::{AskedCode, Audience, ClientId, Reason, RedirectUri, Scope};
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use crate::config::Program;
use crate::problem::Problem;

/// How old an answer to a consent prompt may be.
const FRESH: SignedDuration = SignedDuration::from_secs(300);
/// How far an app's clock may be ahead.
const AHEAD: SignedDuration = SignedDuration::from_secs(60);
const MOST_SCOPES: usize = 32;
const LONGEST_SCOPE: usize = 128;
const LONGEST_NONCE: usize = 256;
const LONGEST_VALUE: usize = 1024;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    client_id: String,
    redirect_uri: String,
    scopes: Vec<String>,
    audience: Option<String>,
    code_challenge: String,
    nonce: Option<String>,
    #[serde(default)]
    acr_values: Vec<String>,
    max_age: Option<u64>,
    consent: Value,
}

#[derive(Deserialize)]
struct Consent {
    at: Timestamp,
    mode: Mode,
    scopes: BTreeSet<String>,
}

#[derive(Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Mode {
    Prompt,
    Remembered,
    Silent,
}

/// A request that may be made.
#[derive(Debug)]
pub(crate) struct Wanted {
    pub(crate) asked: AskedCode,
    pub(crate) scopes: BTreeSet<Scope>,
    pub(crate) consent: Value,
}

/// Reads a request and checks it.
pub(crate) fn read(json: &[u8], programs: &[Program], now: Timestamp) -> Result<Wanted, Problem> {
    let invalid = Problem::invalid_request;
    let body: Body = serde_json::from_slice(json)
        .map_err(|_| invalid("it is not JSON in the form of a code request"))?;
    let consent: Consent = Consent::deserialize(&body.consent)
        .map_err(|_| invalid("the consent is not evidence that this relay reads"))?;
    check_form(&body)?;

    let program = programs.iter().find(|program| program.client_id == body.client_id);
    let program = program.ok_or(Problem::new(
        StatusCode::FORBIDDEN,
        Reason::UnauthorizedClient,
        "this host asks no codes for that mini-program",
    ))?;
    if !program.redirect_uris.contains(&body.redirect_uri) {
        return Err(invalid("the redirect URI is not one of the mini-program's"));
    }
    let asked: BTreeSet<String> = body.scopes.into_iter().collect();
    if !asked.is_subset(&program.scopes) {
        let detail = "a scope is not registered for the mini-program";
        return Err(Problem::new(StatusCode::BAD_REQUEST, Reason::InvalidScope, detail));
    }
    check_consent(&consent, &asked, now)?;

    Ok(Wanted {
        asked: AskedCode {
            client_id: ClientId::new(body.client_id),
            redirect_uri: RedirectUri::new(body.redirect_uri),
            code_challenge: body.code_challenge,
            nonce: body.nonce,
            audience: body.audience.map(Audience::new),
            acr_values: body.acr_values,
            max_age: body.max_age,
        },
        scopes: asked.into_iter().map(Scope::new).collect(),
        consent: body.consent,
    })
}

fn check_form(body: &Body) -> Result<(), Problem> {
    let invalid = Problem::invalid_request;
    let visible = |byte: u8| (0x21..=0x7e).contains(&byte) && byte != b'"' && byte != b'\\';
    let scope =
        |scope: &String| (1..=LONGEST_SCOPE).contains(&scope.len()) && scope.bytes().all(visible);
    if !(1..=MOST_SCOPES).contains(&body.scopes.len()) || !body.scopes.iter().all(scope) {
        return Err(invalid("the scopes are not 1 to 32 scope tokens"));
    }
    let base64url = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if body.code_challenge.len() != 43 || !body.code_challenge.bytes().all(base64url) {
        return Err(invalid("the code challenge is not 43 base64url characters"));
    }
    if body.nonce.as_ref().is_some_and(|nonce| nonce.len() > LONGEST_NONCE) {
        return Err(invalid("the nonce is too long"));
    }
    if body.audience.as_deref().is_some_and(|audience| Url::parse(audience).is_err()) {
        return Err(invalid("the audience is not an absolute URI"));
    }
    let too_long = body.acr_values.iter().any(|value| value.len() > LONGEST_VALUE);
    if body.acr_values.len() > MOST_SCOPES || too_long {
        return Err(invalid("the acr values are too many or too long"));
    }
    Ok(())
}

fn check_consent(
    consent: &Consent,
    asked: &BTreeSet<String>,
    now: Timestamp,
) -> Result<(), Problem> {
    let required = |detail| Problem::new(StatusCode::FORBIDDEN, Reason::ConsentRequired, detail);
    if !asked.is_subset(&consent.scopes) {
        return Err(required("the user did not agree to all of the scopes"));
    }
    let age = now.duration_since(consent.at);
    if age < -AHEAD {
        return Err(required("the user's answer lies in the future"));
    }
    if consent.mode == Mode::Prompt && age > FRESH {
        return Err(required("the user's answer is too old"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: &str = "2026-01-01T12:00:00Z";

    fn good() -> Value {
        json!({
            "clientId": "teahouse",
            "redirectUri": "https://teahouse.example/callback",
            "scopes": ["openid", "email"],
            "audience": "https://api.example",
            "codeChallenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
            "nonce": "n",
            "acrValues": ["urn:a"],
            "maxAge": 60,
            "unknown": true,
            "consent": {
                "jti": "j", "id": "d", "at": "2026-01-01T11:59:00Z", "mode": "prompt",
                "scopes": ["openid", "email", "phone"], "locale": "en", "digest": "x",
            },
        })
    }

    fn read_changed(change: impl FnOnce(&mut Value)) -> Result<Wanted, Problem> {
        let program = Program {
            client_id: "teahouse".into(),
            redirect_uris: ["https://teahouse.example/callback".to_owned()].into(),
            scopes: ["openid", "email"].map(str::to_owned).into(),
        };
        let mut body = good();
        change(&mut body);
        read(body.to_string().as_bytes(), &[program], NOW.parse().unwrap())
    }

    #[test]
    fn what_is_registered_and_agreed_to_goes_on() {
        let wanted = read_changed(|_| {}).unwrap();
        assert_eq!(wanted.scopes, Scope::parse_list("openid email"));
        assert_eq!(wanted.asked.nonce.as_deref(), Some("n"));
        assert_eq!(wanted.consent, good()["consent"]);
    }

    #[test]
    fn what_is_not_registered_not_agreed_to_or_not_in_form_is_refused() {
        type Change = fn(&mut Value);
        let rows: [(Change, Reason); 16] = [
            (|b| b["clientId"] = json!("cinema"), Reason::UnauthorizedClient),
            (
                |b| b["redirectUri"] = json!("https://teahouse.example/callback/"),
                Reason::InvalidRequest,
            ),
            (|b| b["scopes"] = json!(["openid", "phone"]), Reason::InvalidScope),
            (|b| b["consent"]["scopes"] = json!(["openid"]), Reason::ConsentRequired),
            (|b| b["consent"]["at"] = json!("2026-01-01T11:54:59Z"), Reason::ConsentRequired),
            (|b| b["consent"]["at"] = json!("2026-01-01T12:01:01Z"), Reason::ConsentRequired),
            (|b| b["consent"]["mode"] = json!("guessed"), Reason::InvalidRequest),
            (|b| b["consent"] = json!(null), Reason::InvalidRequest),
            (|b| b["scopes"] = json!([]), Reason::InvalidRequest),
            (|b| b["scopes"] = json!(["open id"]), Reason::InvalidRequest),
            (|b| b["codeChallenge"] = json!("short"), Reason::InvalidRequest),
            (|b| b["codeChallenge"] = json!("=".repeat(43)), Reason::InvalidRequest),
            (|b| b["nonce"] = json!("n".repeat(257)), Reason::InvalidRequest),
            (|b| b["audience"] = json!("api"), Reason::InvalidRequest),
            (|b| b["maxAge"] = json!(-1), Reason::InvalidRequest),
            (|b| *b = json!([]), Reason::InvalidRequest),
        ];
        for (number, (change, reason)) in rows.into_iter().enumerate() {
            assert_eq!(read_changed(change).unwrap_err().reason(), reason, "row {number}");
        }
    }

    #[test]
    fn what_is_remembered_may_be_older_than_an_answer() {
        let remembered = |mode: &str| {
            read_changed(|body| {
                body["consent"]["at"] = json!("2025-06-01T00:00:00Z");
                body["consent"]["mode"] = json!(mode);
            })
        };
        assert!(remembered("remembered").is_ok() && remembered("silent").is_ok());
        assert!(remembered("prompt").is_err());
    }
}
