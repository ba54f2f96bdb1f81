//! The host's own settings, as a mini-program may open them.

use minihost_core::{MiniProgramId, Ticket};

/// Shows the host's settings when a page asks for them.
pub trait SettingsPage: Send + Sync {
    /// Begins to show the settings and returns at once. Once they are on screen the host says so by
    /// [`MiniHost::settings_shown`](crate::MiniHost::settings_shown).
    fn show(&self, request: SettingsRequest);
}

/// A page wants the user to see the settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsRequest {
    /// To be repeated.
    pub ticket: Ticket,
    /// Whose grants the user wants to see.
    pub mini_program: MiniProgramId,
}
