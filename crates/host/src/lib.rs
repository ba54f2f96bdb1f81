//! The SDK that a host app embeds: it lets mini-programs ask for authorization codes, asks the
//! user, and makes the code request with the host's own credentials.
//!
//! [`MiniHost`] drives the machine of `minihost-core` on tokio, and [`Account`] tells it who is
//! signed in. What a host brings stands in
//! [`ports`]; what comes with the SDK stands in [`issuer`] (code requests), [`session`] (the
//! user's sign-in and tokens), [`diagnosis`] (why a host does not work), [`log`] (what it says to developers), [`manifest`] (signed manifests) and [`store`] (secrets and remembered
//! grants).

pub mod diagnosis;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
pub mod http;
pub mod issuer;
pub mod log;
pub mod manifest;
pub mod ports;
pub mod session;
pub mod store;

mod account;
mod clock;
mod driver;
mod runtime;
mod signing;
mod sync;

pub use account::Account;
pub use clock::{Clock, SystemClock};
pub use driver::{MiniHost, OpenError, OptionalPorts, Ports, RevokeError, StartError};
pub use minihost_core::{
    Action, AnswerError, AskedCode, Audience, AuditEvent, AuthorizationCode, Build, CallContext,
    Capability, Choice, ClientId, CodeRequest, Config as HostConfig, ConsentEvidence, ConsentMode,
    ConsentView, CorrelationId, DocumentId, Frame, GesturePolicy, Grant, GrantEnd, GrantEndedBy,
    GrantId, HeldUntil, HostCall, HostInfo, HostMethodDeclaration, HostMethodFailure,
    HostMethodMember, HostMethodName, InvalidMethodName, IssueFailure, IssuedCode, Issuer, Locale,
    Manifest, ManifestError, MiniProgramId, Moment, NameDoubt, NotOpened, OnSignOut, Outcome,
    Programs, PromptId, PublisherId, RedirectUri, Refusal, Release, Remember, RememberChoices,
    Remembered, ReplyToken, RevokeOutcome, RevokedBy, RolledBack, SaveOutcome, Scope, ServerEnd,
    SessionId, Shown, SignInHow, SignInOutcome, SignInRequest, SilentTier, Switch, Ticket, Trust,
    User, UserChoice, UserId, ViewDigest, ViewMiniProgram, ViewScope, Visibility, Words,
    WordsError,
};
pub use minihost_protocol::{
    Reason,
    declaration::{Form, Presence, Prompting},
    method::initialize::Launch,
};
pub use runtime::{Cancellation, HostRuntime, LetGo, Stopped};
pub use signing::{InvalidKey, ProcessKey, p256_public_key};

#[cfg(feature = "backend")]
pub use issuer::backend;

#[cfg(feature = "simulation")]
pub use minihost_core::{Breakage, IdSource};

/// Keeps the code in the project's README compiling.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
