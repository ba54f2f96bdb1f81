//! What a host decides when mini-programs ask for authorization codes.
//!
//! The [`Mediator`] is a machine without I/O and without a clock: a driver hands it an [`Input`]
//! and the current [`Moment`], and carries out the [`Effect`]s that come back. One mediator serves
//! the whole host, because one user sits before it.
//!
//! Where the rules live:
//! * exactly one answer to every request: `mediator/responder.rs`, `mediator/pending.rs`
//! * no code without consent: [`Approval`] in `consent/approval.rs`, [`CodeRequest`]
//! * identity comes from the container: `mediator/evidence.rs`
//! * replies reach only the document that asked: `mediator/session.rs`
//! * one prompt at a time, fair and shared: `mediator/prompts.rs`; cooldowns: `consent/cooldown.rs`
//! * a grant is only what was granted: `grant/`; its end: `mediator/revocation.rs`
//! * no probing: `mediator/silent.rs`
//! * who may call what: `mediator/registry.rs`

mod audit;
#[cfg(feature = "simulation")]
mod breakage;
mod code;
mod code_request;
mod consent;
mod encoding;
mod grant;
mod host_method;
mod manifest;
mod mediator;
mod moment;
mod names;
mod origin;
mod remembered;
mod scope;
mod text;
mod user;

pub use audit::{Action, AuditEvent, Outcome, RevokedBy, UserChoice};
#[cfg(feature = "simulation")]
pub use breakage::Breakage;
pub use code::{AuthorizationCode, IssueFailure, IssuedCode};
pub use code_request::{AskedCode, CodeRequest};
pub use consent::{
    AnswerError, Approval, Choice, ConsentEvidence, ConsentMode, ConsentView, HeldUntil, NameDoubt,
    Refusal, Remember, Shown, ViewMiniProgram, ViewScope, Words, WordsError,
};
pub use grant::{Grant, GrantEnd, GrantEndedBy, GrantKey, GrantParty, ServerEnd};
pub use host_method::{
    HostCall, HostMethodDeclaration, HostMethodFailure, HostMethodMember, HostMethodName,
    InvalidMethodName, Programs,
};
pub use manifest::{
    Build, DeclaredScope, Finding, KeyError, MANIFEST_TYPE, Manifest, ManifestError, PublicKey,
    Publisher, Severity, Trust, TrustedKey, VerifySignature, lint,
};
pub use mediator::{
    BrowserSupport, CallContext, Capability, Config, Effect, EndOutcome, Frame, GesturePolicy,
    HostInfo, IdSource, Input, Mediator, NotOpened, OnSignOut, RememberChoices, Reply,
    RevokeOutcome, SaveOutcome, SettingsPage, SignInHow, SignInOutcome, SignInRequest,
    SignInSupport, SilentTier, Switch, Told, Visibility,
};
pub use moment::Moment;
pub use names::*;
pub use origin::Origin;
pub use remembered::{Release, Remembered, RolledBack};
pub use scope::Scope;
pub use text::Localised;
pub use user::User;
