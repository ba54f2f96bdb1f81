//! What a host app may have beside what it must have. Whatever needs the user or the host's time is
//! asked by one call and answered by another, of [`MiniHost`](crate::MiniHost).

use std::sync::Arc;

use async_trait::async_trait;
use minihost::ports::{self, BrowserOutcome, Later, SettingsRequest};

use crate::{
    audit::milliseconds,
    code_issuer::CodeIssuer,
    config::User,
    methods::OwnMethod,
    network::Network,
    port_error::{PortError, asked},
    storage::{GrantsAt, Secrets},
    user_observer::UserObserver,
    user_session::UserSession,
};

/// The ports that a host app may leave out.
#[derive(Clone, Default, uniffi::Record)]
pub struct OptionalPorts {
    /// Without it `host.openSettings` does not exist.
    #[uniffi(default = None)]
    pub settings: Option<Arc<dyn SettingsPage>>,
    /// Without it pages that ask for a new sign-in hear `interaction_required`.
    #[uniffi(default = None)]
    pub sign_in: Option<Arc<dyn SignInPrompt>>,
    /// Without it pages hear `interaction_required` where the authorization server wants the user in
    /// a browser.
    #[uniffi(default = None)]
    pub browser: Option<Arc<dyn Browser>>,
    /// How requests leave the machine; by the SDK's own HTTP and TLS where it is left out.
    #[uniffi(default = None)]
    pub network: Option<Arc<Network>>,
    /// Where tokens lie; in memory where it is left out.
    #[uniffi(default = None)]
    pub secrets: Option<Secrets>,
    /// Where remembered grants lie; in memory where it is left out.
    #[uniffi(default = None)]
    pub grants: Option<GrantsAt>,
    /// Asks for codes in a way of the host app's own, in place of the configured one.
    #[uniffi(default = None)]
    pub code_issuer: Option<Arc<dyn CodeIssuer>>,
    /// The host app signs users in by itself; the SDK does where it is left out.
    #[uniffi(default = None)]
    pub session: Option<Arc<dyn UserSession>>,
    /// Hears who is signed in.
    #[uniffi(default = None)]
    pub user: Option<Arc<dyn UserObserver>>,
    /// The host app's own methods, each name once.
    #[uniffi(default = [])]
    pub methods: Vec<OwnMethod>,
}

/// Shows the host app's settings when a page asks for them. Called on a thread of the SDK.
#[uniffi::export(foreign)]
pub trait SettingsPage: Send + Sync {
    /// Begins to show the settings, and returns. Once they are on screen,
    /// [`settings_shown`](crate::MiniHost::settings_shown) is due with the same ticket.
    ///
    /// # Errors
    /// [`PortError`]; the page hears `timeout`.
    fn show(&self, ticket: u64, mini_program: String) -> Result<(), PortError>;
}

/// Has the user sign in because a page asks for it. Called on a thread of the SDK.
#[uniffi::export(foreign)]
pub trait SignInPrompt: Send + Sync {
    /// Shows the host app's own sign-in, and returns. Once it is over,
    /// [`sign_in_done`](crate::MiniHost::sign_in_done) is due with the same ticket.
    ///
    /// # Errors
    /// [`PortError`]; the page hears `login_required`.
    fn present(&self, request: SignInRequest) -> Result<(), PortError>;

    /// Takes the sign-in off the screen: nobody waits for it any more.
    ///
    /// # Errors
    /// [`PortError`]; nothing follows from it.
    fn dismiss(&self, ticket: u64) -> Result<(), PortError>;
}

/// Takes the user to the authorization server in the system's browser. Called on a thread of the SDK.
#[uniffi::export(foreign)]
pub trait Browser: Send + Sync {
    /// Shows a page, never in a view that the host app or a mini-program could read (RFC 8252 §8.12),
    /// and returns. Once the user is back, [`browser_closed`](crate::MiniHost::browser_closed) is due
    /// with the same ticket.
    ///
    /// # Errors
    /// [`PortError`]; the mini-program's page hears `interaction_required`.
    fn visit(&self, ticket: u64, mini_program: String, page: String) -> Result<(), PortError>;

    /// Takes the page off the screen, where the platform can: nobody waits for it any more.
    ///
    /// # Errors
    /// [`PortError`]; nothing follows from it.
    fn dismiss(&self, ticket: u64) -> Result<(), PortError>;
}

/// A page wants the user to sign in.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Record)]
pub struct SignInRequest {
    /// To be repeated.
    pub ticket: u64,
    /// For which program: the manifest's `id`.
    pub mini_program: String,
    /// Who is signed in now.
    pub user: Option<User>,
    /// What is wanted.
    pub wanted: SignInWanted,
    /// Milliseconds that it may take; after that nobody waits for it.
    pub time_allowed_ms: u64,
}

/// What is wanted of the user.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum SignInWanted {
    /// To sign in, though the sign-in there is may still be good.
    Again {
        /// In one of these ways (`acr_values`, OpenID Connect Core §3.1.2.1), where any is named.
        acr_values: Vec<String>,
        /// Seconds; a sign-in that is no older will do.
        max_age: Option<u64>,
    },
    /// To choose one of their accounts, or to sign in to another.
    ChooseAccount,
}

/// What came of a sign-in, or of a visit to the authorization server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum UserReturned {
    /// The user has signed in, and the SDK knows it; or the user is back from the browser.
    Done,
    /// The user would not.
    Cancelled,
    /// It was not possible.
    Failed,
}

impl From<UserReturned> for minihost::SignInOutcome {
    fn from(returned: UserReturned) -> Self {
        match returned {
            UserReturned::Done => Self::Done,
            UserReturned::Cancelled => Self::Cancelled,
            UserReturned::Failed => Self::Failed,
        }
    }
}

impl From<UserReturned> for BrowserOutcome {
    fn from(returned: UserReturned) -> Self {
        match returned {
            UserReturned::Done => Self::Returned,
            UserReturned::Cancelled => Self::Cancelled,
            UserReturned::Failed => Self::Failed,
        }
    }
}

/// A foreign settings page as a port of the SDK.
pub(crate) struct ForeignSettings(pub(crate) Arc<dyn SettingsPage>);

impl ports::SettingsPage for ForeignSettings {
    fn show(&self, SettingsRequest { ticket, mini_program }: SettingsRequest) {
        let shown = self.0.show(ticket.0, mini_program.as_str().to_owned());
        PortError::note("SettingsPage.show", shown);
    }
}

/// A foreign sign-in as a port of the SDK.
pub(crate) struct ForeignSignIn {
    pub(crate) port: Arc<dyn SignInPrompt>,
    pub(crate) later: Later<minihost::SignInOutcome>,
}

#[async_trait]
impl ports::SignInPrompt for ForeignSignIn {
    async fn reauthenticate(
        &self,
        request: &minihost::SignInRequest,
        acr_values: &[String],
        max_age: Option<u64>,
    ) -> minihost::SignInOutcome {
        self.ask(request, SignInWanted::Again { acr_values: acr_values.to_vec(), max_age }).await
    }

    async fn select_account(&self, request: &minihost::SignInRequest) -> minihost::SignInOutcome {
        self.ask(request, SignInWanted::ChooseAccount).await
    }
}

impl ForeignSignIn {
    async fn ask(
        &self,
        request: &minihost::SignInRequest,
        wanted: SignInWanted,
    ) -> minihost::SignInOutcome {
        let ticket = request.ticket;
        let request = SignInRequest {
            ticket: ticket.0,
            mini_program: request.mini_program.as_str().to_owned(),
            user: request.user.clone().map(User::from),
            wanted,
            time_allowed_ms: milliseconds(request.time_allowed),
        };
        let (present, dismiss) = (self.port.clone(), self.port.clone());
        let asked = self.later.ask(
            ticket,
            move || asked("SignInPrompt.present", present.present(request)),
            move || PortError::note("SignInPrompt.dismiss", dismiss.dismiss(ticket.0)),
        );
        asked.await.unwrap_or(minihost::SignInOutcome::Failed)
    }
}

/// A foreign browser as a port of the SDK.
pub(crate) struct ForeignBrowser {
    pub(crate) port: Arc<dyn Browser>,
    pub(crate) later: Later<BrowserOutcome>,
}

#[async_trait]
impl ports::Browser for ForeignBrowser {
    async fn visit(&self, request: &minihost::SignInRequest, page: &url::Url) -> BrowserOutcome {
        let ticket = request.ticket;
        let (program, page) = (request.mini_program.as_str().to_owned(), page.to_string());
        let (visit, dismiss) = (self.port.clone(), self.port.clone());
        let asked = self.later.ask(
            ticket,
            move || asked("Browser.visit", visit.visit(ticket.0, program, page)),
            move || PortError::note("Browser.dismiss", dismiss.dismiss(ticket.0)),
        );
        asked.await.unwrap_or(BrowserOutcome::Failed)
    }
}
