//! Settings that no code issuer is made of.

use super::InvalidIssuer;

/// Settings that cannot be used, with a sentence for the host's developer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("these settings cannot be used: {0}")]
pub struct InvalidSettings(String);

impl InvalidSettings {
    pub(super) fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }

    /// A call that lets its holder act for any user.
    pub(super) fn too_much_power(path: &str) -> Self {
        Self(format!(
            "the call to `{path}` is made as the host itself and can act for any user, which is more power than \
             an app may hold; keep it in the host's backend, and give the app the `relay` profile"
        ))
    }
}

impl From<InvalidIssuer> for InvalidSettings {
    fn from(error: InvalidIssuer) -> Self {
        Self(error.to_string())
    }
}
