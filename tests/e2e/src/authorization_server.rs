//! The authorization server as a client speaks to it, without any SDK.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use reqwest::{Client, Response, redirect::Policy};
use rustls::crypto::{CryptoProvider, ring};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::sample_host::{Program, SampleHost};

/// A client's view of the server.
pub struct AuthorizationServer<'a> {
    host: &'a SampleHost,
    http: Client,
    metadata: Value,
}

/// A status and a JSON body.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body; null where it is no JSON.
    pub body: Value,
}

impl Answer {
    /// A member of the body that must be a string.
    pub fn text(&self, member: &str) -> String {
        self.body[member].as_str().unwrap_or_else(|| panic!("no `{member}`: {self:?}")).to_owned()
    }
}

impl<'a> AuthorizationServer<'a> {
    /// Reads the server's metadata.
    pub async fn discover(host: &'a SampleHost) -> Self {
        if CryptoProvider::get_default().is_none() {
            // Plain HTTP needs no provider, but the client wants one. Losing the race is no fault.
            let _ = ring::default_provider().install_default();
        }
        let http = Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            .tls_certs_only([])
            .build()
            .expect("an HTTP client");
        let issuer = &host.ready.authorization_server;
        let address = format!("{issuer}/.well-known/oauth-authorization-server");
        let answer = http.get(address).send().await.expect("the server answers");
        let metadata: Value = answer.json().await.expect("metadata is JSON");
        assert_eq!(metadata["issuer"], issuer.as_str());
        assert_eq!(metadata["host_mediation_supported"], true);
        Self { host, http, metadata }
    }

    /// The host's token for a user.
    pub async fn sign_in(&self, username: &str) -> Answer {
        let host = &self.host.ready.host;
        let form = [
            ("grant_type", "password"),
            ("username", username),
            ("password", self.host.password(username)),
            ("scope", "openid profile email phone mediate"),
        ];
        self.token(&host.client_id, Some(&host.client_secret), &form).await
    }

    /// A code request as the host makes it, with changes.
    pub async fn challenge(
        &self,
        program: &Program,
        subject_token: &str,
        verifier: &str,
        changes: &[(&str, Option<&str>)],
    ) -> Answer {
        let host = &self.host.ready.host;
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier));
        let mut form: Vec<(&str, &str)> = vec![
            ("response_type", "code"),
            ("target_client_id", &program.client_id),
            ("redirect_uri", &program.redirect_uri),
            ("scope", "openid email"),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
            ("subject_token", subject_token),
            ("subject_token_type", "urn:ietf:params:oauth:token-type:access_token"),
        ];
        for (name, value) in changes {
            form.retain(|(known, _)| known != name);
            if let Some(value) = value {
                form.push((name, value));
            }
        }
        let secret = Some(host.client_secret.as_str());
        self.post("authorization_challenge_endpoint", &host.client_id, secret, &form).await
    }

    /// Redeems a code as a program does, with changes to the form.
    pub async fn redeem(
        &self,
        program: &Program,
        code: &str,
        verifier: &str,
        redirect_uri: &str,
    ) -> Answer {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", redirect_uri),
            ("code_verifier", verifier),
        ];
        self.token(&program.client_id, program.client_secret.as_deref(), &form).await
    }

    /// A request to the token endpoint.
    pub async fn token(
        &self,
        client_id: &str,
        client_secret: Option<&str>,
        form: &[(&str, &str)],
    ) -> Answer {
        self.post("token_endpoint", client_id, client_secret, form).await
    }

    /// The user's details.
    pub async fn user_details(&self, access_token: &str) -> Answer {
        let request = self.http.get(self.endpoint("userinfo_endpoint")).bearer_auth(access_token);
        answer(request.send().await.expect("the server answers")).await
    }

    async fn post(
        &self,
        endpoint: &str,
        client_id: &str,
        client_secret: Option<&str>,
        form: &[(&str, &str)],
    ) -> Answer {
        let request = self.http.post(self.endpoint(endpoint)).form(form);
        let request = match client_secret {
            Some(secret) => request.basic_auth(client_id, Some(secret)),
            None => request,
        };
        answer(request.send().await.expect("the server answers")).await
    }

    fn endpoint(&self, name: &str) -> &str {
        self.metadata[name].as_str().unwrap_or_else(|| panic!("the metadata has no {name}"))
    }
}

async fn answer(response: Response) -> Answer {
    let status = response.status().as_u16();
    Answer { status, body: response.json().await.unwrap_or(Value::Null) }
}
