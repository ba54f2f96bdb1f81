//! What the host decides once for its mediator.

use std::time::Duration;

use crate::{Build, HostMethodDeclaration, Issuer, Locale, Remember, Words};

/// How a mediator behaves.
#[derive(Clone, Debug)]
pub struct Config {
    /// The authorization server that codes come from.
    pub issuer: Issuer,
    /// How the host names itself to pages.
    pub host: HostInfo,
    /// Which manifests may be opened.
    pub build: Build,
    /// The language of consent prompts.
    pub locale: Locale,
    /// Whether a prompt needs a recent touch of the page.
    pub gesture: GesturePolicy,
    /// How long a request waits for the user, its place in the queue included.
    pub prompt_deadline: Duration,
    /// How long a request waits for the store of grants; after that it goes on without.
    pub save_deadline: Duration,
    /// How long a request waits for the authorization server.
    pub network_deadline: Duration,
    /// How long a page waits until the settings that it asked for are on screen.
    pub settings_deadline: Duration,
    /// How long a page without a grant waits for the answer to a silent question, whatever the
    /// answer. Long enough for the network, where [`SilentTier::Recognise`] is chosen.
    pub silent_delay: Duration,
    /// For how long users may agree.
    pub remember: RememberChoices,
    /// What scopes mean, in plain words.
    pub words: Words,
    /// What every program may know without asking the user.
    pub silent: SilentTier,
    /// Whether the host has settings that a page can open.
    pub settings: SettingsPage,
    /// Whether the host can have its user sign in when a program asks.
    pub sign_in: SignInSupport,
    /// Whether the host can take its user to the authorization server in a browser.
    pub browser: BrowserSupport,
    /// What happens to remembered grants when their user signs out.
    pub on_sign_out: OnSignOut,
    /// The host's own methods, each name once.
    pub methods: Vec<HostMethodDeclaration>,
    /// What a simulation has broken.
    #[cfg(feature = "simulation")]
    pub breakage: Option<crate::Breakage>,
}

/// For how long users may agree: at least one choice, each once, the proposed one first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RememberChoices(Vec<Remember>);

impl RememberChoices {
    /// These choices and no others. `None` where there is none.
    pub fn only(choices: impl IntoIterator<Item = Remember>) -> Option<Self> {
        let mut distinct = Vec::new();
        for choice in choices {
            if !distinct.contains(&choice) {
                distinct.push(choice);
            }
        }
        (!distinct.is_empty()).then_some(Self(distinct))
    }

    /// The choices in their order.
    pub fn as_slice(&self) -> &[Remember] {
        &self.0
    }
}

impl Default for RememberChoices {
    /// Thirty days, until taken back, or once.
    fn default() -> Self {
        Self(vec![Remember::ThirtyDays, Remember::UntilRevoked, Remember::Once])
    }
}

/// What every program may know without asking the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SilentTier {
    /// Nothing.
    Off,
    /// That it is the same user as the last time: a code for `openid` and nothing else, where the
    /// manifest declares that scope. The authorization server may still want the user asked.
    Recognise,
}

/// Whether the host can have its user sign in when a program asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInSupport {
    /// It can.
    Present,
    /// It cannot; `login` and `select_account` are `interaction_required`.
    Absent,
}

/// Whether the host can take its user to the authorization server in a browser, where the server
/// wants that before it issues a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BrowserSupport {
    /// It can.
    Present,
    /// It cannot; the page hears `interaction_required`.
    Absent,
}

/// Whether the host has settings that a page can open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettingsPage {
    /// It has.
    Present,
    /// It has not; `host.openSettings` does not exist.
    Absent,
}

/// What happens to remembered grants when their user signs out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnSignOut {
    /// They stay, for when that user signs in again.
    KeepGrants,
    /// They end on this device. At the authorization server they stay, since the user may use the
    /// mini-program elsewhere.
    ForgetGrants,
}

/// How the host names itself to pages.
#[derive(Clone, Debug)]
pub struct HostInfo {
    /// The app's name.
    pub name: String,
    /// The app's version.
    pub version: String,
    /// Such as `android`, `ios`, `simulator`.
    pub platform: String,
}

/// Whether a prompt needs a recent touch of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GesturePolicy {
    /// No.
    NotNeeded,
    /// A touch at most this long ago. A container that cannot tell is believed.
    WithinWhereKnown(Duration),
}

impl Config {
    /// The usual limits: five minutes for the user, five seconds for the store, thirty for the
    /// network, and a touch within ten seconds where the container can tell. A release build; nothing
    /// without asking, no settings page, no methods of the host's own.
    pub fn new(issuer: Issuer, host: HostInfo, locale: Locale) -> Self {
        Self {
            issuer,
            host,
            build: Build::Release,
            locale,
            gesture: GesturePolicy::WithinWhereKnown(Duration::from_secs(10)),
            prompt_deadline: Duration::from_secs(5 * 60),
            save_deadline: Duration::from_secs(5),
            network_deadline: Duration::from_secs(30),
            settings_deadline: Duration::from_secs(10),
            remember: RememberChoices::default(),
            words: Words::default(),
            silent_delay: Duration::from_secs(1),
            silent: SilentTier::Off,
            settings: SettingsPage::Absent,
            sign_in: SignInSupport::Absent,
            browser: BrowserSupport::Absent,
            on_sign_out: OnSignOut::KeepGrants,
            methods: Vec::new(),
            #[cfg(feature = "simulation")]
            breakage: None,
        }
    }
}

/// Where ids come from: 128 bits that nobody can guess, except in tests.
pub trait IdSource: Send {
    /// The next one.
    fn next_id(&mut self) -> u128;
}

impl<F: FnMut() -> u128 + Send> IdSource for F {
    fn next_id(&mut self) -> u128 {
        self()
    }
}
