//! Makes the code request.

use async_trait::async_trait;
use minihost_core::{CodeRequest, IssuedCode};

/// Asks an authorization server for a code, in one of several profiles.
///
/// An implementation holds to the request's time, follows no redirect, repeats nothing once bytes
/// were sent, and checks that the answer is for the client that was named.
#[async_trait]
pub trait CodeIssuer: Send + Sync {
    /// Makes one code request. Dropping the future abandons it.
    async fn issue(&self, request: &CodeRequest) -> Result<IssuedCode, IssueError>;
}

pub use crate::issuer::IssueError;
