//! The programs' backends on a real listener, against the real authorization server.

#![expect(clippy::unwrap_used, reason = "a test whose world cannot be set up has failed")]

mod details;
mod failures;
mod forgery;
mod in_browser;
mod serving;
mod sign_in;
mod support;
mod texts;
mod trades;
