//! `minihost doctor`: why a host does not work, before its users find out.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line program speaks to its user on standard output and standard error"
)]

use std::{env, fs, path::PathBuf, process::ExitCode, sync::Arc};

use clap::{Args, Parser, Subcommand, ValueEnum};
use minihost::{
    ClientId, Issuer, ProcessKey, SystemClock,
    diagnosis::{Diagnosis, Doctor, Mediation, Program},
    http::{Certificates, KeyPin, Network, Proxy, ReqwestTransport, Roots},
    issuer::{AssertionAudience, ClientAuthentication, ClientSecret},
    session::RedirectUri,
};

/// Where the host's secret is looked for: not on the command line, which others can read.
const SECRET: &str = "MINIHOST_CLIENT_SECRET";

/// Tools for developers of host apps.
#[derive(Parser)]
#[command(name = "minihost")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Look at everything that a host needs: server, network, clock, credentials, registrations, keychain
    Doctor(Box<Options>),
}

#[derive(Args)]
struct Options {
    /// The authorization server's issuer identifier
    #[arg(long)]
    issuer: String,
    /// The host's client id
    #[arg(long)]
    client_id: String,
    /// How the host proves itself; a secret is taken from MINIHOST_CLIENT_SECRET
    #[arg(long, value_enum, default_value_t = Method::Basic)]
    authentication: Method,
    /// The host's private key, PKCS #8 in PEM, for private-key-jwt
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// The name of the key at the server
    #[arg(long)]
    key_id: Option<String>,
    /// Make assertions out to the endpoint, for servers that know nothing else
    #[arg(long)]
    for_endpoint: bool,
    /// The host's own redirect URI
    #[arg(long)]
    redirect_uri: Option<String>,
    /// A mini-program and one of its redirect URIs; may be repeated
    #[arg(long, value_name = "CLIENT_ID=URI")]
    mini_program: Vec<String>,
    /// The server need not issue codes to hosts itself: another profile than `challenge`
    #[arg(long)]
    other_profile: bool,
    /// Root certificates in PEM, in place of the platform's
    #[arg(long, value_name = "FILE")]
    roots: Option<PathBuf>,
    /// A key that the server may have: sha256/BASE64; may be repeated
    #[arg(long)]
    pin: Vec<KeyPin>,
    /// A proxy, in place of what the environment names
    #[arg(long)]
    proxy: Option<url::Url>,
    /// The name of the app in the keychain; without it the keychain is not looked at
    #[arg(long, value_name = "SERVICE")]
    keychain: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Method {
    Basic,
    BasicVerbatim,
    Post,
    PrivateKeyJwt,
    None,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let Command::Doctor(options) = Cli::parse().command;
    let json = options.json;
    match run(*options).await {
        Ok(diagnosis) => {
            if json {
                println!("{}", diagnosis.to_json());
            } else {
                print!("{diagnosis}");
            }
            ExitCode::from(u8::from(!diagnosis.is_healthy()))
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

async fn run(options: Options) -> Result<Diagnosis, String> {
    let client = client(&options)?;
    let transport = Arc::new(ReqwestTransport::with(network(&options)?).map_err(text)?);
    let clock = Arc::new(SystemClock::new());
    let issuer = Issuer::new(options.issuer);
    let mut doctor = Doctor::new(issuer, client, transport, clock).map_err(text)?;
    if options.other_profile {
        doctor = doctor.mediation(Mediation::NotWanted);
    }
    if let Some(uri) = &options.redirect_uri {
        doctor = doctor.redirect_uri(RedirectUri::new(uri).map_err(text)?);
    }
    for program in &options.mini_program {
        let (id, uri) = program.split_once('=').ok_or("a mini-program is CLIENT_ID=URI")?;
        let (client_id, redirect_uri) = (ClientId::new(id), uri.to_owned());
        doctor = doctor.program(Program { client_id, redirect_uri });
    }
    if let Some(service) = &options.keychain {
        match minihost::store::open_keyring(service).await {
            Ok(store) => doctor = doctor.secrets(Arc::new(store)),
            Err(error) => doctor = doctor.no_secrets(error),
        }
    }
    Ok(doctor.diagnose().await)
}

fn client(options: &Options) -> Result<ClientAuthentication, String> {
    let client_id = ClientId::new(options.client_id.as_str());
    let secret = || {
        let secret = env::var(SECRET).map_err(|_| format!("{SECRET} holds no secret"))?;
        Ok::<_, String>(ClientSecret::new(secret))
    };
    Ok(match options.authentication {
        Method::Basic => {
            ClientAuthentication::ClientSecretBasic { client_id, client_secret: secret()? }
        }
        Method::BasicVerbatim => {
            ClientAuthentication::ClientSecretBasicVerbatim { client_id, client_secret: secret()? }
        }
        Method::Post => {
            ClientAuthentication::ClientSecretPost { client_id, client_secret: secret()? }
        }
        Method::PrivateKeyJwt => {
            let file = options.key.as_ref().ok_or("--key names no file")?;
            let pem = read(file)?;
            let key = ProcessKey::from_pem(&String::from_utf8_lossy(&pem)).map_err(text)?;
            let audience = match options.for_endpoint {
                true => AssertionAudience::Endpoint,
                false => AssertionAudience::Issuer,
            };
            let key = options.key_id.iter().cloned().fold(key, ProcessKey::named);
            ClientAuthentication::PrivateKeyJwt { client_id, signer: Arc::new(key), audience }
        }
        Method::None => ClientAuthentication::None { client_id },
    })
}

fn network(options: &Options) -> Result<Network, String> {
    let roots = match &options.roots {
        Some(file) => Roots::Only(Certificates::from_pem(&read(file)?).map_err(text)?),
        None => Roots::Platform,
    };
    let proxy = options.proxy.clone().map_or(Proxy::Environment, Proxy::At);
    Ok(Network { roots, proxy, pins: options.pin.clone(), ..Network::default() })
}

fn read(file: &PathBuf) -> Result<Vec<u8>, String> {
    fs::read(file).map_err(|error| format!("{}: {error}", file.display()))
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }
}
