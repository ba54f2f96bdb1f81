//! Asking the user.

use std::sync::Arc;

use minihost::{PromptId, Scope, ports};

use crate::{port_error::PortError, view::ConsentView};

/// Draws consent prompts. The user's answer comes back through
/// [`MiniHost::answer`](crate::MiniHost::answer), whenever it comes.
///
/// Called on a thread of the SDK; an implementation goes to its main thread by itself, and returns
/// without waiting for the user.
#[uniffi::export(foreign)]
pub trait ConsentPrompt: Send + Sync {
    /// Shows a prompt. At most one is shown at a time.
    ///
    /// # Errors
    /// [`PortError`]. The prompt still waits for its answer: it stands in
    /// [`MiniHost::pending_prompts`](crate::MiniHost::pending_prompts), and can be shown from there.
    fn present(&self, view: ConsentView) -> Result<(), PortError>;

    /// Takes a prompt off the screen: nobody waits for its answer any more, or its page has left the
    /// screen and it is presented anew once the page is back. A prompt that is not on screen is no error.
    /// That a prompt covers its own page is no reason to report the page as hidden.
    ///
    /// # Errors
    /// [`PortError`]; nothing follows from it.
    fn dismiss(&self, prompt: u64) -> Result<(), PortError>;
}

/// What the user answered to a consent prompt.
#[derive(Clone, Debug, uniffi::Enum)]
pub enum Choice {
    /// Yes to these scopes of the view; the others are denied.
    Allow {
        /// The boxes that are ticked. None of them is a denial.
        scopes: Vec<String>,
        /// For how long.
        remember: Remember,
    },
    /// No.
    Deny,
    /// The prompt was closed without an answer.
    Dismiss,
}

/// For how long an answer holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Remember {
    /// For this request only.
    Once,
    /// For thirty days.
    ThirtyDays,
    /// Until the user takes it back.
    UntilRevoked,
}

impl From<Choice> for minihost::Choice {
    fn from(choice: Choice) -> Self {
        match choice {
            Choice::Allow { scopes, remember } => Self::Allow {
                scopes: scopes.into_iter().map(Scope::new).collect(),
                remember: remember.into(),
            },
            Choice::Deny => Self::Deny,
            Choice::Dismiss => Self::Dismiss,
        }
    }
}

impl From<Remember> for minihost::Remember {
    fn from(remember: Remember) -> Self {
        match remember {
            Remember::Once => Self::Once,
            Remember::ThirtyDays => Self::ThirtyDays,
            Remember::UntilRevoked => Self::UntilRevoked,
        }
    }
}

impl From<minihost::Remember> for Remember {
    fn from(remember: minihost::Remember) -> Self {
        match remember {
            minihost::Remember::Once => Self::Once,
            minihost::Remember::ThirtyDays => Self::ThirtyDays,
            minihost::Remember::UntilRevoked => Self::UntilRevoked,
        }
    }
}

/// A foreign prompt as a port of the SDK.
pub(crate) struct ForeignPrompt(pub(crate) Arc<dyn ConsentPrompt>);

impl ports::ConsentPrompt for ForeignPrompt {
    fn present(&self, view: minihost::ConsentView) {
        PortError::note("ConsentPrompt.present", self.0.present(view.into()));
    }

    fn dismiss(&self, prompt: PromptId) {
        PortError::note("ConsentPrompt.dismiss", self.0.dismiss(prompt.0));
    }
}
