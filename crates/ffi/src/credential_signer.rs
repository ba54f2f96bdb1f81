//! A host app's key in hardware.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use async_trait::async_trait;
use minihost::{
    Ticket,
    ports::{self, KeyProtection, Later, SignerError},
};

use crate::port_error::{PortError, asked};

/// Signs with a key that it never gives away. Called on a thread of the SDK.
#[uniffi::export(foreign)]
pub trait CredentialSigner: Send + Sync {
    /// Begins to sign these bytes, ECDSA with P-256 over their SHA-256, and returns. Once it is done,
    /// [`signed`](crate::MiniHost::signed) or [`not_signed`](crate::MiniHost::not_signed) is due with
    /// the same ticket.
    ///
    /// # Errors
    /// [`PortError`]; the request that wanted it fails.
    fn sign(&self, ticket: u64, message: Vec<u8>) -> Result<(), PortError>;

    /// Nobody waits for the signature any more.
    ///
    /// # Errors
    /// [`PortError`]; nothing follows from it.
    fn dismiss(&self, ticket: u64) -> Result<(), PortError>;
}

/// Why nothing was signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, uniffi::Enum)]
pub enum NotSigned {
    /// The key is there and cannot be used now.
    Unavailable,
    /// The user was asked to agree and did not.
    Cancelled,
    /// The key is gone.
    KeyLost,
}

impl From<NotSigned> for SignerError {
    fn from(why: NotSigned) -> Self {
        match why {
            NotSigned::Unavailable => Self::Unavailable("the host app says so".to_owned()),
            NotSigned::Cancelled => Self::Cancelled,
            NotSigned::KeyLost => Self::KeyLost,
        }
    }
}

/// What came of a signature.
pub(crate) type Signature = Result<Vec<u8>, SignerError>;

/// A key that the host app holds, and what is known of it.
#[derive(Clone)]
pub(crate) struct HardwareKey {
    pub(crate) signer: Arc<dyn CredentialSigner>,
    pub(crate) public_key: ports::PublicKey,
    pub(crate) key_id: Option<String>,
}

/// A foreign signer as a port of the SDK.
pub(crate) struct ForeignSigner {
    key: HardwareKey,
    later: Later<Signature>,
    last: AtomicU64,
}

impl ForeignSigner {
    pub(crate) fn new(key: HardwareKey, later: Later<Signature>) -> Self {
        Self { key, later, last: AtomicU64::new(0) }
    }
}

#[async_trait]
impl ports::CredentialSigner for ForeignSigner {
    fn public_key(&self) -> ports::PublicKey {
        self.key.public_key.clone()
    }

    fn key_id(&self) -> Option<String> {
        self.key.key_id.clone()
    }

    fn protection(&self) -> KeyProtection {
        KeyProtection::Hardware
    }

    async fn sign(&self, message: &[u8]) -> Signature {
        let ticket = Ticket(self.last.fetch_add(1, Ordering::Relaxed) + 1);
        let message = message.to_vec();
        let (sign, dismiss) = (self.key.signer.clone(), self.key.signer.clone());
        let signed = self.later.ask(
            ticket,
            move || asked("CredentialSigner.sign", sign.sign(ticket.0, message)),
            move || PortError::note("CredentialSigner.dismiss", dismiss.dismiss(ticket.0)),
        );
        let not_asked = |_| Err(SignerError::Unavailable("its port failed".to_owned()));
        signed.await.unwrap_or_else(not_asked)
    }
}
