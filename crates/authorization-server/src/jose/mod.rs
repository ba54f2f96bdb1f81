//! Signed tokens (JWS, RFC 7515) and public keys (JWK, RFC 7517), as strict as RFC 8725 asks.
//!
//! The signatures themselves are ring's. What is here reads and writes the little that this server
//! needs of the formats, and refuses everything else.

mod algorithm;
mod jwk;
mod jws;
mod signing_key;
mod strict;
mod thumbprint;

pub use algorithm::SigningAlgorithm;

pub(crate) use algorithm::Algorithm;
pub(crate) use jwk::PublicKey;
pub(crate) use jws::{Claims, Jws};
pub(crate) use signing_key::{KeyError, SigningKey};
pub(crate) use thumbprint::Thumbprint;
