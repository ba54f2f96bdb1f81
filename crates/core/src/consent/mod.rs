//! The user's consent: what is shown, what may be answered, and the value that an answer makes.

mod approval;
mod cooldown;
mod doubt;
mod view;
mod words;

pub use approval::{Approval, ConsentEvidence, ConsentMode};
pub(crate) use approval::{ApprovedBy, Decision};
pub(crate) use cooldown::{Cooldowns, Until};
pub use cooldown::{HeldUntil, Refusal};
pub use doubt::NameDoubt;
pub use view::{ConsentView, Shown, ViewMiniProgram, ViewScope};
pub(crate) use view::{Surroundings, compose};
pub use words::{Words, WordsError};

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::Scope;

/// What the user answered to a consent prompt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// Yes to these scopes of the view; the others are denied.
    Allow {
        /// The boxes that are ticked. None of them is a denial.
        scopes: BTreeSet<Scope>,
        /// For how long.
        remember: Remember,
    },
    /// No.
    Deny,
    /// The prompt was closed without an answer.
    Dismiss,
}

/// For how long an answer holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Remember {
    /// For this request only.
    Once,
    /// For thirty days.
    ThirtyDays,
    /// Until the user takes it back.
    UntilRevoked,
}

/// Why an answer does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    /// The prompt was dismissed, answered already, or never shown.
    #[error("this prompt is not waiting for an answer; take it off the screen")]
    NotWaiting,
    /// The digest is that of another view: the user did not see what this prompt asks.
    #[error("the answer is for another view than the one this prompt shows; present it again")]
    OtherView,
    /// The answer holds for longer than the view offers, or otherwise than it does.
    #[error(
        "the answer is to be remembered in a way that the view does not offer; answer with one of the view's own"
    )]
    OtherRemember,
    /// A scope in the answer is not in the view.
    #[error("the answer names a scope that the view does not ask for; answer with the view's own")]
    OtherScopes,
}
