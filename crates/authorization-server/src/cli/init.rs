//! `init`: everything that `serve` needs.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::Args;
use minihost_authorization_server::{
    ClientSecret, Config, Password, SigningAlgorithm, UserRegistration,
};
use url::Url;

use super::output::{say, say_once};
use super::{ConfigFile, Failure, with_registry};

/// Make a configuration file, a database and keys.
///
/// Nothing that exists is overwritten, and no password is made that was not asked for.
#[derive(Args)]
pub(super) struct Init {
    /// The issuer identifier: https, or http on the loopback interface.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:7500")]
    issuer: Url,

    /// Where to listen.
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:7500")]
    listen: SocketAddr,

    /// The database, relative to the configuration file.
    #[arg(long, value_name = "FILE", default_value = "authorization-server.sqlite")]
    database: PathBuf,

    /// Also register a user of this name, with a random password that is shown once.
    #[arg(long, value_name = "USERNAME")]
    user: Option<String>,
}

impl Init {
    pub(super) async fn run(self, config: &Path) -> Result<(), Failure> {
        Config::new(self.issuer.clone(), "").check()?;
        if config.exists() {
            return Err(Failure::ConfigExists { path: config.to_owned() });
        }
        let database = config.parent().unwrap_or(Path::new("")).join(&self.database);
        let password = with_registry(&database, async |registry| {
            registry.provide_key(SigningAlgorithm::Rs256).await?;
            let Some(username) = &self.user else { return Ok(None) };
            if registry.has_user(username).await? {
                return Err(Failure::UserExists(username.clone()));
            }
            let password = ClientSecret::generate()?;
            registry
                .put_user(UserRegistration::new(username, Password::new(password.expose())))
                .await?;
            Ok(Some(password))
        })
        .await?;
        write_new(config, &ConfigFile::template(&self.issuer, &self.database, self.listen))?;

        let file = config.display();
        let made = format!("{file} and {} are made.", database.display());
        let next = format!("Next: client add, user add, serve --config {file}; --help tells all.");
        match (&self.user, password) {
            (Some(username), Some(password)) => {
                let password = password.expose();
                say_once(
                    format_args!(
                        "{made}\nThe password of {username}, not shown again: {password}\n{next}"
                    ),
                    format!("`user add {username} --replace --generate` gives another password"),
                )
            }
            _ => say(format_args!("{made}\n{next}")),
        }
    }
}

fn write_new(path: &Path, text: &str) -> Result<(), Failure> {
    let write = || {
        let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()
    };
    write().map_err(|reason| match reason.kind() {
        ErrorKind::AlreadyExists => Failure::ConfigExists { path: path.to_owned() },
        _ => Failure::Write { path: path.to_owned(), reason },
    })
}
