//! The bridge's wire, and nothing else: JSON-RPC 2.0 messages between a document and its session.
//!
//! A container hands the text of one message to [`Message::parse`]; it comes back as a
//! [`Request`], a [`Notification`] or a [`Refusal`] whose text can be sent as it is. Answers are
//! written by [`reply`]. What a method takes and returns stands in [`method`], one file each, and
//! all there is stands in [`registry`].
//!
//! The crate knows serde and nothing of OAuth, sessions or time: it decides what is well formed,
//! never what is allowed.

pub mod declaration;
pub mod event;
pub mod limits;
mod message;
pub mod method;
mod reason;
pub mod registry;
pub mod reply;
mod request_id;
pub mod strict;
mod version;

pub use message::{Message, Notification, Refusal, Request};
pub use reason::Reason;
pub use reply::Failure;
pub use request_id::RequestId;
pub use version::{BridgeVersion, VersionRange};
