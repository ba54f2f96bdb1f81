//! Where the host draws the consent prompt.

use minihost_core::{ConsentView, PromptId};

/// Draws consent prompts. The user's answer comes back through
/// [`MiniHost::answer`](crate::MiniHost::answer), whenever it comes.
pub trait ConsentPrompt: Send + Sync {
    /// Shows a prompt and returns at once. At most one is shown at a time.
    fn present(&self, view: ConsentView);

    /// Takes a prompt off the screen and returns at once: nobody waits for its answer any more, or its
    /// page has left the screen, with which it comes back under another id.
    /// A prompt that is not on screen is no error.
    fn dismiss(&self, prompt: PromptId);
}
