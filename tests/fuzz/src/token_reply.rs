//! What the token endpoint and the challenge endpoint answer.

use std::{sync::OnceLock, time::Duration};

use jiff::Timestamp;
use minihost::fuzzing;
use minihost_core::{CodeRequest, Issuer, Moment};
use minihost_testkit::approved_code_request;
use serde_json::Value;

/// Every token and code that is taken can stand in a header or a form, and what is delivered is for
/// the client, from the issuer, and no more than was asked.
pub(crate) fn check(bytes: &[u8]) {
    let now = Moment { uptime: Duration::from_secs(1), time: Timestamp::UNIX_EPOCH };
    if let Ok((access, refresh, expires)) = fuzzing::token_response(bytes, now) {
        let body = object(bytes);
        assert_eq!(body["access_token"], access.as_str());
        assert!(body["token_type"].as_str().is_some_and(|t| t.eq_ignore_ascii_case("bearer")));
        assert_eq!(body["refresh_token"].as_str(), refresh.as_deref());
        assert_eq!(body["expires_in"].is_u64(), expires);
        for token in [Some(access), refresh].into_iter().flatten() {
            assert!(!token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic()));
        }
    }
    let issuer = Issuer::new("https://as.example");
    let asked = asked();
    if let Ok(issued) = fuzzing::code_response(bytes, asked, &issuer) {
        let body = object(bytes);
        assert_eq!(body["client_id"], asked.asked().client_id.as_str());
        assert_eq!(issued.client_id, asked.asked().client_id);
        assert!(body["iss"].is_null() || body["iss"] == issuer.as_str());
        let code = issued.code.expose();
        assert_eq!(body["authorization_code"], code);
        assert!(!code.is_empty() && code.bytes().all(|byte| (0x20..=0x7e).contains(&byte)));
        if let Some(scopes) = &issued.scopes {
            assert!(!scopes.is_empty() && scopes.is_subset(asked.scopes()));
        }
        assert_ne!(issued.expires_in, Some(0));
    }
}

/// What is not read need not be UTF-8.
fn object(bytes: &[u8]) -> Value {
    serde_json::from_str(&String::from_utf8_lossy(bytes)).expect("what is taken is JSON")
}

fn asked() -> &'static CodeRequest {
    static ASKED: OnceLock<CodeRequest> = OnceLock::new();
    ASKED.get_or_init(|| approved_code_request(&[]))
}
