//! The command line.

mod client;
mod config_file;
mod failure;
mod init;
mod keys;
mod logging;
mod output;
mod serve;
mod user;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Parser, Subcommand};
use minihost_authorization_server::{Registry, SystemClock};

use config_file::ConfigFile;
use failure::Failure;

/// A small, real OAuth 2 and OpenID Connect server on SQLite.
///
/// `init` makes a configuration file, a database and keys; `client add` and `user add` register who
/// uses the server; `serve` runs it. Everything but `init` and `keys reset` may be done while it
/// runs, which it notices within a second.
#[derive(Parser)]
#[command(
    version,
    after_help = "\
Exit status: 0 done, 1 refused, 2 wrong command line, 3 wrong configuration file, 4 database or key \
file unusable, 5 address or certificate unusable. A failure is one sentence on standard error."
)]
pub(crate) struct Cli {
    /// The configuration file.
    #[arg(long, global = true, value_name = "FILE", default_value = "authorization-server.toml")]
    config: PathBuf,

    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make a configuration file, a database and keys.
    Init(init::Init),
    /// Serve until SIGTERM or Ctrl-C; SIGHUP reads the certificate anew.
    Serve(serve::Serve),
    /// Register, list and remove clients.
    #[command(subcommand)]
    Client(client::Client),
    /// Register users.
    #[command(subcommand)]
    User(user::User),
    /// Replace the signing keys.
    #[command(subcommand)]
    Keys(keys::Keys),
}

/// Does what the command line says.
pub(crate) fn run(cli: Cli) -> Result<(), Failure> {
    let runtime = match cli.command {
        Command::Serve(_) => tokio::runtime::Builder::new_multi_thread(),
        _ => tokio::runtime::Builder::new_current_thread(),
    }
    .enable_all()
    .build()
    .map_err(Failure::Runtime)?;
    runtime.block_on(async {
        let config = cli.config.as_path();
        match cli.command {
            Command::Init(init) => init.run(config).await,
            Command::Serve(serve) => serve.run(ConfigFile::read(config)?).await,
            Command::Client(client) => client.run(&ConfigFile::read(config)?).await,
            Command::User(user) => user.run(&ConfigFile::read(config)?).await,
            Command::Keys(keys) => keys.run(&ConfigFile::read(config)?).await,
        }
    })
}

/// Opens the database for `work`, and closes it whatever comes of that.
async fn with_registry<T>(
    database: &Path,
    work: impl AsyncFnOnce(&Registry) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let registry = Registry::open(database, Arc::new(SystemClock)).await?;
    let outcome = work(&registry).await;
    registry.close().await;
    outcome
}

/// The same for a database that must be there already.
async fn with_existing<T>(
    config: &ConfigFile,
    work: impl AsyncFnOnce(&Registry) -> Result<T, Failure>,
) -> Result<T, Failure> {
    with_registry(&config.existing_database()?, work).await
}
