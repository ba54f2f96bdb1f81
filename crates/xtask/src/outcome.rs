//! How a part ended.

/// What a part, or a step of one, gives back.
pub(crate) type PartResult<T = ()> = Result<T, NotPassed>;

/// Why a part did not pass, in a sentence for its reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NotPassed {
    /// Something is wrong with what was tested.
    Failed(String),
    /// Nothing was tested, since this machine lacks what the part needs.
    Skipped(String),
}

impl NotPassed {
    pub(crate) fn failed(reason: impl Into<String>) -> Self {
        Self::Failed(reason.into())
    }

    /// The sentence.
    pub(crate) fn reason(self) -> String {
        match self {
            Self::Failed(reason) | Self::Skipped(reason) => reason,
        }
    }
}

impl From<xshell::Error> for NotPassed {
    fn from(error: xshell::Error) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<serde_json::Error> for NotPassed {
    fn from(error: serde_json::Error) -> Self {
        Self::Failed(format!("the output of a tool is not the JSON it promises: {error}"))
    }
}
