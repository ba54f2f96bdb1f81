//! How methods and events are declared: what they take, what they give, and who may call them.
//!
//! One declaration serves the check of a message, the documentation, the TypeScript types and the
//! access rules, so that none of them can say something else.

mod check;
mod form;

pub use check::{check, conforms, declared};
pub use form::{Form, SCOPES};

/// A method that a document may call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Method {
    /// Its name on the wire.
    pub name: &'static str,
    /// What it does, in one sentence.
    pub summary: &'static str,
    /// Whether it is answered.
    pub call: Call,
    /// What it takes. Unknown members are ignored.
    pub params: &'static [Member<'static>],
    /// What it gives.
    pub result: &'static [Member<'static>],
    /// Who may call it.
    pub rule: Rule<'static>,
}

/// Something that a document is told without asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Event {
    /// Its name on the wire.
    pub name: &'static str,
    /// When it is told, in one sentence.
    pub summary: &'static str,
    /// What it tells.
    pub params: &'static [Member<'static>],
}

/// One member of an object that crosses the bridge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member<'a> {
    /// Its name.
    pub name: &'a str,
    /// What its value looks like.
    pub form: Form,
    /// Whether it may be left out.
    pub presence: Presence,
    /// What it means, in one sentence.
    pub summary: &'a str,
}

/// Whether a member may be left out. `null` is never the same as left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It must be there.
    Required,
    /// It may be left out.
    Optional,
}

/// Whether a call is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// With exactly one answer.
    Request,
    /// Never.
    Notification,
}

/// Who may call a method, and whether the call may take the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule<'a> {
    /// Which documents the method exists for.
    pub access: Access,
    /// The scope of which the program needs a live grant.
    pub scope: Option<&'a str>,
    /// Whether the host may show the user something because of it.
    pub prompting: Prompting,
}

/// Which documents a method exists for. Elsewhere it is as unknown as one that was never declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Every document, as its first message.
    First,
    /// Every document, after the first message.
    Every,
    /// Every document, where the host has a settings page.
    WithSettingsPage,
    /// Documents of programs whose manifest names the method in `methods`.
    Declared,
}

/// Whether the host may show the user something because of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prompting {
    /// It never does.
    Never,
    /// It may at each call; then the page must be visible, and touched a moment ago where the host
    /// wants that.
    Possible,
    /// It does where what is asked for was not agreed to before; then, and only then, the page must
    /// be as for [`Possible`](Self::Possible).
    WhereNeeded,
}

impl<'a> Member<'a> {
    /// A member that must be there.
    pub const fn required(name: &'a str, form: Form, summary: &'a str) -> Self {
        Self { name, form, presence: Presence::Required, summary }
    }

    /// A member that may be left out.
    pub const fn optional(name: &'a str, form: Form, summary: &'a str) -> Self {
        Self { name, form, presence: Presence::Optional, summary }
    }
}

impl Rule<'static> {
    /// For every document; needs no scope and shows nothing.
    pub const QUIET: Self =
        Self { access: Access::Every, scope: None, prompting: Prompting::Never };
}

impl Access {
    /// The text for descriptions.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Every => "every",
            Self::WithSettingsPage => "withSettingsPage",
            Self::Declared => "declared",
        }
    }
}
