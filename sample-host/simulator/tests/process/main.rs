//! The sample host as a process: what it prints, how it ends, and who may speak to it.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test stops where it fails")]

mod command;
mod connection;
mod steering;
mod support;
