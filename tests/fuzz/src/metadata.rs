//! What an authorization server says of itself.

use minihost::fuzzing;
use minihost_core::Issuer;
use serde_json::Value;

/// Metadata is its issuer's own, and every address in it is one that secrets may go to.
pub(crate) fn check(bytes: &[u8]) {
    for issuer in ["https://as.example", "http://127.0.0.1:4000", "https://as.example/tenant"] {
        let Some(endpoints) = fuzzing::server_metadata(&Issuer::new(issuer), bytes) else {
            continue;
        };
        // What is not read need not be UTF-8.
        let text = String::from_utf8_lossy(bytes);
        let document: Value = serde_json::from_str(&text).expect("what is taken is JSON");
        assert_eq!(document["issuer"], issuer);
        for endpoint in endpoints {
            assert!(endpoint.username().is_empty() && endpoint.password().is_none());
            assert!(endpoint.fragment().is_none() && endpoint.has_host());
            if issuer.starts_with("https:") {
                assert_eq!(endpoint.scheme(), "https");
            }
            assert!(matches!(endpoint.scheme(), "https" | "http"));
        }
    }
}
