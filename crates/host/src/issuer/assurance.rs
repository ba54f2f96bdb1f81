//! How much a host's client authentication is worth, and where it is worth nothing.

/// What the authorization server may conclude from the host's client authentication, the least
/// first. For the host's own log, its diagnosis and its policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Assurance {
    /// Nothing: anybody can say that they are this client.
    Public,
    /// Nothing either, once the app is out: everybody who has it has the secret (RFC 8252 §8.5).
    StaticSecret,
    /// That it is this installation, as long as nobody reads its secret.
    InstallationSecret,
    /// That it is who holds the key, as long as nobody reads the memory of the process.
    ProcessKey,
    /// That it is this device.
    HardwareKey,
    /// That it is the host's own backend.
    Relayed,
}

/// Whether a program can be taken apart by those who have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// An app on phones that are not the developers' own.
    PhoneRelease,
    /// A server, a desktop, or a build for development.
    Elsewhere,
}

impl Place {
    /// Where this very program is.
    pub(crate) const fn here() -> Self {
        let phone = cfg!(any(target_os = "android", target_os = "ios"));
        if phone && !cfg!(debug_assertions) { Self::PhoneRelease } else { Self::Elsewhere }
    }
}

/// A secret that is no secret would be used in an app that is released.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a client secret inside a phone app is known to everybody who has the app (RFC 8252 §8.5); let a backend of the host hold it, give each installation its own (ClientSecret::of_this_installation), use a key, or say that it is meant so (ClientSecret::known_to_everybody_who_has_the_app)"
)]
pub struct StaticSecretInApp;
