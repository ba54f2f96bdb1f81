//! Drives the real program, as an operator does.

#![allow(clippy::unwrap_used, reason = "a test stops where it fails")]

mod clients;
mod failures;
mod init;
mod keys;
mod serving;
mod support;
mod users;
