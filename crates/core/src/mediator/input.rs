//! What the driver tells the mediator.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use minihost_protocol::method::initialize::Launch;

use super::SignInOutcome;
use crate::{
    Choice, DocumentId, EndingId, HostMethodFailure, IssueFailure, IssuedCode, Locale, Manifest,
    MiniProgramId, PromptId, Remembered, ReplyToken, RevokeCall, RolledBack, SaveId, Scope,
    SessionId, Ticket, User,
};

/// One thing that happened.
pub enum Input<'a> {
    /// The store was read.
    Loaded(Remembered),
    /// Somebody signed in, signed out, or another one signed in. What the one before had asked for
    /// ends with `account_changed`.
    UserChanged(Option<User>),
    /// The authorization server ended the user's sign-in. What waits ends with `login_required`.
    SignInEnded,
    /// The user reads another language now. Prompts on screen stay as they are.
    LocaleChanged(Locale),
    /// A mini-program was opened under a new session id, as
    /// [`Mediator::check_open`](crate::Mediator::check_open) accepted.
    Opened {
        /// New.
        session: SessionId,
        /// Checked by the host.
        manifest: Arc<Manifest>,
        /// How it was opened.
        launch: Launch,
    },
    /// A page load began; what the session's earlier document asked is over.
    DocumentStarted {
        /// Which session.
        session: SessionId,
        /// New within the session.
        document: DocumentId,
    },
    /// The mini-program came to the screen or left it. A prompt of its own leaves with it, and comes
    /// back with it as another prompt.
    VisibilityChanged {
        /// Which session.
        session: SessionId,
        /// How it is now.
        visibility: Visibility,
    },
    /// A message came over the bridge.
    Message {
        /// Which session.
        session: SessionId,
        /// What the platform knows of the sender.
        context: CallContext,
        /// The message as it came.
        text: &'a [u8],
    },
    /// The mini-program was closed.
    Closed {
        /// Which session.
        session: SessionId,
    },
    /// The container does not take what is delivered to a session. What its page waits for, and all it
    /// asks until it is closed, ends with `aborted`.
    GivenUp {
        /// Which session.
        session: SessionId,
    },
    /// The user answered, as [`Mediator::check_answer`](crate::Mediator::check_answer) accepted.
    /// A late answer changes nothing.
    Answered {
        /// Which prompt.
        prompt: PromptId,
        /// What.
        choice: Choice,
    },
    /// [`Effect::Save`](crate::Effect::Save) was carried out. That answers the saves before it too.
    Saved {
        /// Which save.
        save: SaveId,
        /// Whether it is on disk.
        outcome: SaveOutcome,
    },
    /// [`Effect::IssueCode`](crate::Effect::IssueCode) was carried out.
    CodeIssued {
        /// The code request's.
        ticket: Ticket,
        /// The code, or why there is none.
        outcome: Result<IssuedCode, IssueFailure>,
    },
    /// [`Effect::EndAtServer`](crate::Effect::EndAtServer) was carried out.
    EndedAtServer {
        /// Which.
        ending: EndingId,
        /// What came of it.
        outcome: EndOutcome,
    },
    /// The signed-in user takes grants back in the host's own settings.
    Revoke {
        /// New; comes back with [`Effect::Revoked`](crate::Effect::Revoked).
        call: RevokeCall,
        /// From which program.
        mini_program: MiniProgramId,
        /// What; everything where there is nothing.
        scopes: Option<BTreeSet<Scope>>,
    },
    /// [`Effect::SignIn`](crate::Effect::SignIn) was carried out. Whoever has signed in was told by
    /// [`Input::UserChanged`] before.
    SignInDone {
        /// Whose.
        ticket: Ticket,
        /// What came of it.
        outcome: SignInOutcome,
    },
    /// [`Effect::Prompt`](crate::Effect::Prompt) could not be carried out, and will not be.
    PromptFailed {
        /// Which.
        prompt: PromptId,
    },
    /// [`Effect::CallMethod`](crate::Effect::CallMethod) was carried out.
    MethodReturned {
        /// The call's.
        ticket: Ticket,
        /// Its result, or why there is none.
        outcome: Result<serde_json::Value, HostMethodFailure>,
    },
    /// The settings of [`Effect::OpenSettings`](crate::Effect::OpenSettings) are on screen.
    SettingsShown {
        /// Which.
        ticket: Ticket,
    },
    /// The host switches a mini-program off or on. What one that is switched off waits for ends
    /// with `disabled_by_host`.
    Switched {
        /// Which.
        mini_program: MiniProgramId,
        /// How it is now.
        switch: Switch,
    },
    /// The user opened the host's settings: refusals no longer hold a program back.
    SettingsOpened,
    /// The time of [`Mediator::next_deadline`](crate::Mediator::next_deadline) has come.
    Tick,
    /// The host ends.
    ShutDown,
}

/// What the platform, not the page, says of a message's sender.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallContext {
    /// The page load.
    pub document: DocumentId,
    /// The way back for this message.
    pub reply_token: ReplyToken,
    /// The sender's origin, ASCII serialisation; `None` where the platform does not tell.
    pub origin: Option<String>,
    /// Which frame sent it.
    pub frame: Frame,
    /// Whether it came by a way that only the document's main frame was given.
    pub capability: Capability,
    /// Whether the document is on screen.
    pub visibility: Visibility,
    /// How long ago the user touched the page; `None` where the platform does not tell.
    pub gesture_age: Option<Duration>,
}

/// Which frame a message came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frame {
    /// The document itself.
    Main,
    /// A frame within it.
    Sub,
    /// The platform does not tell.
    Unknown,
}

/// Whether a message proves by its way that the document's main frame sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Capability {
    /// It came through a port or with a secret that only this document's main frame was given.
    Held,
    /// It did not.
    NotHeld,
}

/// Why a manifest is not opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotOpened {
    /// A newer release was opened before.
    #[error(transparent)]
    RolledBack(#[from] RolledBack),
    /// It is unsigned, or was checked by the rules of development, and this is a release build.
    #[error(
        "a release build opens signed manifests alone, checked for a release, and {mini_program}'s is none: have its publisher sign it, or set the host's build to development while it is no users' build"
    )]
    DevelopmentOnly {
        /// Which program.
        mini_program: MiniProgramId,
    },
}

/// Whether the user can see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visibility {
    /// On screen.
    Visible,
    /// In the background, or behind another page. One that is covered by nothing but the host's own
    /// prompt is visible.
    Hidden,
}

/// Whether a mini-program may speak to the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Switch {
    /// It may.
    On,
    /// It may not.
    Off,
}

/// What became of the end of a grant at the authorization server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndOutcome {
    /// Its codes and tokens have ended.
    Ended,
    /// The server has no way to be told.
    LocalOnly,
    /// The server could not be told now; it will be told again.
    Failed,
}

/// What became of a save.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SaveOutcome {
    /// It survives a crash.
    Stored,
    /// Nothing is remembered of it.
    Failed,
}
