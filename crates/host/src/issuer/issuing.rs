//! The usual code requests, whichever profile makes them, for tests.

use minihost_core::{CodeRequest, IssuedCode};
use minihost_testkit::approved_code_request;
use serde_json::json;

use super::IssueError;
use crate::ports::CodeIssuer;

/// A request with everything that a page may say.
pub(super) fn full_request() -> CodeRequest {
    approved_code_request(&[
        ("state", json!("the program's own")),
        ("nonce", json!("n&1")),
        ("audience", json!("https://api.example")),
        ("acrValues", json!(["urn:a", "urn:b"])),
        ("maxAge", json!(120)),
    ])
}

/// Makes a request with nothing but what it must have.
pub(super) async fn issue(issuer: &dyn CodeIssuer) -> Result<IssuedCode, IssueError> {
    issuer.issue(&approved_code_request(&[])).await
}

/// Why it gives no code.
pub(super) async fn failure(issuer: &dyn CodeIssuer) -> IssueError {
    issue(issuer).await.err().expect("no code")
}
