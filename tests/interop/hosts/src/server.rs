//! The project's own authorization server on the loopback interface with a host, a mini-program and a
//! user. One JSON line on standard output says what a settings file has to know. It ends with its
//! standard input. With `--without-secrets` the host proves itself by a key, and the program is public.

#![expect(clippy::print_stdout, reason = "its standard output is what it is started for")]

use std::error::Error;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use minihost::manifest::{Algorithm, SigningKey};
use minihost_authorization_server::{
    AuthorizationServer, ClientAuthentication, ClientId, ClientKind, ClientRegistration,
    ClientSecret, Config, GrantType, Listener, Password, PublicKeys, RedirectUri, RefreshPolicy,
    Requirement, Scopes, ServeOptions, UserRegistration,
};
use serde_json::json;
use tokio::io::AsyncReadExt as _;

const REDIRECT_URI: &str = "https://program.example/callback";
const REFRESH: RefreshPolicy = RefreshPolicy::Rotating { lifetime: Duration::from_secs(3600) };

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let directory = tempfile::tempdir()?;
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let listener = Listener::loopback(address, None).await?;
    let issuer = format!("http://{}", listener.address()?);
    let database = directory.path().join("server.sqlite");
    let server = AuthorizationServer::open(Config::new(issuer.parse()?, database)).await?;
    let password = ClientSecret::generate()?.expose().to_owned();
    let mut told = json!({"ISSUER": issuer, "USER_PASSWORD": password});
    let (host, program) = if std::env::args().any(|argument| argument == "--without-secrets") {
        let (key, pem) = SigningKey::generate(Algorithm::Es256)?;
        told["HOST_KEY"] = json!(*pem);
        let keys = PublicKeys::from_json(&format!(r#"{{"keys":[{}]}}"#, key.public_jwk()))?;
        (ClientAuthentication::Keys(keys), ClientAuthentication::None)
    } else {
        let mut secret = |name: &str| -> Result<_, Box<dyn Error>> {
            let secret = ClientSecret::generate()?;
            told[name] = json!(secret.expose());
            Ok(ClientAuthentication::Secret(secret))
        };
        (secret("HOST_SECRET")?, secret("PROGRAM_SECRET")?)
    };
    register(&server, host, program, &password).await?;
    println!("{told}");
    let until_nobody_listens = async {
        // Whatever comes, nothing more will.
        let _ = tokio::io::stdin().read_to_end(&mut Vec::new()).await;
    };
    server.serve(listener, ServeOptions::default(), until_nobody_listens).await;
    Ok(())
}

async fn register(
    server: &AuthorizationServer,
    of_host: ClientAuthentication,
    of_program: ClientAuthentication,
    password: &str,
) -> Result<(), Box<dyn Error>> {
    let kind = ClientKind::Host {
        may_mediate_for: vec![ClientId::new("program")?],
        consent_evidence: Requirement::Required,
    };
    let scopes = Scopes::parse("openid profile email mediate")?;
    let mut host = ClientRegistration::new(ClientId::new("host")?, kind, of_host, scopes);
    host.grants.insert(GrantType::Password);
    host.refresh = REFRESH;
    let scopes = Scopes::parse("openid profile email")?;
    let kind = ClientKind::MiniProgram;
    let mut program = ClientRegistration::new(ClientId::new("program")?, kind, of_program, scopes);
    program.redirect_uris = vec![RedirectUri::new(REDIRECT_URI)?];
    program.access_token_lifetime = Duration::from_secs(4);
    program.refresh = REFRESH;
    let registry = server.registry();
    registry.put_client(program).await?;
    registry.put_client(host).await?;
    let alice = UserRegistration {
        username: "alice".to_owned(),
        password: Password::new(password),
        preferred_username: "alice".to_owned(),
        email: Some("alice@mail.example".to_owned()),
        email_verified: true,
        phone_number: None,
    };
    registry.put_user(alice).await?;
    Ok(())
}
