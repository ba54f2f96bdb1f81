//! The ways to sign in.

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};

use crate::pages::Texts;

/// How a user proved who they are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum LoginMethod {
    /// Username and password, on this server's own page.
    Password,
    /// In an app on another device where they were signed in already.
    App,
    /// At an authentication system apart from this server.
    External,
}

impl LoginMethod {
    const ALL: [Self; 3] = [Self::Password, Self::App, Self::External];

    /// The name under which it is recorded.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::App => "app",
            Self::External => "external",
        }
    }

    /// The name that people see.
    pub(crate) fn words(self, texts: &Texts) -> &'static str {
        match self {
            Self::Password => texts.method_password,
            Self::App => texts.method_app,
            Self::External => texts.method_external,
        }
    }
}

impl ToSql for LoginMethod {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.as_str().into())
    }
}

impl FromSql for LoginMethod {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let name = value.as_str()?;
        Self::ALL
            .into_iter()
            .find(|method| method.as_str() == name)
            .ok_or(FromSqlError::InvalidType)
    }
}
