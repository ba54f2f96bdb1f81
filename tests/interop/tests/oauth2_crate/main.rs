//! The `oauth2` crate as a client.

#![allow(clippy::unwrap_used, reason = "a test stops where it fails")]

mod browser;
mod client;
mod code;
mod credentials;
mod device;
mod password;
mod tokens;
mod unattended;
