//! What a host says once, and who its user is.

use minihost::{Issuer, Locale, PublisherId, RememberChoices, manifest};

use crate::{error::StartError, prompt::Remember};

/// How a host is set up. The host's credentials are no part of it, since a record's
/// text shows all.
#[derive(Clone, Debug, uniffi::Record)]
pub struct HostConfig {
    /// The authorization server's issuer identifier (RFC 8414 §2), as in its metadata.
    pub issuer: String,
    /// The host's own client id at that server.
    pub client_id: String,
    /// How the host names itself to pages.
    pub host: HostInfo,
    /// The language of consent prompts, BCP 47.
    pub locale: String,
    /// For how long users may agree: at least one choice, the proposed one first.
    pub remember: Vec<Remember>,
    /// What every program may know without asking the user.
    pub silent: SilentTier,
    /// What happens to remembered grants when their user signs out.
    pub on_sign_out: OnSignOut,
    /// Which manifests may be opened; what users get where it is left out.
    #[uniffi(default = None)]
    pub build: Option<Build>,
}

/// Which manifests a build of the host accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum Build {
    /// What users get: signed manifests, and `https` only.
    Release,
    /// For developers: also unsigned manifests, and `http` on this machine.
    Development,
}

/// What every program may know without asking the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum SilentTier {
    /// Nothing.
    Off,
    /// That it is the same user as the last time: a code for `openid` and nothing else, where the
    /// manifest declares that scope.
    Recognise,
}

/// What happens to remembered grants when their user signs out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum OnSignOut {
    /// They stay, for when that user signs in again.
    KeepGrants,
    /// They end on this device.
    ForgetGrants,
}

/// How the host names itself to pages.
#[derive(Clone, Debug, uniffi::Record)]
pub struct HostInfo {
    /// The app's name.
    pub name: String,
    /// The app's version.
    pub version: String,
    /// Such as `android` or `ios`.
    pub platform: String,
}

/// How a mini-program was opened; what the program learns of it is untrusted input to it.
#[derive(Clone, Debug, uniffi::Record)]
pub struct Launch {
    /// A path within the program.
    pub path: Option<String>,
    /// A query string without its question mark.
    pub query: Option<String>,
    /// Where the user came from.
    pub source: Option<String>,
}

/// A publisher's public key, as a host pins it.
#[derive(Clone, Debug, uniffi::Record)]
pub struct TrustedKey {
    /// Whose it is: a manifest that names another publisher is refused.
    pub publisher: String,
    /// The key as a JSON Web Key (RFC 7517), as `cargo xtask manifest keygen` writes it.
    pub jwk: String,
}

impl TrustedKey {
    pub(crate) fn read(self) -> Result<manifest::TrustedKey, manifest::KeyError> {
        manifest::TrustedKey::from_jwk(PublisherId::new(self.publisher), &self.jwk)
    }
}

/// Who is signed in to the host.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct User {
    /// Stable, never shown.
    pub id: String,
    /// Shown on the consent prompt.
    pub display_name: String,
    /// Grows with every sign-in and sign-out.
    pub epoch: u64,
}

impl HostConfig {
    pub(crate) fn mediator(&self) -> Result<minihost::HostConfig, StartError> {
        let HostInfo { name, version, platform } = self.host.clone();
        let mut config = minihost::HostConfig::new(
            Issuer::new(&self.issuer),
            minihost::HostInfo { name, version, platform },
            Locale::new(&self.locale),
        );
        let choices = self.remember.iter().copied().map(minihost::Remember::from);
        config.remember = RememberChoices::only(choices).ok_or_else(|| {
            let message = "`remember` is empty; offer at least one choice";
            StartError::Configuration(message.to_owned())
        })?;
        config.silent = match self.silent {
            SilentTier::Off => minihost::SilentTier::Off,
            SilentTier::Recognise => minihost::SilentTier::Recognise,
        };
        config.on_sign_out = match self.on_sign_out {
            OnSignOut::KeepGrants => minihost::OnSignOut::KeepGrants,
            OnSignOut::ForgetGrants => minihost::OnSignOut::ForgetGrants,
        };
        config.build = self.build();
        Ok(config)
    }

    pub(crate) fn build(&self) -> manifest::Build {
        match self.build {
            None | Some(Build::Release) => manifest::Build::Release,
            Some(Build::Development) => manifest::Build::Development,
        }
    }
}

impl From<Launch> for minihost::Launch {
    fn from(launch: Launch) -> Self {
        let Launch { path, query, source } = launch;
        Self { path, query, source }
    }
}

impl From<minihost::User> for User {
    fn from(user: minihost::User) -> Self {
        Self { id: user.id.as_str().to_owned(), display_name: user.display_name, epoch: user.epoch }
    }
}
