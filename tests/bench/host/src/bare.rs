//! The request alone: what a host that writes it by hand would do at the least.

use std::time::Duration;

use reqwest::Client;
use serde_json::Value;

/// One connection that is kept.
pub(crate) struct Bare {
    client: Client,
    endpoint: String,
}

/// As much as the host sends.
const FORM: [(&str, &str); 8] = [
    ("response_type", "code"),
    ("target_client_id", "teahouse"),
    ("redirect_uri", "https://teahouse.example/callback"),
    ("scope", "email openid"),
    ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
    ("code_challenge_method", "S256"),
    ("subject_token", "a"),
    (
        "consent",
        r#"{"jti":"0123456789abcdef","id":"0123456789abcdef","at":"2026-01-01T00:00:00Z","mode":"remembered","scopes":["email","openid"],"locale":"en","digest":"E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"}"#,
    ),
];

impl Bare {
    pub(crate) fn new(issuer: &str) -> Result<Self, String> {
        let client = Client::builder().no_proxy().tls_certs_only([]).build();
        let client = client.map_err(|error| error.to_string())?;
        Ok(Self { client, endpoint: format!("{issuer}/challenge") })
    }

    pub(crate) async fn request(&self) -> Result<(), String> {
        let post = self.client.post(&self.endpoint).basic_auth("host", Some("s3cret")).form(&FORM);
        let answer = post.timeout(Duration::from_secs(10)).send().await;
        let answer = answer.map_err(|error| error.to_string())?;
        let json: Value = answer.json().await.map_err(|error| error.to_string())?;
        match json["authorization_code"].as_str() {
            Some(_) => Ok(()),
            None => Err("the server gives no code".to_owned()),
        }
    }
}
