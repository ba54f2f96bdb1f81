//! Mini-programs: opened, spoken for by their containers, closed, switched off.

use minihost::{DocumentId, Manifest, MiniProgramId, SessionId, Switch, manifest::verify};

use crate::{
    MiniHost,
    config::{Launch, TrustedKey},
    context::{CallContext, visibility},
    error::{HostError, OpenError},
    program::OpenedProgram,
    reply::ReplyNow,
};

#[uniffi::export]
impl MiniHost {
    /// Opens a mini-program by its manifest, a JSON text that nobody signed. Only a host that is
    /// built for development does, and shows a banner.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open(&self, manifest: String, launch: Launch) -> Result<OpenedProgram, OpenError> {
        let running = self.running()?;
        let manifest = Manifest::unsigned_for_development(manifest.as_bytes())?;
        running.open(manifest, launch)
    }

    /// Opens a mini-program by its signed manifest: a JWS in compact serialisation, by one of the
    /// keys that this host pins. Refused where a newer release was opened before.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open_signed(
        &self,
        manifest: String,
        keys: Vec<TrustedKey>,
        launch: Launch,
    ) -> Result<OpenedProgram, OpenError> {
        let running = self.running()?;
        let keys: Result<Vec<_>, _> = keys.into_iter().map(TrustedKey::read).collect();
        let manifest = verify(&manifest, &keys?, running.build)?;
        running.open(manifest, launch)
    }

    /// Tells that a page load began; to be told before that document's first message.
    ///
    /// # Errors
    /// [`HostError`].
    pub fn document_started(&self, session: u64, document: u64) -> Result<(), HostError> {
        self.running()?.host.document_started(SessionId(session), DocumentId(document));
        Ok(())
    }

    /// Takes one message of a document. The answer comes back at once where it needs neither the
    /// user nor a disk nor a network; else the text is empty, and the answer comes to the
    /// [`ContainerSink`](crate::ContainerSink).
    ///
    /// # Errors
    /// [`HostError`].
    pub fn receive(
        &self,
        session: u64,
        context: CallContext,
        text: String,
    ) -> Result<ReplyNow, HostError> {
        Ok(ReplyNow(self.running()?.host.receive(SessionId(session), context.into(), &text)))
    }

    /// Tells that a mini-program came to the screen or left it. Nothing is asked of the user for one that
    /// has left: a prompt of its own leaves with it. A page that the host's own prompt covers has not left.
    ///
    /// # Errors
    /// [`HostError`].
    pub fn visibility(&self, session: u64, visible: bool) -> Result<(), HostError> {
        self.running()?.host.visibility(SessionId(session), visibility(visible));
        Ok(())
    }

    /// Closes a mini-program. Nothing is delivered to it any more.
    ///
    /// # Errors
    /// [`HostError`].
    pub fn close(&self, session: u64) -> Result<(), HostError> {
        self.running()?.host.close(SessionId(session));
        Ok(())
    }

    /// Switches a mini-program off or on. One that is off hears `disabled_by_host`.
    ///
    /// # Errors
    /// [`HostError`].
    pub fn set_enabled(&self, mini_program: String, enabled: bool) -> Result<(), HostError> {
        let switch = if enabled { Switch::On } else { Switch::Off };
        self.running()?.host.switch(MiniProgramId::new(mini_program), switch);
        Ok(())
    }
}
