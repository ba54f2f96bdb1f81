//! Signatures of the host: assertions and proofs in compact JWS (RFC 7515).

mod dpop;
mod jws;
mod key_pair;
mod process_key;

pub(crate) use dpop::DpopKey;
#[cfg(feature = "backend")]
pub(crate) use jws::is_signed;
pub(crate) use jws::{random_id, sign};
pub(crate) use key_pair::KeyPair;
pub use process_key::{InvalidKey, ProcessKey, p256_public_key};
