//! Makes the code request.

use std::time::Duration;

use async_trait::async_trait;
use minihost_core::{CodeRequest, GrantId, IssuedCode};

/// Asks an authorization server for a code, in one of several profiles.
///
/// An implementation holds to the request's time, follows no redirect that leaves the server,
/// repeats nothing once bytes were sent, and checks that the answer is for the client that was named.
#[async_trait]
pub trait CodeIssuer: Send + Sync {
    /// Makes one code request. Dropping the future abandons it.
    async fn issue(&self, request: &CodeRequest) -> Result<IssuedCode, IssueError>;

    /// Ends a grant at the server, with its codes and tokens. One that the server does not know any
    /// more has ended.
    ///
    /// # Errors
    /// [`IssueError`]; the grant is ended at a later start of the host then.
    async fn end_grant(
        &self,
        _grant: &GrantId,
        _time_allowed: Duration,
    ) -> Result<GrantEnding, IssueError> {
        Ok(GrantEnding::LocalOnly)
    }
}

/// What the end of a grant means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GrantEnding {
    /// The server has ended its codes and tokens.
    Ended,
    /// The server has no way to be told: what the program holds already lasts until it expires.
    LocalOnly,
}

pub use crate::issuer::IssueError;
