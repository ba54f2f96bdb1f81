//! The SDK for Kotlin and Swift: what `minihost` offers, in types that cross a language border.
//!
//! Conversions only; whatever decides anything stands in the crates below. Three rules hold for
//! everything here:
//! * Nothing exported waits: what needs the network or a disk is async, and runs on the threads of
//!   the [`MiniHost`], never on the caller's.
//! * Everything exported can fail. What the host app brings ([`ConsentPrompt`], [`ContainerSink`],
//!   [`AuditSink`], [`OptionalPorts`]) may fail too: an exception costs that one call and nothing else.
//! * Secrets go in as arguments of their own and never come out, since a record's text would show
//!   them.
//!
//! The sources that `uniffi-bindgen` generates from this crate are not the API of a phone's SDK;
//! hand-written Kotlin and Swift stand before them.

mod answers;
mod audit;
mod browser_sign_in;
mod config;
mod context;
mod credentials;
mod device;
mod device_error;
mod error;
mod grants;
mod host;
mod methods;
mod ports;
mod program;
mod prompt;
mod running;
mod sink;
mod user_observer;
mod view;

pub use audit::{AuditEvent, AuditSink, ConsentMode, Outcome};
pub use browser_sign_in::{BrowserSignIn, SignInWish};
pub use config::{Build, HostConfig, HostInfo, Launch, OnSignOut, SilentTier, TrustedKey, User};
pub use context::CallContext;
pub use credentials::{
    AssertionAudience, Assurance, ClientCredentials, CredentialSigner, NotSigned, SecretKnown,
    SecretSent,
};
pub use device::{DeviceAsked, DeviceClient, DeviceRequest};
pub use device_error::DeviceRequestError;
pub use error::{
    AnswerError, HostError, MethodResultError, OpenError, PortError, SignInError, SignOutError,
    StartError,
};
pub use grants::{Grant, GrantEndedBy, PastGrant, Revoked, ServerTold};
pub use host::MiniHost;
pub use methods::{
    HostCall, HostMethod, HostMethodDeclaration, HostMethodMember, MemberForm, OwnMethod,
};
pub use ports::{
    Browser, OptionalPorts, SettingsPage, SignInPrompt, SignInRequest, SignInWanted, UserReturned,
};
pub use program::OpenedProgram;
pub use prompt::{Choice, ConsentPrompt, Remember};
pub use sink::ContainerSink;
pub use user_observer::UserObserver;
pub use view::{ConsentView, ViewMiniProgram, ViewScope};

uniffi::setup_scaffolding!();
