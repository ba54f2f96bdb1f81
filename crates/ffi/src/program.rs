//! What a container must know of a mini-program that was opened.

use minihost::{Locale, Manifest, SessionId, Trust};

/// A mini-program that was opened, as its manifest describes it.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct OpenedProgram {
    /// The session, to be named in every call for it.
    pub session: u64,
    /// Its name for machines: the manifest's `id`.
    pub id: String,
    /// Which release it is.
    pub version: String,
    /// Its name for people, in the language of the host.
    pub name: String,
    /// Who publishes it, for people, in the language of the host.
    pub publisher: String,
    /// Nobody vouches for it: the container shows a banner.
    pub unsigned: bool,
    /// Where the container starts.
    pub start_url: String,
    /// Where its documents may come from, in ASCII serialisation: the container lets the main frame go nowhere
    /// else, hands a link that the user touched to the system's browser, and gives the bridge to no other.
    pub origins: Vec<String>,
    /// A picture for people.
    pub icon: Option<String>,
    /// What the publisher says of its handling of data.
    pub privacy_policy_url: Option<String>,
}

impl OpenedProgram {
    pub(crate) fn of(session: SessionId, manifest: &Manifest, locale: &Locale) -> Self {
        Self {
            session: session.0,
            id: manifest.id.as_str().to_owned(),
            version: manifest.version.to_string(),
            name: manifest.name.pick(locale),
            publisher: manifest.publisher.name.pick(locale),
            unsigned: manifest.trust == Trust::UnsignedDevelopment,
            start_url: manifest.start_url.to_string(),
            origins: manifest.origins.iter().map(ToString::to_string).collect(),
            icon: manifest.icon.as_ref().map(ToString::to_string),
            privacy_policy_url: manifest.privacy_policy_url.as_ref().map(ToString::to_string),
        }
    }
}
