//! The request alone: what a host that writes it by hand would do at the least.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use reqwest::Client;
use serde_json::Value;

use crate::server::{PASSWORD, SECRET, Server, USER};

/// One connection that is kept.
pub(crate) struct Bare {
    client: Client,
    endpoint: String,
    token: String,
    last: AtomicU64,
}

impl Bare {
    /// Signs a user in as the host does, for the token that goes along with every request.
    pub(crate) async fn sign_in(server: &Server) -> Result<Self, String> {
        let client = Client::builder().no_proxy().tls_certs_only([]).build();
        let client = client.map_err(text)?;
        let form = [
            ("grant_type", "password"),
            ("username", USER),
            ("password", PASSWORD),
            ("scope", "openid profile email mediate"),
        ];
        let post = client.post(format!("{}/token", server.issuer));
        let answer =
            post.basic_auth("host", Some(SECRET)).form(&form).send().await.map_err(text)?;
        let json: Value = answer.json().await.map_err(text)?;
        let token = json["access_token"].as_str().ok_or("the server gives no token")?.to_owned();
        Ok(Self { client, endpoint: server.challenge.clone(), token, last: AtomicU64::new(0) })
    }

    /// Makes the request and reads the code: how long that takes.
    pub(crate) async fn request(&self) -> Result<Duration, String> {
        let before = Instant::now();
        let last = self.last.fetch_add(1, Ordering::Relaxed);
        let consent = format!(
            r#"{{"jti":"{last:016x}","id":"0123456789abcdef","at":"2026-01-01T00:00:00Z","mode":"remembered","scopes":["email","openid"],"locale":"en","digest":"E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"}}"#,
        );
        let form = [
            ("response_type", "code"),
            ("target_client_id", "teahouse"),
            ("redirect_uri", "https://teahouse.example/callback"),
            ("scope", "email openid"),
            ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
            ("code_challenge_method", "S256"),
            ("subject_token", &self.token),
            ("subject_token_type", "urn:ietf:params:oauth:token-type:access_token"),
            ("consent", &consent),
        ];
        let post = self.client.post(&self.endpoint).basic_auth("host", Some(SECRET)).form(&form);
        let answer = post.timeout(Duration::from_secs(10)).send().await.map_err(text)?;
        let json: Value = answer.json().await.map_err(text)?;
        match json["authorization_code"].as_str() {
            Some(_) => Ok(before.elapsed()),
            None => Err(format!("the server gives no code: {json}")),
        }
    }
}

fn text(error: reqwest::Error) -> String {
    error.to_string()
}
