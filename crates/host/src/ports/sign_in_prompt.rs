//! Where the host has its user sign in because a mini-program asks for it.

use async_trait::async_trait;
use minihost_core::{SignInOutcome, SignInRequest};

/// Shows the host's own sign-in. By the time a method returns [`SignInOutcome::Done`], the host was
/// told who is signed in, as [`Account`](crate::Account) does by itself. Dropping the future takes
/// the sign-in off the screen: nobody waits for it any more.
#[async_trait]
pub trait SignInPrompt: Send + Sync {
    /// Has the user prove who they are once more.
    async fn reauthenticate(
        &self,
        request: &SignInRequest,
        acr_values: &[String],
        max_age: Option<u64>,
    ) -> SignInOutcome;

    /// Has the user choose one of their accounts, or sign in to another.
    async fn select_account(&self, request: &SignInRequest) -> SignInOutcome;
}
