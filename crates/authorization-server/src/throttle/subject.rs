//! Whose failures count together, and how many may be.

use std::net::IpAddr;

use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::client::ClientId;
use crate::proxy::network;
use crate::user::UserId;

const CLIENT_FAILURES: u32 = 20;
pub(super) const PASSWORD_FAILURES: u32 = 10;
const USER_TOKEN_FAILURES: u32 = 10;
const USER_CODE_FAILURES: u32 = 10;
/// More than one address has: those who guess from many places.
const USERNAME_FAILURES: u32 = 100;
/// More than one user needs: those who try one password on many.
pub(super) const ADDRESS_FAILURES: u32 = 50;

/// What subjects have in common. Each kind has room of its own, so that a flood of cheap failures of
/// one cannot make the failures of another forgotten.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Client,
    UnknownClients,
    Username,
    UserToken,
    UserCodes,
    UsernameAnywhere,
    Address,
}

pub(super) const KINDS: usize = Kind::Address as usize + 1;

/// Whose failures are counted together.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Subject {
    pub(super) kind: Kind,
    pub(super) key: [u8; 32],
    pub(super) limit: u32,
}

impl Subject {
    /// A client that is registered.
    pub(crate) fn client(id: &ClientId, address: Option<IpAddr>) -> Self {
        Self::new(Kind::Client, id.as_str(), address, CLIENT_FAILURES)
    }

    /// All that are not registered, together: whoever tries can make up any number of them.
    pub(crate) fn unknown_clients(address: Option<IpAddr>) -> Self {
        Self::new(Kind::UnknownClients, "", address, CLIENT_FAILURES)
    }

    /// Known and unknown usernames count alike.
    pub(crate) fn username(name: &str, address: Option<IpAddr>) -> Self {
        Self::new(Kind::Username, name, address, PASSWORD_FAILURES)
    }

    /// A host's code requests for one user, as far as the user's token tells them apart.
    pub(crate) fn user_token(host: &ClientId, token: &str, address: Option<IpAddr>) -> Self {
        let name = Zeroizing::new(format!("{host}\0{token}"));
        Self::new(Kind::UserToken, &name, address, USER_TOKEN_FAILURES)
    }

    /// User codes are tried by somebody who is signed in, wherever they are (RFC 8628 §5.1).
    pub(crate) fn user_codes(of: &UserId) -> Self {
        Self::new(Kind::UserCodes, &of.0, None, USER_CODE_FAILURES)
    }

    /// The same username from wherever.
    pub(crate) fn username_anywhere(name: &str) -> Self {
        Self::new(Kind::UsernameAnywhere, name, None, USERNAME_FAILURES)
    }

    /// Whatever is tried from this address.
    pub(crate) fn address(address: Option<IpAddr>) -> Self {
        Self::new(Kind::Address, "", address, ADDRESS_FAILURES)
    }

    // A digest, so that what a caller sends cannot make an entry long.
    fn new(kind: Kind, name: &str, address: Option<IpAddr>, limit: u32) -> Self {
        let address = address.map(|ip| network(ip).to_string()).unwrap_or_default();
        let mut hash = Sha256::new();
        hash.update(address.as_bytes());
        hash.update(b"\0");
        hash.update(name.as_bytes());
        Self { kind, key: hash.finalize().into(), limit }
    }
}
