//! The port to where the operator keeps accounts.

use async_trait::async_trait;

use crate::password::Password;

const MAX_ID: usize = 256;
const MAX_TEXT: usize = 320;

/// Checks usernames and passwords in the place of this server, for operators whose accounts are
/// kept elsewhere. See [`HttpAccountService`](crate::HttpAccountService) for one over HTTP.
#[async_trait]
pub trait AccountService: Send + Sync {
    /// The account of this username and password; `None` when there is none, whatever the cause.
    ///
    /// Should take as long for an unknown username as for a wrong password.
    ///
    /// # Errors
    /// When the service cannot tell now. The one who signs in is asked to come back later.
    async fn check(
        &self,
        username: &str,
        password: &Password,
    ) -> Result<Option<Account>, AccountServiceError>;
}

/// Why an account service gave no answer; for the log.
#[derive(Debug, thiserror::Error)]
#[error("the account service did not answer: {0}")]
pub struct AccountServiceError(pub String);

/// A user as an account service knows them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Account {
    /// The service's identifier of the user, 1 to 256 characters, never given to another user. The
    /// user here is found by it, and made at the first sign-in.
    pub external_id: String,
    /// To which part of the operator's users the account belongs. A client may be limited to some;
    /// see [`AccountRule`](crate::AccountRule).
    pub tenant: Option<String>,
    /// The `preferred_username` claim. Without it, the username of the sign-in.
    pub preferred_username: Option<String>,
    /// The `email` claim.
    pub email: Option<String>,
    /// The `email_verified` claim.
    pub email_verified: bool,
    /// The `phone_number` claim.
    pub phone_number: Option<String>,
}

impl Account {
    /// Whether every member is as long as it may be.
    pub(crate) fn is_sound(&self) -> bool {
        let texts = [&self.tenant, &self.preferred_username, &self.email, &self.phone_number];
        let id = self.external_id.chars().count();
        (1..=MAX_ID).contains(&id)
            && texts.into_iter().flatten().all(|text| text.chars().count() <= MAX_TEXT)
    }
}
