//! A key that proves who the host is, and stays where it is.

use async_trait::async_trait;
pub use minihost_core::PublicKey;

/// Signs with a private key that it never gives away: in a Secure Enclave, a Keystore, a smart card.
///
/// The SDK verifies every signature before it uses it, and asks for one at a time per request.
#[async_trait]
pub trait CredentialSigner: Send + Sync {
    /// The public half, which the authorization server knows. Returns at once.
    fn public_key(&self) -> PublicKey;

    /// The name by which the server knows the key (`kid`); without one, the key's thumbprint
    /// (RFC 7638) is sent. Returns at once.
    fn key_id(&self) -> Option<String> {
        None
    }

    /// Where the private half is. Returns at once.
    fn protection(&self) -> KeyProtection;

    /// Signs these bytes: Ed25519, or ECDSA over their SHA-256 with P-256. The latter as 64 bytes or
    /// in DER, whichever the platform gives.
    ///
    /// # Errors
    /// [`SignerError`].
    async fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignerError>;
}

/// Where a private key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyProtection {
    /// In the memory of the process.
    Process,
    /// In hardware that does not give it away.
    Hardware,
}

/// Why nothing was signed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignerError {
    /// The key is there and cannot be used now: the device is locked, or the hardware is busy.
    #[error("the signing key cannot be used now ({0}); try again once the device is unlocked")]
    Unavailable(String),
    /// The user was asked to agree and did not.
    #[error("the user did not agree to the use of the signing key")]
    Cancelled,
    /// The key is gone, as after a change of the user's fingerprints.
    #[error(
        "the signing key is lost; make a new one and register it with the authorization server"
    )]
    KeyLost,
    /// What came back is no signature by the key that was named.
    #[error("the signer's answer is not a signature by its public key")]
    WrongSignature,
}
