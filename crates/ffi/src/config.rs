//! What a host says once, and who its user is.

use std::{collections::HashMap, time::Duration};

use minihost::{
    ClientId, Issuer, Locale, PublisherId, RememberChoices, Scope, Words,
    issuer::{ClientAuthentication, ProfileSettings},
    manifest,
    session::{self, SignInConfig},
};

use crate::{code_requests::CodeRequests, error::StartError, prompt::Remember};

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
    /// How codes are asked for; by the profile `challenge` where it is left out.
    #[uniffi(default = None)]
    pub code_requests: Option<CodeRequests>,
    /// What the host's token of its user is for; `openid profile email phone mediate` where it is left
    /// out. Without `mediate` the server issues no codes for mini-programs.
    #[uniffi(default = None)]
    pub sign_in_scopes: Option<Vec<String>>,
    /// Whether tokens are bound to a key of this installation; they are not where it is left out.
    #[uniffi(default = None)]
    pub token_binding: Option<TokenBinding>,
    /// How long requests wait.
    #[uniffi(default = None)]
    pub timeouts: Option<Timeouts>,
    /// Whether a prompt needs a recent touch of the page; one within ten seconds where it is left out.
    #[uniffi(default = None)]
    pub gesture: Option<GesturePolicy>,
    /// What scopes mean, in the host's own words: a Fluent resource for each language, with messages
    /// named `scope-` and the scope.
    #[uniffi(default = None)]
    pub words: Option<HashMap<String, String>>,
}

/// Whether tokens are bound to a key of this installation (RFC 9449), so that who steals one has nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum TokenBinding {
    /// They are not: whoever has a token can use it.
    None,
    /// They are, where the server offers it. `CodeRequests::Authorize` wants the other kind.
    WhereOffered,
}

/// How long requests wait, in milliseconds. What is left out is as usual.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, uniffi::Record)]
pub struct Timeouts {
    /// For the user, the place in the queue included; 5 minutes.
    #[uniffi(default = None)]
    pub prompt_ms: Option<u64>,
    /// For the store of grants, after which they go on without; 5 seconds.
    #[uniffi(default = None)]
    pub save_ms: Option<u64>,
    /// For the authorization server; 30 seconds.
    #[uniffi(default = None)]
    pub network_ms: Option<u64>,
    /// Until the settings that a page asked for are on screen; 10 seconds.
    #[uniffi(default = None)]
    pub settings_ms: Option<u64>,
    /// Of a page without a grant, for the answer to a silent question, whatever the answer; 1 second.
    #[uniffi(default = None)]
    pub silent_ms: Option<u64>,
}

/// Whether a prompt needs a recent touch of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum GesturePolicy {
    /// No.
    NotNeeded,
    /// A touch at most this long ago. A container that cannot tell is believed.
    Within {
        /// Milliseconds.
        ms: u64,
    },
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
        config.gesture = match self.gesture {
            None => config.gesture,
            Some(GesturePolicy::NotNeeded) => minihost::GesturePolicy::NotNeeded,
            Some(GesturePolicy::Within { ms }) => {
                minihost::GesturePolicy::WithinWhereKnown(Duration::from_millis(ms))
            }
        };
        if let Some(words) = &self.words {
            let own = words.iter().map(|(language, text)| (language.as_str(), text.as_str()));
            config.words = Words::with(own)?;
        }
        self.timeouts.unwrap_or_default().set(&mut config);
        Ok(config)
    }

    pub(crate) fn sign_in(&self, client: ClientAuthentication) -> SignInConfig {
        let mut config = SignInConfig::new(Issuer::new(&self.issuer), client);
        if let Some(scopes) = &self.sign_in_scopes {
            config.scopes = scopes.iter().map(Scope::new).collect();
        }
        config.binding = match self.token_binding {
            None | Some(TokenBinding::None) => session::TokenBinding::None,
            Some(TokenBinding::WhereOffered) => session::TokenBinding::WhereOffered,
        };
        config
    }

    pub(crate) fn client_id(&self) -> ClientId {
        ClientId::new(&self.client_id)
    }

    pub(crate) fn profile(&self) -> Result<ProfileSettings, StartError> {
        match &self.code_requests {
            Some(code_requests) => code_requests.clone().read(),
            None => CodeRequests::Challenge { settings: Default::default() }.read(),
        }
    }

    pub(crate) fn build(&self) -> manifest::Build {
        match self.build {
            None | Some(Build::Release) => manifest::Build::Release,
            Some(Build::Development) => manifest::Build::Development,
        }
    }
}

impl Timeouts {
    fn set(self, config: &mut minihost::HostConfig) {
        let set = |deadline: &mut Duration, ms: Option<u64>| {
            *deadline = ms.map_or(*deadline, Duration::from_millis);
        };
        set(&mut config.prompt_deadline, self.prompt_ms);
        set(&mut config.save_deadline, self.save_ms);
        set(&mut config.network_deadline, self.network_ms);
        set(&mut config.settings_deadline, self.settings_ms);
        set(&mut config.silent_delay, self.silent_ms);
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
