//! Users' sessions with this server, one for each browser.

use rusqlite::types::{FromSql, FromSqlResult, ToSql, ToSqlOutput, ValueRef};

/// The key of a browser session.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct BrowserSessionId(i64);

impl ToSql for BrowserSessionId {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.0.into())
    }
}

impl FromSql for BrowserSessionId {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        i64::column_result(value).map(Self)
    }
}
