//! What access tokens are good for (RFC 8707).

use std::fmt;

use rusqlite::types::{FromSql, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::error::InvalidRegistration;

/// The identifier of a resource: an absolute URI without a fragment (RFC 8707 §2), compared
/// character by character.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Resource(String);

impl Resource {
    /// Takes an identifier.
    ///
    /// # Errors
    /// When it is not an absolute URI of visible ASCII characters, or has a fragment.
    pub fn new(uri: impl Into<String>) -> Result<Self, InvalidRegistration> {
        let uri = uri.into();
        let absolute = Url::parse(&uri).is_ok_and(|url| url.fragment().is_none());
        let plain = uri.bytes().all(|byte| byte.is_ascii_graphic());
        (absolute && plain).then_some(Self(uri)).ok_or(InvalidRegistration::Resource)
    }

    /// The identifier as it goes over the wire.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Resource {
    type Error = InvalidRegistration;

    fn try_from(uri: String) -> Result<Self, Self::Error> {
        Self::new(uri)
    }
}

/// The resources that a token is good for; none means this server itself.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(crate) struct Audience(Vec<Resource>);

impl Audience {
    pub(crate) fn new(mut resources: Vec<Resource>) -> Self {
        resources.sort();
        resources.dedup();
        Self(resources)
    }

    /// Whether the token is for this server, where the user details are.
    pub(crate) fn is_this_server(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn contains(&self, resource: &Resource) -> bool {
        self.0.contains(resource)
    }

    /// Whether who was given `other` may have a token for `self` (RFC 8707 §2.2). This server is a
    /// target like others: what was given for an API does not include it.
    pub(crate) fn is_subset(&self, other: &Self) -> bool {
        self.is_this_server() == other.is_this_server()
            && self.0.iter().all(|resource| other.contains(resource))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Resource> {
        self.0.iter()
    }
}

/// Separated by spaces, which no resource contains.
impl fmt::Display for Audience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, resource) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(" ")?;
            }
            f.write_str(&resource.0)?;
        }
        Ok(())
    }
}

impl ToSql for Audience {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.to_string().into())
    }
}

impl FromSql for Audience {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let resources = value.as_str()?.split_ascii_whitespace();
        Ok(Self(resources.map(|uri| Resource(uri.to_owned())).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resource_is_an_absolute_uri_without_a_fragment() {
        for good in ["https://api.example", "https://api.example/v1?x=1", "urn:example:api"] {
            assert!(Resource::new(good).is_ok(), "{good}");
        }
        for bad in ["", "/v1", "api.example", "https://api.example/#x", "https://api.example/ x"] {
            assert_eq!(Resource::new(bad), Err(InvalidRegistration::Resource), "{bad}");
        }
    }

    #[test]
    fn an_audience_has_each_resource_once_and_survives_storage() {
        let resource = |uri: &str| Resource::new(uri).unwrap();
        let audience = Audience::new(vec![resource("urn:b"), resource("urn:a"), resource("urn:b")]);
        assert_eq!(audience.to_string(), "urn:a urn:b");
        let stored = Audience::column_result(ValueRef::Text(b"urn:a urn:b")).unwrap();
        assert_eq!(stored, audience);
        assert!(Audience::default().is_this_server() && !audience.is_this_server());
        assert!(Audience::new(vec![resource("urn:a")]).is_subset(&audience));
    }

    #[test]
    fn this_server_is_within_this_server_alone() {
        let (here, api) = (Audience::default(), Audience::new(vec![Resource("urn:a".to_owned())]));
        assert!(here.is_subset(&here) && api.is_subset(&api));
        assert!(!here.is_subset(&api) && !api.is_subset(&here));
    }
}
