//! Finding out why a host does not work.

use minihost::diagnosis;

/// A mini-program whose registration is to be looked at, as its manifest names it.
#[derive(Clone, Debug, uniffi::Record)]
pub struct RegisteredProgram {
    /// Its client id.
    pub client_id: String,
    /// One of its redirect URIs.
    pub redirect_uri: String,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct Finding {
    /// What.
    pub check: Check,
    /// Which of several: a mini-program's client id.
    pub of: Option<String>,
    /// How it is.
    pub verdict: Verdict,
    /// What was seen, in one sentence for developers. Holds no secret.
    pub saw: String,
    /// What to do about it; always there where it is bad.
    pub cure: Option<String>,
}

/// What can be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Check {
    /// The way to the server, and whether it is the one that was meant.
    Tls,
    /// What the server says about itself.
    Metadata,
    /// The device's clock beside the server's.
    Clock,
    /// The host's client authentication.
    HostCredentials,
    /// The host's own redirect URI, for its user's sign-in.
    RedirectUri,
    /// A mini-program's client id and redirect URI.
    MiniProgram,
    /// The secret store.
    SecretStore,
    /// The host in this process.
    Host,
}

/// How it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Verdict {
    /// It works.
    Good,
    /// It does not.
    Bad,
    /// It was not looked at, or nothing could be seen.
    Unknown,
}

impl From<diagnosis::Finding> for Finding {
    fn from(finding: diagnosis::Finding) -> Self {
        let diagnosis::Finding { check, of, verdict, saw, cure } = finding;
        Self { check: check.into(), of, verdict: verdict.into(), saw, cure }
    }
}

impl From<diagnosis::Check> for Check {
    fn from(check: diagnosis::Check) -> Self {
        match check {
            diagnosis::Check::Tls => Self::Tls,
            diagnosis::Check::Metadata => Self::Metadata,
            diagnosis::Check::Clock => Self::Clock,
            diagnosis::Check::HostCredentials => Self::HostCredentials,
            diagnosis::Check::RedirectUri => Self::RedirectUri,
            diagnosis::Check::MiniProgram => Self::MiniProgram,
            diagnosis::Check::SecretStore => Self::SecretStore,
            diagnosis::Check::Host => Self::Host,
        }
    }
}

impl From<diagnosis::Verdict> for Verdict {
    fn from(verdict: diagnosis::Verdict) -> Self {
        match verdict {
            diagnosis::Verdict::Good => Self::Good,
            diagnosis::Verdict::Bad => Self::Bad,
            diagnosis::Verdict::Unknown => Self::Unknown,
        }
    }
}
