//! What the host app answers to what its ports were asked.

use minihost::Ticket;

use crate::{
    MiniHost,
    credential_signer::NotSigned,
    error::{HostError, MethodResultError},
    methods,
    ports::UserReturned,
};

#[uniffi::export]
impl MiniHost {
    /// Tells that the settings which a page asked for are on screen.
    ///
    /// # Errors
    /// [`HostError`].
    pub fn settings_shown(&self, ticket: u64) -> Result<(), HostError> {
        self.running()?.host.settings_shown(Ticket(ticket));
        Ok(())
    }

    /// Tells what came of a sign-in that a page asked for. Where nobody waits for it any more, nothing
    /// follows.
    ///
    /// # Errors
    /// [`HostError`].
    pub fn sign_in_done(&self, ticket: u64, outcome: UserReturned) -> Result<(), HostError> {
        self.running()?.answers.sign_ins.answer(Ticket(ticket), outcome.into());
        Ok(())
    }

    /// Tells that the user is back from the authorization server. Where nobody waits for it any more,
    /// nothing follows.
    ///
    /// # Errors
    /// [`HostError`].
    pub fn browser_closed(&self, ticket: u64, outcome: UserReturned) -> Result<(), HostError> {
        self.running()?.answers.visits.answer(Ticket(ticket), outcome.into());
        Ok(())
    }

    /// Gives the signature that a [`CredentialSigner`](crate::CredentialSigner) was asked for: 64 bytes,
    /// or DER as the platform gives it. Where nobody waits for it any more, nothing follows.
    ///
    /// # Errors
    /// [`HostError`].
    pub fn signed(&self, ticket: u64, signature: Vec<u8>) -> Result<(), HostError> {
        self.running()?.answers.signatures.answer(Ticket(ticket), Ok(signature));
        Ok(())
    }

    /// Says why nothing was signed. Where nobody waits for it any more, nothing follows.
    ///
    /// # Errors
    /// [`HostError`].
    pub fn not_signed(&self, ticket: u64, why: NotSigned) -> Result<(), HostError> {
        self.running()?.answers.signatures.answer(Ticket(ticket), Err(why.into()));
        Ok(())
    }

    /// Gives the result of a call of the host app's own method, a JSON text. Where nobody waits for it
    /// any more, nothing follows.
    ///
    /// # Errors
    /// [`MethodResultError`].
    pub fn method_returned(&self, ticket: u64, result: String) -> Result<(), MethodResultError> {
        self.running()?.answers.methods.answer(Ticket(ticket), methods::result(&result)?);
        Ok(())
    }

    /// Says why a call of the host app's own method has no result: one of the bridge's reasons, and
    /// one English sentence for the mini-program's developer.
    ///
    /// # Errors
    /// [`MethodResultError`].
    pub fn method_failed(
        &self,
        ticket: u64,
        reason: String,
        message: String,
    ) -> Result<(), MethodResultError> {
        let failure = methods::failure(&reason, message)?;
        self.running()?.answers.methods.answer(Ticket(ticket), failure);
        Ok(())
    }
}
