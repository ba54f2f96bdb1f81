//! The keys with which the server signs: how they are kept, found and published.

mod endpoint;
mod key_set;
mod seal;

pub(crate) use endpoint::{MAX_AGE, PATH, answer};
pub(crate) use key_set::{KeySet, StoredKey};
pub(crate) use seal::{Seal, SealedKey};
