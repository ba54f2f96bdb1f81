//! Where the host takes its user to the authorization server.

use async_trait::async_trait;
use minihost_core::SignInRequest;
use url::Url;

/// Takes the user to a page of the authorization server that wants more than the host can give it
/// (`redirect_to_web`): in the system's browser (Custom Tabs, `ASWebAuthenticationSession`), never in
/// a view that the host or a mini-program could read (RFC 8252 §8.12).
#[async_trait]
pub trait Browser: Send + Sync {
    /// Shows the page until the user is back. The code request is made once more then. Dropping the
    /// future takes the page off the screen, where the platform can: nobody waits any more.
    async fn visit(&self, request: &SignInRequest, page: &Url) -> BrowserOutcome;
}

/// What came of a visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BrowserOutcome {
    /// The user is back; what they did there, the server knows.
    Returned,
    /// The user closed the page without going through with it, as far as the platform can tell.
    Cancelled,
    /// It could not be shown.
    Failed,
}
