//! Code requests: asking the authorization server for a code on behalf of a mini-program.
//!
//! [`ChallengeIssuer`] speaks the `challenge` profile: a form POST to the authorization challenge
//! endpoint of draft-ietf-oauth-first-party-apps, with one parameter more that names the client
//! the code is for. Other ways come in through [`CodeIssuer`](crate::ports::CodeIssuer).

mod challenge;
mod challenge_answer;
mod client_authentication;
mod discovery;
mod issue_error;
mod server_metadata;

pub use challenge::{ChallengeConfig, ChallengeIssuer};
pub use client_authentication::{ClientAuthentication, ClientSecret};
pub(crate) use discovery::{Discovery, DiscoveryError};
pub use issue_error::IssueError;
pub use server_metadata::InvalidIssuer;
pub(crate) use server_metadata::ServerAddress;

#[cfg(test)]
mod code_requests;
#[cfg(test)]
mod tests;
