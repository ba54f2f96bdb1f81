//! A host that asks for codes on behalf of mini-programs, and in which its user confirms the codes
//! that a device shows.

use std::sync::atomic::{AtomicU32, Ordering};

use minihost_authorization_server::{
    ClientAuthentication, ClientId, ClientKind, ClientRegistration, ClientSecret, GrantType,
    RefreshPolicy, Requirement, Scopes, SigningAlgorithm,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::failure::Failure;
use crate::stage::Shared;

const SCOPES: &str = "openid profile email phone mediate";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

/// What a mini-program's page passed to its host, and the user of that host.
#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub struct CodeRequest {
    /// The mini-program.
    pub client_id: String,
    /// Where the code would be sent if there were a redirect.
    pub redirect_uri: String,
    /// What is asked for.
    pub scope: String,
    /// The S256 challenge.
    pub code_challenge: String,
    /// For the ID token.
    #[serde(default)]
    pub nonce: Option<String>,
    /// Who is signed in at the host.
    pub username: String,
    /// The user's password.
    pub password: String,
}

/// What the host hands to the page.
#[derive(Serialize, Deserialize, Clone)]
pub struct IssuedCode {
    /// The code.
    #[serde(rename(deserialize = "authorization_code"))]
    pub code: String,
    /// Whom it is for.
    pub client_id: String,
    /// What was granted.
    pub scope: String,
}

/// What a user reads off a device (RFC 8628 §3.3) and answers in the host.
#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub struct Approval {
    /// The device's client.
    pub client_id: String,
    /// What the device shows.
    pub user_code: String,
    /// The answer.
    pub decision: Answer,
    /// Who is signed in at the host.
    pub username: String,
    /// The user's password.
    pub password: String,
}

/// What a user answers to a device.
#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// The device gets what it asks for.
    Approve,
    /// It gets nothing.
    Deny,
}

impl CodeRequest {
    pub(crate) async fn send(self, stage: &Shared) -> Result<IssuedCode, Failure> {
        let host = Host::register(stage, &self.client_id).await?;
        let token = host.sign_in(&self.username, &self.password).await?;
        let mut form = vec![
            ("response_type", "code"),
            ("target_client_id", &self.client_id),
            ("redirect_uri", &self.redirect_uri),
            ("scope", &self.scope),
            ("code_challenge", &self.code_challenge),
            ("code_challenge_method", "S256"),
            ("subject_token", &token),
            ("subject_token_type", ACCESS_TOKEN),
        ];
        if let Some(nonce) = &self.nonce {
            form.push(("nonce", nonce));
        }
        let answer = host.post("authorization_challenge_endpoint", &form).await?;
        Ok(serde_json::from_value(answer)?)
    }
}

impl Approval {
    pub(crate) async fn send(self, stage: &Shared) -> Result<(), Failure> {
        let host = Host::register(stage, &self.client_id).await?;
        let token = host.sign_in(&self.username, &self.password).await?;
        let decision = match self.decision {
            Answer::Approve => "approve",
            Answer::Deny => "deny",
        };
        let form = [
            ("user_code", self.user_code.as_str()),
            ("decision", decision),
            ("subject_token", &token),
            ("subject_token_type", ACCESS_TOKEN),
        ];
        host.post("device_approval_endpoint", &form).await?;
        Ok(())
    }
}

/// A host that was registered for one mini-program.
struct Host<'a> {
    stage: &'a Shared,
    id: String,
    secret: ClientSecret,
}

impl<'a> Host<'a> {
    async fn register(stage: &'a Shared, program: &str) -> Result<Self, Failure> {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let id = format!("host-{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let secret = ClientSecret::generate()?;
        let mut registration = ClientRegistration::new(
            ClientId::new(id.clone())?,
            ClientKind::Host {
                may_mediate_for: vec![ClientId::new(program)?],
                consent_evidence: Requirement::Optional,
            },
            ClientAuthentication::Secret(ClientSecret::new(secret.expose())?),
            Scopes::parse(SCOPES)?,
        );
        registration.grants.insert(GrantType::Password);
        registration.refresh = RefreshPolicy::None;
        registration.id_token_algorithm = SigningAlgorithm::EdDsa;
        stage.server.registry().put_client(registration).await?;
        Ok(Self { stage, id, secret })
    }

    /// The host's token of its user.
    async fn sign_in(&self, username: &str, password: &str) -> Result<String, Failure> {
        let form = [
            ("grant_type", "password"),
            ("username", username),
            ("password", password),
            ("scope", SCOPES),
        ];
        let answer = self.post("token_endpoint", &form).await?;
        let token = answer["access_token"].as_str().map(str::to_owned);
        token.ok_or_else(|| Failure::new("the host's sign-in gave no access token"))
    }

    async fn post(&self, endpoint: &str, form: &[(&str, &str)]) -> Result<Value, Failure> {
        let http = &self.stage.http;
        let metadata = format!("{}/.well-known/oauth-authorization-server", self.stage.issuer);
        let metadata: Value = http.get(metadata).send().await?.json().await?;
        let address = metadata[endpoint].as_str();
        let address =
            address.ok_or_else(|| Failure::new(format!("the metadata has no {endpoint}")))?;
        let request =
            http.post(address).basic_auth(&self.id, Some(self.secret.expose())).form(form);
        let response = request.send().await?;
        let status = response.status();
        let body: Value = response.json().await?;
        if status.is_success() {
            return Ok(body);
        }
        Err(Failure::new(format!("{endpoint} answered {status} to the host: {body}")))
    }
}
