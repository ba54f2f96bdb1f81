//! The stage on which OAuth clients of others meet the authorization server.
//!
//! A client library knows the standards and nothing of this server, so what it does without a
//! change is what the standards promise. It cannot sign a user in, though, nor register itself. The
//! [`Stage`] does that for the tests beside it, whatever their language, over HTTP on the loopback
//! interface:
//!
//! | request | what it does |
//! |---|---|
//! | `GET /about` | tells the issuer and the certificate of its authority |
//! | `POST /clients` | registers a client, described in the words of RFC 7591 |
//! | `POST /users` | makes a user |
//! | `POST /visits` | goes to an address as that user, signs in, answers, and tells where it ended |
//! | `POST /codes` | lets a host ask for a code for a mini-program |
//! | `POST /approvals` | lets a user answer in a host what a device shows |
//! | `POST /expiries` | makes the access or refresh tokens of a client expire |
//! | `POST /rotations` | replaces the keys that the server signs with |
//!
//! The server speaks TLS with a certificate of the stage's own authority, since some clients speak
//! nothing else; the control speaks plain HTTP.
//!
//! The binary starts a stage, names its address to a command in `MINIHOST_INTEROP`, makes the usual
//! runtimes trust its authority, and ends with the command: `minihost-interop -- node --test`.
//! Without a command it serves until it is interrupted.

mod certificates;
mod control;
mod failure;
mod host;
mod registration;
mod stage;
mod user_agent;
mod users;

pub use failure::Failure;
pub use host::{Answer, Approval, CodeRequest, IssuedCode};
pub use registration::{ClientMetadata, RegisteredClient};
pub use stage::Stage;
pub use user_agent::{Arrival, Decision, Visit};
pub use users::User;
