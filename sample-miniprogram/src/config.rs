use std::path::PathBuf;

use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::{NotebookConfig, ProgramId};

/// What the programs need to know.
pub struct Config {
    /// The authorization server. Its metadata is read when it is first needed, not at start.
    pub issuer: Url,
    /// The programs to run, each once.
    pub programs: Vec<ProgramConfig>,
    /// The program without a backend, where it is to run.
    pub notebook: Option<NotebookConfig>,
    /// Origins of the host pages that may show the programs in a frame, ASCII serialised.
    pub host_origins: Vec<String>,
    /// Where each program keeps its accounts, one SQLite file each. Made when missing.
    pub data_dir: PathBuf,
}

/// One program and its registration at the authorization server.
pub struct ProgramConfig {
    /// Which program.
    pub id: ProgramId,
    /// Where browsers reach it, ASCII serialised, such as `http://teahouse.sim.localhost:8081`.
    pub origin: String,
    /// Its client at the authorization server.
    pub client_id: String,
    /// That client's secret.
    pub client_secret: ClientSecret,
    /// The registered redirect URI, `<origin>/callback`.
    pub redirect_uri: String,
    /// Whom the program knew before: each gets an account at the first start, which becomes theirs
    /// here once they sign in with the same verified address and say that it is theirs.
    pub customers: Vec<Customer>,
}

/// Somebody who has an account with the program from elsewhere.
pub struct Customer {
    /// Their e-mail address, which the program has verified itself. Compared exactly.
    pub email: String,
}

/// An OAuth client secret (RFC 6749 §2.3.1). Not printable.
pub struct ClientSecret(SecretString);

impl ClientSecret {
    /// Takes a secret.
    pub fn new(secret: impl Into<String>) -> Self {
        Self(SecretString::from(secret.into()))
    }

    pub(crate) fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

/// Why the programs cannot start. Each message is one sentence for whoever starts them.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// A setting that is not an origin.
    #[error("{0:?} is not an origin such as http://teahouse.sim.localhost:8081.")]
    Origin(String),
    /// An issuer that no client should trust (RFC 8414 §2).
    #[error("The issuer {0} must be an https URL, or an http URL on loopback, without a query.")]
    Issuer(Url),
    /// The same program, or the same origin, twice.
    #[error("The program {0} is configured twice, or its origin belongs to another program.")]
    Twice(&'static str),
    /// The TLS roots of the system cannot be read.
    #[error("The HTTP client cannot start: {0}.")]
    HttpClient(reqwest::Error),
    /// The directory cannot be made.
    #[error("The directory {path} cannot be made: {cause}.")]
    Directory {
        /// The directory.
        path: PathBuf,
        /// Why not.
        cause: std::io::Error,
    },
    /// The file is not a database, or a broken one. It is left as it is.
    #[error("The database {0} is damaged; move it away to start with an empty one.")]
    Damaged(PathBuf),
    /// The file was written by a version that this one does not know.
    #[error("The database {path} has version {found}; this program knows versions up to {known}.")]
    UnknownVersion {
        /// The file.
        path: PathBuf,
        /// Its schema version.
        found: i64,
        /// The newest version known here.
        known: i64,
    },
    /// The file cannot be opened or written.
    #[error("The database {path} cannot be used: {cause}.")]
    Database {
        /// The file.
        path: PathBuf,
        /// Why not.
        cause: rusqlite::Error,
    },
}
