//! What a host can do when there is no code.

use url::Url;

/// What the host can do about an [`IssueError`](super::IssueError). The sentence of the error says the
/// same to people.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NextStep {
    /// Nothing: it was refused, or nobody wants it any more.
    Accept,
    /// Try again; the server may have said after how many seconds.
    TryAgain {
        /// Seconds, at most 300.
        after: Option<u64>,
    },
    /// Have the user sign in to the host again.
    SignInAgain,
    /// Have the user choose an account.
    ChooseAccount,
    /// Send the user to the server in a browser.
    OpenBrowser {
        /// Where, if the server has said.
        page: Option<Url>,
    },
    /// Have the user open the page that the network wants them to sign in at.
    OpenNetworkPage,
    /// The host's developer: compare the settings and the manifest with the server's registration.
    CheckSettings,
    /// The server's operator must look into it.
    AskOperator,
}
