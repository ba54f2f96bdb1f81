//! What was looked at, and what came of it.

use std::fmt;

use serde::Serialize;

/// What can be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It works.
    Good,
    /// It does not.
    Bad,
    /// It was not looked at, or nothing could be seen.
    Unknown,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What.
    pub check: Check,
    /// Which of several: a mini-program's client id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
    /// How it is.
    pub verdict: Verdict,
    /// What was seen, in one sentence for developers. Holds no secret.
    pub saw: String,
    /// What to do about it; always there where it is bad.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cure: Option<String>,
}

/// All that was looked at, in order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diagnosis {
    /// What was found.
    pub findings: Vec<Finding>,
}

impl Diagnosis {
    /// Whether nothing is bad.
    pub fn is_healthy(&self) -> bool {
        self.findings.iter().all(|finding| finding.verdict != Verdict::Bad)
    }

    /// The findings as JSON.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("findings are made of strings")
    }
}

/// A line each, and the cure below what is bad.
impl fmt::Display for Diagnosis {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for finding in &self.findings {
            let verdict = match finding.verdict {
                Verdict::Good => "good   ",
                Verdict::Bad => "BAD    ",
                Verdict::Unknown => "unknown",
            };
            write!(formatter, "{verdict}  {}", finding.check)?;
            if let Some(of) = &finding.of {
                write!(formatter, " {of}")?;
            }
            writeln!(formatter, ": {}", finding.saw)?;
            if let Some(cure) = &finding.cure {
                writeln!(formatter, "         {cure}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Check {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Tls => "way to the server",
            Self::Metadata => "metadata",
            Self::Clock => "clock",
            Self::HostCredentials => "host credentials",
            Self::RedirectUri => "redirect URI",
            Self::MiniProgram => "mini-program",
            Self::SecretStore => "secret store",
            Self::Host => "host",
        })
    }
}

impl Finding {
    pub(super) fn good(check: Check, saw: impl Into<String>) -> Self {
        Self { check, of: None, verdict: Verdict::Good, saw: saw.into(), cure: None }
    }

    pub(super) fn bad(check: Check, saw: impl Into<String>, cure: impl Into<String>) -> Self {
        let (saw, cure) = (saw.into(), Some(cure.into()));
        Self { check, of: None, verdict: Verdict::Bad, saw, cure }
    }

    pub(super) fn unknown(check: Check, saw: impl Into<String>) -> Self {
        Self { check, of: None, verdict: Verdict::Unknown, saw: saw.into(), cure: None }
    }

    pub(super) fn about(mut self, of: &str) -> Self {
        self.of = Some(of.to_owned());
        self
    }
}
