//! The people who sign in.

use std::fmt;

use rusqlite::types::{FromSql, FromSqlResult, ToSql, ToSqlOutput, ValueRef};

use crate::error::{InvalidRegistration, RandomnessError};
use crate::password::Password;
use crate::secret::random_id;

const MAX_USERNAME: usize = 256;

/// A user to create or to update.
pub struct UserRegistration {
    /// What the user signs in with: 1 to 256 characters without control characters, compared
    /// exactly. It also finds the user to update, whose internal id, and with it every pairwise
    /// `open_id`, stays.
    pub username: String,
    /// Replaces the stored password. Tokens and grants of the user stay.
    pub password: Password,
    /// The `preferred_username` claim, given with scope `profile`.
    pub preferred_username: String,
    /// The `email` claim, given with scope `email`.
    pub email: Option<String>,
    /// The `email_verified` claim, given with scope `email` when there is an address.
    pub email_verified: bool,
    /// The `phone_number` claim, given with scope `phone`.
    pub phone_number: Option<String>,
}

impl UserRegistration {
    /// A user without claims who is called by the username.
    #[must_use]
    pub fn new(username: impl Into<String>, password: Password) -> Self {
        let username = username.into();
        Self {
            preferred_username: username.clone(),
            username,
            password,
            email: None,
            email_verified: false,
            phone_number: None,
        }
    }

    pub(crate) fn check(&self) -> Result<(), InvalidRegistration> {
        let length = self.username.chars().count();
        let fits = (1..=MAX_USERNAME).contains(&length);
        (fits && !self.username.chars().any(char::is_control))
            .then_some(())
            .ok_or(InvalidRegistration::Username)
    }
}

/// The server's own identifier of a user; it never leaves the server.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct UserId(pub(crate) String);

impl UserId {
    pub(crate) fn new() -> Result<Self, RandomnessError> {
        random_id().map(Self)
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl ToSql for UserId {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        self.0.to_sql()
    }
}

impl FromSql for UserId {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        String::column_result(value).map(Self)
    }
}

/// What the user details endpoint may tell, before scopes are looked at.
pub(crate) struct Details {
    pub(crate) preferred_username: String,
    pub(crate) email: Option<String>,
    pub(crate) email_verified: bool,
    pub(crate) phone_number: Option<String>,
}
