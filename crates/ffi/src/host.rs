//! The SDK's face.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use minihost::{
    Locale, PromptId, ViewDigest,
    session::{Password, RedirectUri},
};

use crate::{
    audit::AuditSink,
    cancellation::{Cancellation, inner},
    config::{HostConfig, User},
    credentials::ClientCredentials,
    diagnosis::{Finding, RegisteredProgram},
    error::{
        AnswerError, HostError, RestoreError, ShutDown, SignInError, SignOutError, StartError,
    },
    grants::{Grant, PastGrant, Revoked},
    messages::Listed,
    ports::OptionalPorts,
    prompt::{Choice, ConsentPrompt},
    running::{Needed, Running},
    sink::ContainerSink,
    view::ConsentView,
};

/// One host: one user sits before it, and any number of mini-programs run in it.
///
/// It has threads of its own, on which it calls its ports. After [`shutdown`](Self::shutdown) every call fails with `ShutDown`.
#[derive(uniffi::Object)]
pub struct MiniHost {
    running: Mutex<Option<Arc<Running>>>,
    listed: Listed,
}

#[uniffi::export]
impl MiniHost {
    /// Starts a host. Tokens and remembered grants last until the host is shut down, where
    /// [`OptionalPorts`] says nothing else.
    ///
    /// # Errors
    /// [`StartError`].
    #[uniffi::constructor(default(cancellation = None))]
    pub async fn start(
        config: HostConfig,
        credentials: Arc<ClientCredentials>,
        prompt: Arc<dyn ConsentPrompt>,
        sink: Arc<dyn ContainerSink>,
        audit: Arc<dyn AuditSink>,
        optional: OptionalPorts,
        cancellation: Option<Arc<Cancellation>>,
    ) -> Result<Arc<Self>, StartError> {
        let needed = Needed { prompt, sink, audit };
        let cancellation = inner(cancellation);
        let running = Running::start(config, credentials, needed, optional, cancellation).await?;
        let running = Arc::new(running);
        let listed = Listed::new(&running);
        Ok(Arc::new(Self { running: Mutex::new(Some(running)), listed }))
    }

    /// What names this host in [`DocumentMessage`](crate::DocumentMessage).
    ///
    /// # Errors
    /// None today.
    pub fn number(&self) -> Result<u64, HostError> {
        Ok(self.listed.number())
    }

    /// Signs in whoever was signed in when the process ended, without asking the server. Whoever is
    /// signed in stays so.
    ///
    /// # Errors
    /// [`RestoreError`]: nobody is signed in, but somebody may have been.
    #[uniffi::method(default(cancellation = None))]
    pub async fn restore_sign_in(
        &self,
        cancellation: Option<Arc<Cancellation>>,
    ) -> Result<Option<User>, RestoreError> {
        let restored = self.running()?.restore_sign_in(inner(cancellation));
        Ok(restored.await?.map(User::from))
    }

    /// Signs a user in with the password grant, in place of whoever was signed in. The password is
    /// not kept.
    ///
    /// # Errors
    /// [`SignInError`].
    #[uniffi::method(default(cancellation = None))]
    pub async fn sign_in_with_password(
        &self,
        username: String,
        password: String,
        cancellation: Option<Arc<Cancellation>>,
    ) -> Result<User, SignInError> {
        let (password, cancellation) = (Password::new(password), inner(cancellation));
        let signed_in = self.running()?.sign_in_with_password(username, password, cancellation);
        Ok(User::from(signed_in.await?))
    }

    /// Signs the user out. What mini-programs have asked for ends with `account_changed`. Goes on though
    /// it is cancelled.
    ///
    /// # Errors
    /// [`SignOutError`].
    #[uniffi::method(default(cancellation = None))]
    pub async fn sign_out(
        &self,
        cancellation: Option<Arc<Cancellation>>,
    ) -> Result<(), SignOutError> {
        let signed_out = self.running()?.sign_out(inner(cancellation));
        signed_out.await
    }

    /// Who is signed in.
    ///
    /// # Errors
    /// [`HostError`].
    pub fn current_user(&self) -> Result<Option<User>, HostError> {
        Ok(self.running()?.accounts.user().map(User::from))
    }

    /// Tells that the user reads another language now, BCP 47.
    ///
    /// # Errors
    /// [`HostError`].
    pub fn locale_changed(&self, locale: String) -> Result<(), HostError> {
        self.running()?.locale_changed(Locale::new(locale));
        Ok(())
    }

    /// Tells that the user opened the settings: refusals no longer hold a program back.
    ///
    /// # Errors
    /// [`HostError`].
    pub fn settings_opened(&self) -> Result<(), HostError> {
        self.running()?.host.settings_opened();
        Ok(())
    }

    /// Takes the user's answer to a prompt; `digest` is the view's.
    ///
    /// # Errors
    /// [`AnswerError`].
    pub fn answer(&self, prompt: u64, digest: String, choice: Choice) -> Result<(), AnswerError> {
        let digest = ViewDigest::new(digest);
        Ok(self.running()?.host.answer(PromptId(prompt), &digest, choice.into())?)
    }

    /// The prompts that wait for an answer, for a host that draws its screen anew.
    ///
    /// # Errors
    /// [`HostError`].
    pub fn pending_prompts(&self) -> Result<Vec<ConsentView>, HostError> {
        let views = self.running()?.host.pending_prompts();
        Ok(views.into_iter().map(ConsentView::from).collect())
    }

    /// What the signed-in user has granted, and still holds.
    ///
    /// # Errors
    /// [`HostError`].
    pub fn grants(&self) -> Result<Vec<Grant>, HostError> {
        Ok(self.running()?.host.grants().into_iter().map(Grant::from).collect())
    }

    /// What the signed-in user had granted and is no more, oldest end first.
    ///
    /// # Errors
    /// [`HostError`].
    pub fn past_grants(&self) -> Result<Vec<PastGrant>, HostError> {
        let past = self.running()?.host.past_grants();
        Ok(past.into_iter().filter_map(PastGrant::of).collect())
    }

    /// Takes back what the signed-in user has granted a mini-program, all of it where no scopes are
    /// named: at once on this device, and at the authorization server where nothing remains. Goes on
    /// though it is cancelled.
    ///
    /// # Errors
    /// [`HostError`].
    #[uniffi::method(default(cancellation = None))]
    pub async fn revoke(
        &self,
        mini_program: String,
        scopes: Option<Vec<String>>,
        cancellation: Option<Arc<Cancellation>>,
    ) -> Result<Revoked, HostError> {
        let revoked = self.running()?.revoke(mini_program, scopes, inner(cancellation));
        revoked.await
    }

    /// Looks at everything that the host needs and does not have in its own hands: the authorization
    /// server, the network on the way there, the clock, the registrations, the secret store. Nobody is
    /// signed in and nothing is issued. Takes a few seconds.
    ///
    /// # Errors
    /// [`StartError::Configuration`] for a redirect URI that is none; [`StartError::ShutDown`].
    #[uniffi::method(default(programs = [], redirect_uri = None, cancellation = None))]
    pub async fn diagnose(
        &self,
        programs: Vec<RegisteredProgram>,
        redirect_uri: Option<String>,
        cancellation: Option<Arc<Cancellation>>,
    ) -> Result<Vec<Finding>, StartError> {
        let redirect_uri = redirect_uri.map(|uri| RedirectUri::new(&uri)).transpose()?;
        let diagnosis = self.running()?.diagnose(programs, redirect_uri, inner(cancellation))?;
        Ok(diagnosis.await?)
    }

    /// Answers everything that waits with `aborted`, dismisses the prompt, and lets go of every
    /// port. Waits at most two seconds for calls into the host that have begun. Another time it does
    /// nothing.
    ///
    /// # Errors
    /// [`HostError`], where the host came to its end in another way.
    pub async fn shutdown(&self) -> Result<(), HostError> {
        let running = self.lock().take();
        self.listed.give_up();
        match running {
            Some(running) => running.shutdown().await,
            None => Ok(()),
        }
    }
}

impl MiniHost {
    pub(crate) fn running(&self) -> Result<Arc<Running>, ShutDown> {
        self.lock().clone().ok_or(ShutDown)
    }

    fn lock(&self) -> MutexGuard<'_, Option<Arc<Running>>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
