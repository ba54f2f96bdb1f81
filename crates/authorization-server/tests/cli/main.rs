//! Drives the real program, as an operator does.

#![allow(clippy::unwrap_used, reason = "a test stops where it fails")]

mod clients;
mod failures;
mod faults;
mod init;
mod keys;
mod readme;
mod serving;
mod support;
mod users;
