//! The SDK for Kotlin and Swift: what `minihost` offers, in types that cross a language border.
//!
//! Conversions only; whatever decides anything stands in the crates below. Three rules hold for
//! everything here:
//! * Nothing exported waits: what needs the network or a disk is async, and runs on the threads of
//!   the [`MiniHost`], never on the caller's.
//! * Everything exported can fail. What the host app brings ([`ConsentPrompt`], [`ContainerSink`],
//!   [`AuditSink`]) may fail too: an exception costs that one call and nothing else.
//! * Secrets go in as arguments of their own and never come out, since a record's text would show
//!   them.
//!
//! The sources that `uniffi-bindgen` generates from this crate are not the API of a phone's SDK;
//! hand-written Kotlin and Swift stand before them.

mod audit;
mod config;
mod context;
mod error;
mod grants;
mod host;
mod prompt;
mod running;
mod sink;
mod view;

pub use audit::{AuditEvent, AuditSink, ConsentMode, Outcome};
pub use config::{HostConfig, HostInfo, Launch, User};
pub use context::CallContext;
pub use error::{
    AnswerError, HostError, OpenError, PortError, SignInError, SignOutError, StartError,
};
pub use host::MiniHost;
pub use prompt::{Choice, ConsentPrompt, Remember};
pub use sink::ContainerSink;
pub use view::{ConsentView, ViewMiniProgram, ViewScope};

uniffi::setup_scaffolding!();
