//! Signing in with the system's browser.

use std::sync::{Arc, Mutex, PoisonError};

use minihost::session::{self, RedirectUri};
use url::Url;

use crate::{
    MiniHost,
    cancellation::{Cancellation, inner},
    config::User,
    error::SignInError,
};

/// A sign-in that has gone to the browser. It can be finished once; one that is let go of never
/// happened.
#[derive(uniffi::Object)]
pub struct BrowserSignIn(Mutex<Option<session::BrowserSignIn>>);

/// What a sign-in is for.
#[derive(Clone, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum SignInWish {
    /// To be signed in: a user whom the browser knows need not type anything.
    Ordinary,
    /// To sign in anew, though the browser may know the user.
    Again {
        /// In one of these ways (`acr_values`, OpenID Connect Core §3.1.2.1), where any is named.
        acr_values: Vec<String>,
        /// Seconds; a sign-in that is no older will do.
        max_age: Option<u64>,
    },
    /// To choose one of several accounts.
    ChooseAccount,
}

impl From<SignInWish> for session::SignInWish {
    fn from(wish: SignInWish) -> Self {
        match wish {
            SignInWish::Ordinary => Self::Ordinary,
            SignInWish::Again { acr_values, max_age } => Self::Again { acr_values, max_age },
            SignInWish::ChooseAccount => Self::ChooseAccount,
        }
    }
}

#[uniffi::export]
impl BrowserSignIn {
    /// The page to open in the system's browser (Custom Tabs, `ASWebAuthenticationSession`), never in a
    /// view that the host app could read (RFC 8252 §8.12).
    ///
    /// # Errors
    /// [`SignInError::WrongAnswer`] once it was finished.
    pub fn page(&self) -> Result<String, SignInError> {
        self.with(|sign_in| sign_in.page().to_string())
    }

    /// Whether an address that the app was opened with is this sign-in's answer.
    ///
    /// # Errors
    /// [`SignInError::WrongAnswer`] once it was finished.
    pub fn is_answered_by(&self, address: String) -> Result<bool, SignInError> {
        self.with(|sign_in| Url::parse(&address).is_ok_and(|url| sign_in.is_answered_by(&url)))
    }
}

impl BrowserSignIn {
    pub(crate) fn new(sign_in: session::BrowserSignIn) -> Arc<Self> {
        Arc::new(Self(Mutex::new(Some(sign_in))))
    }

    fn with<T>(&self, look: impl FnOnce(&session::BrowserSignIn) -> T) -> Result<T, SignInError> {
        let sign_in = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sign_in.as_ref().map(look).ok_or_else(finished)
    }

    fn take(&self) -> Result<session::BrowserSignIn, SignInError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take().ok_or_else(finished)
    }
}

fn finished() -> SignInError {
    SignInError::WrongAnswer { detail: "this sign-in was finished before".to_owned() }
}

#[uniffi::export]
impl MiniHost {
    /// Begins a sign-in in the system's browser. `redirect_uri` is where the browser comes back to: an
    /// address that opens this app alone (RFC 8252 §7), registered with the authorization server.
    /// Whoever is signed in stays so until it is finished.
    ///
    /// # Errors
    /// [`SignInError`].
    #[uniffi::method(default(cancellation = None))]
    pub async fn begin_sign_in(
        &self,
        redirect_uri: String,
        wish: SignInWish,
        cancellation: Option<Arc<Cancellation>>,
    ) -> Result<Arc<BrowserSignIn>, SignInError> {
        let redirect_uri = RedirectUri::new(&redirect_uri)?;
        let begun = self.running()?.begin_sign_in(redirect_uri, wish.into(), inner(cancellation));
        Ok(BrowserSignIn::new(begun.await?))
    }

    /// Finishes it with the address that the app was opened with, in place of whoever was signed in.
    ///
    /// # Errors
    /// [`SignInError`]; the sign-in is over then, and can be begun anew.
    #[uniffi::method(default(cancellation = None))]
    pub async fn finish_sign_in(
        &self,
        sign_in: Arc<BrowserSignIn>,
        answer: String,
        cancellation: Option<Arc<Cancellation>>,
    ) -> Result<User, SignInError> {
        let no_address = |_| SignInError::WrongAnswer { detail: "it is no address".to_owned() };
        let answer = Url::parse(&answer).map_err(no_address)?;
        let signed_in =
            self.running()?.finish_sign_in(sign_in.take()?, answer, inner(cancellation));
        Ok(User::from(signed_in.await?))
    }
}
