//! What can go wrong, as one sentence and an exit status.

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use minihost_authorization_server::{
    InvalidAccountService, InvalidProxy, InvalidRegistration, ListenError, OpenError,
    RandomnessError, RegistryError, StoreError, TlsError,
};

/// Why a command was not done. Each message is one sentence.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("the configuration file {path} cannot be read: {reason}; `init` makes one")]
    NoConfig { path: PathBuf, reason: io::Error },
    #[error("the configuration file {path} is wrong{line}: {reason}")]
    Config { path: PathBuf, line: String, reason: String },
    #[error("{path} exists already; remove it first, or name another file with --config")]
    ConfigExists { path: PathBuf },
    #[error("{path} cannot be written: {reason}")]
    Write { path: PathBuf, reason: io::Error },
    #[error("{path} cannot be read: {reason}")]
    Read { path: PathBuf, reason: io::Error },
    #[error("there is no database {path}; make it with `init`")]
    NoDatabase { path: PathBuf },
    #[error(transparent)]
    Database(#[from] OpenError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Registry(#[from] RegistryError),
    #[error(transparent)]
    Registration(#[from] InvalidRegistration),
    #[error(transparent)]
    Accounts(#[from] InvalidAccountService),
    #[error(transparent)]
    Proxy(#[from] InvalidProxy),
    #[error(transparent)]
    Randomness(#[from] RandomnessError),
    #[error(transparent)]
    Listen(#[from] ListenError),
    #[error("{0} can be reached from other machines; give --allow-remote if that is meant")]
    Remote(std::net::SocketAddr),
    #[error("{0} can be reached from other machines; give a certificate under [tls] first")]
    RemoteWithoutTls(std::net::SocketAddr),
    #[error(transparent)]
    Tls(#[from] TlsError),
    #[error("there is a client {0} already; give --replace to replace it")]
    ClientExists(String),
    #[error("there is a user {0} already; give --replace to replace name, claims and password")]
    UserExists(String),
    #[error("there is no terminal to ask for the password; give --password-stdin or --generate")]
    NoTerminal,
    #[error("the password cannot be read: {0}")]
    Password(io::Error),
    #[error("the two passwords differ")]
    PasswordsDiffer,
    #[error("a password must have at least 8 characters")]
    ShortPassword,
    #[error("it is done, but the answer cannot be written: {0}")]
    Output(io::Error),
    #[error("it is done, but what is shown once cannot be written ({reason}); {again}")]
    NotShown { reason: io::Error, again: String },
    #[error("the process cannot wait for its end: {0}")]
    Signals(io::Error),
    #[error("the process cannot start its threads: {0}")]
    Runtime(io::Error),
}

impl Failure {
    /// Tells the operator.
    pub(crate) fn report(&self) -> ExitCode {
        // Who does not listen is not told.
        let _ = writeln!(io::stderr(), "error: {self}");
        self.status()
    }

    fn status(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::NoConfig { .. } | Self::Config { .. } | Self::Accounts(_) | Self::Proxy(_) => 3,
            Self::Registry(RegistryError::KeyLead(_)) => 3,
            Self::Database(
                OpenError::Issuer | OpenError::CodeLifetime(_) | OpenError::AuthenticationSystem,
            ) => 3,
            Self::Database(_) | Self::Store(_) | Self::NoDatabase { .. } => 4,
            Self::Registry(RegistryError::Open(_) | RegistryError::Store(_)) => 4,
            Self::Listen(_) | Self::Remote(_) | Self::RemoteWithoutTls(_) | Self::Tls(_) => 5,
            _ => 1,
        })
    }
}
