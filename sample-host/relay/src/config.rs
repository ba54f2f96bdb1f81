//! The configuration file.

use std::collections::BTreeSet;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use minihost::backend::ProofChecker;
use minihost::issuer::{AssertionAudience, ClientAuthentication, ClientSecret, ProfileSettings};
use minihost::{ClientId, Issuer, ProcessKey};
use serde::Deserialize;

use crate::failure::Failure;

/// The configuration. Files are named from where it lies.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// Where requests are taken, over plain HTTP.
    listen: SocketAddr,
    /// Who ends TLS in front of it; needed for an address that other machines reach.
    #[serde(default)]
    tls: Tls,
    /// The database of grants.
    pub(crate) database: PathBuf,
    /// The authorization server.
    issuer: String,
    client: Client,
    #[serde(default)]
    pub(crate) token: Token,
    #[serde(default)]
    pub(crate) limits: Limits,
    /// How code requests are made.
    pub(crate) profile: ProfileSettings,
    /// The mini-programs that codes are asked for.
    programs: Vec<Program>,
}

#[derive(Deserialize, Default, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Tls {
    /// Nobody: loopback addresses alone.
    #[default]
    Nowhere,
    /// A proxy in front of the relay, on the way to which nobody listens in.
    InFront,
}

/// The host as a client of the server.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Client {
    id: String,
    #[serde(default)]
    method: Method,
    /// The file that holds the secret, in its first line; or a private key, PKCS #8 in PEM.
    secret_file: PathBuf,
}

#[derive(Deserialize, Default, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum Method {
    #[default]
    ClientSecretBasic,
    ClientSecretPost,
    PrivateKeyJwt,
}

/// Which tokens prove a user.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Token {
    /// The clients that they may be issued to: the apps. Without a word, the host's own client.
    pub(crate) client_ids: BTreeSet<String>,
    /// What they must be for.
    pub(crate) scope: Option<String>,
    /// Where apps reach the relay, which is what their proofs name. Without it no token is taken
    /// that needs a proof.
    address: Option<String>,
}

/// How much is too much.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Limits {
    /// Requests of one user in a minute.
    pub(crate) per_user_per_minute: u32,
    /// Requests at once, of all users.
    pub(crate) in_flight: usize,
    /// How long one request may take, in seconds.
    seconds: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { per_user_per_minute: 30, in_flight: 256, seconds: 20 }
    }
}

impl Limits {
    pub(crate) fn time_allowed(&self) -> Duration {
        Duration::from_secs(self.seconds)
    }
}

/// A mini-program that this host asks codes for.
#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
pub(crate) struct Program {
    pub(crate) client_id: String,
    /// Compared as strings.
    pub(crate) redirect_uris: BTreeSet<String>,
    /// What may be asked for it.
    pub(crate) scopes: BTreeSet<String>,
}

impl Config {
    /// Reads the file and checks what can be checked without a network.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let mut config: Self =
            toml::from_str(&text(path)?).map_err(|error| bad(error.to_string()))?;
        let directory = path.parent().unwrap_or(Path::new("."));
        for file in [&mut config.database, &mut config.client.secret_file] {
            *file = directory.join(&file);
        }
        if config.tls == Tls::Nowhere && !config.listen.ip().is_loopback() {
            return Err(bad(
                "users' tokens must not travel in clear: listen on a loopback address, or end TLS in a proxy \
                 and say `tls = \"in_front\"`",
            ));
        }
        if config.limits.per_user_per_minute == 0 || config.limits.in_flight == 0 {
            return Err(bad("a limit of 0 would refuse everything"));
        }
        if !(1..=30).contains(&config.limits.seconds) {
            return Err(bad("`limits.seconds` must be 1 to 30"));
        }
        if config.token.client_ids.is_empty() {
            config.token.client_ids.insert(config.client.id.clone());
        }
        if config.programs.is_empty() {
            return Err(bad("no mini-program is registered: add `[[programs]]`"));
        }
        let ids: BTreeSet<_> = config.programs.iter().map(|program| &program.client_id).collect();
        if ids.len() != config.programs.len() {
            return Err(bad("a mini-program is registered twice"));
        }
        Ok(config)
    }

    pub(crate) fn listen(&self) -> SocketAddr {
        self.listen
    }

    pub(crate) fn issuer(&self) -> Issuer {
        Issuer::new(self.issuer.as_str())
    }

    pub(crate) fn programs(&self) -> &[Program] {
        &self.programs
    }

    /// What checks the proofs of tokens that need one, where such tokens are taken.
    pub(crate) fn proofs(&self) -> Result<Option<ProofChecker>, Failure> {
        let Some(address) = &self.token.address else { return Ok(None) };
        if matches!(self.profile, ProfileSettings::Challenge(_)) {
            return Err(bad(
                "`token.address` is of no use with `profile.challenge`, where the server itself wants a \
                 proof of the app's key, which the relay has not: leave it out",
            ));
        }
        ProofChecker::new(address).map(Some).map_err(|error| bad(error.to_string()))
    }

    /// The credentials, with the secret out of its file.
    pub(crate) fn authentication(&self) -> Result<ClientAuthentication, Failure> {
        let text = text(&self.client.secret_file)?;
        let client_id = ClientId::new(self.client.id.as_str());
        let file = self.client.secret_file.display();
        let secret = || {
            let secret = text.lines().next().map(str::trim).filter(|secret| !secret.is_empty());
            secret.map(ClientSecret::new).ok_or_else(|| bad(format!("{file} holds no secret")))
        };
        Ok(match self.client.method {
            Method::ClientSecretBasic => {
                ClientAuthentication::ClientSecretBasic { client_id, client_secret: secret()? }
            }
            Method::ClientSecretPost => {
                ClientAuthentication::ClientSecretPost { client_id, client_secret: secret()? }
            }
            Method::PrivateKeyJwt => {
                let key = ProcessKey::from_pem(&text);
                let key = key.map_err(|error| bad(format!("{file} holds no key: {error}")))?;
                let audience = AssertionAudience::default();
                ClientAuthentication::PrivateKeyJwt { client_id, signer: Arc::new(key), audience }
            }
        })
    }
}

fn text(path: &Path) -> Result<String, Failure> {
    fs::read_to_string(path).map_err(|source| Failure::File { path: path.to_owned(), source })
}

fn bad(sentence: impl Into<String>) -> Failure {
    Failure::Config(sentence.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
        listen = "127.0.0.1:0"
        database = "grants.sqlite"
        issuer = "https://as.example"
        client = { id = "host", secret_file = "secret" }
        profile.challenge = {}
        [[programs]]
        client_id = "teahouse"
        redirect_uris = ["https://teahouse.example/callback"]
        scopes = ["openid"]
    "#;

    fn read(text: &str) -> Result<Config, Failure> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("relay.toml");
        fs::write(&path, text).unwrap();
        fs::write(directory.path().join("secret"), "s3cret\n").unwrap();
        let config = Config::read(&path)?;
        config.authentication()?;
        config.proofs()?;
        Ok(config)
    }

    #[test]
    fn files_lie_beside_the_configuration_and_tokens_are_the_hosts_own() {
        let config = read(GOOD).unwrap();
        assert!(config.database.is_absolute());
        assert_eq!(config.token.client_ids, BTreeSet::from(["host".to_owned()]));
    }

    #[test]
    fn the_files_of_the_readme_are_ones() {
        let readme = include_str!("../README.md");
        let blocks: Vec<&str> = readme.split("```toml\n").skip(1).collect();
        let [file, profile] = [0, 1].map(|at| blocks[at].split("```").next().unwrap());
        let file = file.replace("host.secret", "secret");
        read(&file).unwrap();
        let config = read(&file.replace("[profile.challenge]", profile)).unwrap();
        assert!(matches!(config.profile, ProfileSettings::Authorize(_)));
    }

    #[test]
    fn what_could_not_work_or_would_be_read_on_the_way_is_refused_with_a_sentence() {
        let program = "[[programs]]\nclient_id = 'teahouse'\nredirect_uris = []\nscopes = []\n";
        for (bad, says) in [
            (GOOD.replace("127.0.0.1:0", "0.0.0.0:80"), "in clear"),
            (format!("{GOOD}\n{program}"), "twice"),
            (GOOD.replace("\"secret\"", "\"nothing\""), "cannot be read"),
            (GOOD.replace("issuer =", "issuers ="), "issuers"),
            (format!("{GOOD}\n[limits]\nin_flight = 0"), "limit of 0"),
            (format!("{GOOD}\n[limits]\nseconds = 31"), "limits.seconds"),
            (format!("{GOOD}\n[token]\naddress = 'https://relay.example'"), "token.address"),
            (
                format!("{GOOD}\n[token]\naddress = 'http://relay.example'")
                    .replace("profile.challenge", "profile.authorize"),
                "https URL",
            ),
        ] {
            let refused = read(&bad).err().expect("it is refused").to_string();
            assert!(refused.contains(says), "{refused}");
        }
        assert!(
            read(
                &GOOD
                    .replace("127.0.0.1:0", "0.0.0.0:80")
                    .replace("database", "tls = 'in_front'\ndatabase")
            )
            .is_ok()
        );
    }
}
