//! Signing in and out, and what only a user who was signed in by the SDK can do.

use std::{future::Future, sync::Arc};

use minihost::{
    Account, Cancellation, LetGo, User,
    session::{
        self, BrowserSignIn, DeviceDecision, OwnSession, Password, RedirectUri, SignInWish,
        TokenSession,
    },
};
use url::Url;

use crate::{
    device::DeviceRequest,
    device_error::DeviceRequestError,
    error::{RestoreError, SignInError, SignOutError},
    running::Running,
};

/// Who signs users in.
#[derive(Clone)]
pub(crate) enum Accounts {
    /// The SDK.
    Sdk { account: Account, session: TokenSession },
    /// The host app.
    Own(Account<OwnSession>),
}

/// Users sign in with the host app, not with the SDK.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the host app signs its users in by itself, and tells the SDK")]
pub(crate) struct OwnSignIn;

impl Accounts {
    /// Who is signed in.
    pub(crate) fn user(&self) -> Option<User> {
        match self {
            Self::Sdk { account, .. } => account.user(),
            Self::Own(account) => account.user(),
        }
    }

    pub(crate) fn own(&self) -> Option<&Account<OwnSession>> {
        match self {
            Self::Sdk { .. } => None,
            Self::Own(account) => Some(account),
        }
    }

    fn account(&self) -> Result<Account, OwnSignIn> {
        match self {
            Self::Sdk { account, .. } => Ok(account.clone()),
            Self::Own(_) => Err(OwnSignIn),
        }
    }

    fn session(&self) -> Result<TokenSession, OwnSignIn> {
        match self {
            Self::Sdk { session, .. } => Ok(session.clone()),
            Self::Own(_) => Err(OwnSignIn),
        }
    }
}

impl Running {
    /// Begins to sign in whoever was signed in when the process ended.
    pub(crate) fn restore_sign_in(
        &self,
        cancellation: Option<Cancellation>,
    ) -> impl Future<Output = Result<Option<User>, RestoreError>> + Send + use<> {
        let present = self.accounts.user();
        let account = self.accounts.account();
        let restored = async move {
            match account {
                Ok(account) => account.restore().await,
                // There is nothing of whom the host app signs in by itself.
                Err(OwnSignIn) => Ok(present),
            }
        };
        let restored = self.runtime.run(restored, LetGo::Ends, cancellation);
        async move { Ok(restored.await??) }
    }

    /// Begins a sign-in.
    pub(crate) fn sign_in_with_password(
        &self,
        username: String,
        password: Password,
        cancellation: Option<Cancellation>,
    ) -> impl Future<Output = Result<User, SignInError>> + Send + use<> {
        let account = self.accounts.account();
        let signed_in = async move {
            Ok::<_, SignInError>(account?.sign_in_with_password(&username, password).await?)
        };
        let signed_in = self.runtime.run(signed_in, LetGo::Ends, cancellation);
        async move { signed_in.await? }
    }

    /// Begins to begin a sign-in in the browser.
    pub(crate) fn begin_sign_in(
        &self,
        redirect_uri: RedirectUri,
        wish: SignInWish,
        cancellation: Option<Cancellation>,
    ) -> impl Future<Output = Result<BrowserSignIn, SignInError>> + Send + use<> {
        let session = self.accounts.session();
        let begun =
            async move { Ok::<_, SignInError>(session?.begin_sign_in(redirect_uri, wish).await?) };
        let begun = self.runtime.run(begun, LetGo::Ends, cancellation);
        async move { begun.await? }
    }

    /// Begins to finish it.
    pub(crate) fn finish_sign_in(
        &self,
        sign_in: BrowserSignIn,
        answer: Url,
        cancellation: Option<Cancellation>,
    ) -> impl Future<Output = Result<User, SignInError>> + Send + use<> {
        let account = self.accounts.account();
        let signed_in =
            async move { Ok::<_, SignInError>(account?.finish_sign_in(sign_in, &answer).await?) };
        let signed_in = self.runtime.run(signed_in, LetGo::Ends, cancellation);
        async move { signed_in.await? }
    }

    /// Begins a sign-out, which goes on though nobody waits for it.
    pub(crate) fn sign_out(
        &self,
        cancellation: Option<Cancellation>,
    ) -> impl Future<Output = Result<(), SignOutError>> + Send + use<> {
        let accounts = self.accounts.clone();
        let signed_out = async move {
            match accounts {
                Accounts::Sdk { account, .. } => account.sign_out().await,
                Accounts::Own(account) => account.sign_out().await,
            }
        };
        let signed_out = self.runtime.run(signed_out, LetGo::GoesOn, cancellation);
        async move { Ok(signed_out.await??) }
    }

    /// Begins to look up what shows a code.
    pub(crate) fn device_request(
        &self,
        code: String,
        cancellation: Option<Cancellation>,
    ) -> impl Future<Output = Result<Arc<DeviceRequest>, DeviceRequestError>> + Send + use<> {
        let session = self.accounts.session();
        let found =
            async move { Ok::<_, DeviceRequestError>(session?.device_request(&code).await?) };
        let found = self.runtime.run(found, LetGo::Ends, cancellation);
        async move { Ok(DeviceRequest::new(found.await??)) }
    }

    /// Begins to answer a device, which goes on though nobody waits for it.
    pub(crate) fn answer_device_request(
        &self,
        request: session::DeviceRequest,
        decision: DeviceDecision,
        cancellation: Option<Cancellation>,
    ) -> impl Future<Output = Result<(), DeviceRequestError>> + Send + use<> {
        let session = self.accounts.session();
        let answer = async move {
            Ok::<_, DeviceRequestError>(session?.answer_device_request(request, decision).await?)
        };
        let answered = self.runtime.run(answer, LetGo::GoesOn, cancellation);
        async move { answered.await? }
    }
}
