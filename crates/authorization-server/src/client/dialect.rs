//! Where the dialect of open platforms spells something in another way.

use super::{Client, Dialect};
use crate::error::InvalidRegistration;
use crate::scope::Scopes;

impl Client {
    /// Reads the `scope` parameter: a list with spaces (RFC 6749 §3.3), or with commas too.
    pub(crate) fn read_scopes(&self, list: &str) -> Result<Scopes, InvalidRegistration> {
        match self.dialect {
            Dialect::Standard => Scopes::parse(list),
            Dialect::OpenPlatform => Scopes::parse(&list.replace(',', " ")),
        }
    }

    /// Writes the `scope` member of an answer.
    pub(crate) fn write_scopes(&self, scopes: &Scopes) -> String {
        let list = scopes.to_string();
        match self.dialect {
            Dialect::Standard => list,
            Dialect::OpenPlatform => list.replace(' ', ","),
        }
    }
}
