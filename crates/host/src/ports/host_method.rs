//! A method of the host's own that mini-programs may call.

use async_trait::async_trait;
use minihost_core::{HostCall, HostMethodDeclaration, HostMethodFailure};
use serde_json::Value;

/// One method. The SDK checks who may call it, with what, and with which grant, before it is
/// called; see [`HostMethodDeclaration`].
#[async_trait]
pub trait HostMethod: Send + Sync {
    /// What the method is; always the same.
    fn declaration(&self) -> HostMethodDeclaration;

    /// Answers one call. Dropping the future abandons it: the page is gone, has cancelled, or
    /// [`HostCall::time_allowed`] is over.
    ///
    /// # Errors
    /// [`HostMethodFailure`], which the page hears.
    async fn call(&self, call: &HostCall) -> Result<Value, HostMethodFailure>;
}
