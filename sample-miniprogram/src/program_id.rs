use std::{fmt, str::FromStr};

/// One of the sample programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ProgramId {
    /// Orders tea.
    Teahouse,
    /// Books cinema seats.
    Cinema,
}

/// Every sample program. Each needs an OAuth client with the redirect URI `<origin>/callback` and
/// the scopes `openid profile email phone`.
pub const PROGRAMS: &[ProgramId] = &[ProgramId::Teahouse, ProgramId::Cinema];

impl ProgramId {
    /// The id in the manifest: a DNS label, and by convention the `client_id` too.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Teahouse => "teahouse",
            Self::Cinema => "cinema",
        }
    }
}

impl fmt::Display for ProgramId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl FromStr for ProgramId {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        PROGRAMS.iter().copied().find(|id| id.as_str() == text).ok_or(())
    }
}
