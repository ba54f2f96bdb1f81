//! The SDK for Kotlin and Swift: what `minihost` offers, in types that cross a language border.
//!
//! Conversions only; whatever decides anything stands in the crates below. Three rules hold for
//! everything here:
//! * Nothing exported waits: what needs the network or a disk is async, and runs on the threads of
//!   the [`MiniHost`], never on the caller's. A call that is dropped, or cancelled by its [`Cancellation`],
//!   takes its work with it, unless half of the work would be worse than all or none.
//! * Everything exported can fail. What the host app brings ([`ConsentPrompt`], [`ContainerSink`],
//!   [`AuditSink`], [`OptionalPorts`]) may fail too: an exception costs that one call and nothing else.
//! * Secrets go in as arguments of their own and never come out, since a record's text would show
//!   them.
//!
//! The sources that `uniffi-bindgen` generates from this crate are not the API of a phone's SDK;
//! hand-written Kotlin and Swift stand before them.

mod accounts;
mod answers;
mod audit;
#[cfg(feature = "bench")]
mod bench;
mod browser_sign_in;
mod cancellation;
mod code_issuer;
mod code_requests;
mod config;
mod context;
mod credential_signer;
mod credentials;
mod device;
mod device_error;
mod diagnosis;
mod error;
mod error_conversions;
mod grants;
mod host;
mod log;
mod messages;
mod methods;
mod mini_programs;
mod network;
mod port_error;
mod ports;
mod program;
mod prompt;
mod reply;
mod running;
mod sink;
mod storage;
mod transport;
mod user_observer;
mod user_session;
mod view;

pub use audit::{AuditEvent, AuditSink, ConsentMode, Outcome};
#[cfg(feature = "bench")]
pub use bench::{bare_call, call_back};
pub use browser_sign_in::{BrowserSignIn, SignInWish};
pub use cancellation::Cancellation;
pub use code_issuer::{CodeFacts, CodeIssuer, GrantEnded, WantedCode};
pub use code_requests::{ChallengeSettings, CodeRequests};
pub use config::{
    Build, GesturePolicy, HostConfig, HostInfo, Launch, OnSignOut, SilentTier, Timeouts,
    TokenBinding, TrustedKey, User,
};
pub use context::CallContext;
pub use credential_signer::{CredentialSigner, NotSigned};
pub use credentials::{AssertionAudience, Assurance, ClientCredentials, SecretKnown, SecretSent};
pub use device::{DeviceAsked, DeviceClient, DeviceRequest};
pub use device_error::DeviceRequestError;
pub use diagnosis::{Check, Finding, RegisteredProgram, Verdict};
pub use error::{
    AnswerError, HostError, LogError, MethodResultError, OpenError, RestoreError, SignInError,
    SignOutError, StartError, UserChangeError,
};
pub use grants::{Grant, GrantEndedBy, PastGrant, Revoked, ServerTold};
pub use host::MiniHost;
pub use log::{LogLevel, LogLine, LogSink, send_log_to, stop_log};
pub use messages::{DocumentMessage, receive};
pub use methods::{
    HostCall, HostMethod, HostMethodDeclaration, HostMethodMember, MemberForm, OwnMethod,
};
pub use network::{Network, NetworkSettings, TrustedRoots};
pub use port_error::{PortError, SecretError};
pub use ports::{
    Browser, OptionalPorts, SettingsPage, SignInPrompt, SignInRequest, SignInWanted, UserReturned,
};
pub use program::OpenedProgram;
pub use prompt::{Choice, ConsentPrompt, Remember};
pub use reply::ReplyNow;
pub use sink::ContainerSink;
pub use storage::{GrantStore, GrantsAt, SecretStore, Secrets};
pub use transport::{HttpFailure, HttpTransport};
pub use user_observer::UserObserver;
pub use user_session::{NoToken, SignOutResult, UserSession};
pub use view::{ConsentView, ViewMiniProgram, ViewScope};

uniffi::setup_scaffolding!();
