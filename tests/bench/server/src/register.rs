//! Setting up our server before it begins.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use minihost_authorization_server::{
    ClientAuthentication, ClientId, ClientKind, ClientRegistration, ClientSecret, GrantType,
    Password, RedirectUri, RefreshPolicy, Registry, Requirement, Scopes, SigningAlgorithm,
    SystemClock, UserRegistration,
};

use crate::failure::Outcome;
use crate::setting::{Credentials, Setting};

const SCOPES: &str = "openid profile email phone";
const HOUR: Duration = Duration::from_secs(3600);

/// Registers clients and users in a database that nobody serves from yet.
pub(crate) async fn register(database: &Path, setting: &Setting) -> Outcome<()> {
    let registry = Registry::open(database, Arc::new(SystemClock)).await?;
    for client in [host(setting)?, program(setting)?] {
        registry.put_client(client).await?;
    }
    for user in &setting.users {
        let password = Password::new(setting.password.as_str());
        let registration = UserRegistration {
            email: Some(format!("{user}@example.com")),
            email_verified: true,
            phone_number: Some("+1 555 0100".to_owned()),
            ..UserRegistration::new(user, password)
        };
        registry.put_user(registration).await?;
    }
    registry.close().await;
    Ok(())
}

fn host(setting: &Setting) -> Outcome<ClientRegistration> {
    let kind = ClientKind::Host {
        may_mediate_for: vec![ClientId::new(setting.program.id.as_str())?],
        consent_evidence: Requirement::Optional,
    };
    let mut host = client(&setting.host, kind, &format!("{SCOPES} mediate"))?;
    host.grants.insert(GrantType::Password);
    host.refresh = RefreshPolicy::None;
    Ok(host)
}

fn program(setting: &Setting) -> Outcome<ClientRegistration> {
    let mut program = client(&setting.program, ClientKind::MiniProgram, SCOPES)?;
    program.redirect_uris = vec![RedirectUri::new(setting.redirect_uri.as_str())?];
    program.refresh = RefreshPolicy::Rotating { lifetime: HOUR };
    program.id_token_algorithm = SigningAlgorithm::Es256;
    Ok(program)
}

fn client(client: &Credentials, kind: ClientKind, scopes: &str) -> Outcome<ClientRegistration> {
    let secret = ClientAuthentication::Secret(ClientSecret::new(client.secret.as_str())?);
    let id = ClientId::new(client.id.as_str())?;
    let mut registration = ClientRegistration::new(id, kind, secret, Scopes::parse(scopes)?);
    registration.access_token_lifetime = HOUR;
    Ok(registration)
}
