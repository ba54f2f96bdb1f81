//! The rules that a history is held against.

use std::fmt;

/// One rule of what must always hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// 1: every request gets one reply, in time, or its document is gone.
    ExactlyOneAnswer,
    /// 2: no code without the consent of exactly this user, for this program and these scopes.
    NoCodeWithoutConsent,
    /// 3: identity comes from the container, never from a message.
    IdentityFromTheContainer,
    /// 4: replies reach only the document that asked.
    OnlyTheDocumentThatAsked,
    /// 5: the challenge of the page, and no other, goes with the code request.
    PkceAlways,
    /// 6: one prompt at a time, fair among programs, not after a refusal, not in the background.
    OnePromptAtATime,
    /// 7: a grant is only what was granted, and ends when it is taken back.
    OnlyWhatWasGranted,
    /// 8: no secret in a log, an error or an audit event.
    SecretsStay,
    /// 9: what was stored is there after a restart, and nothing else.
    NothingIsLost,
    /// 10: bad input costs nothing, and what has ended leaves nothing behind.
    BadInputCostsNothing,
    /// 11: no lock is held across a call into the host.
    TheHostNeverWaits,
}

/// A rule that did not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Which.
    pub rule: Rule,
    /// What happened instead.
    pub what: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "rule {} ({:?}): {}", self.rule.number(), self.rule, self.what)
    }
}

impl Rule {
    /// Its number in the list.
    pub fn number(self) -> u8 {
        self as u8 + 1
    }
}
