//! Pairwise subject identifiers (OpenID Connect Core §8.1): each client knows a user by another
//! name, so that two of them cannot find out that they serve the same person.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use crate::client::ClientId;
use crate::user::UserId;

/// The server's salt, made with the database and kept in it.
#[derive(Clone)]
pub(crate) struct PairwiseSalt(pub(crate) [u8; 32]);

impl PairwiseSalt {
    /// The `open_id` by which `client` knows `user`.
    pub(crate) fn open_id(&self, client: &ClientId, user: &UserId) -> String {
        let mut hash = Sha256::new();
        hash.update(self.0);
        // The length keeps (client "a", user "bc") apart from (client "ab", user "c").
        hash.update((client.as_str().len() as u64).to_be_bytes());
        hash.update(client.as_str());
        hash.update(&user.0);
        URL_SAFE_NO_PAD.encode(hash.finalize())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_pair_of_client_and_user_has_its_own_stable_identifier() {
        let salt = PairwiseSalt([7; 32]);
        let mut seen = HashSet::new();
        for client in ["a", "ab", "abc"] {
            for user in ["bcd", "cd", "d"] {
                let client = ClientId::new(client).unwrap();
                let user = UserId(user.to_owned());
                let open_id = salt.open_id(&client, &user);
                assert_eq!(open_id, salt.open_id(&client, &user));
                assert_ne!(open_id, PairwiseSalt([8; 32]).open_id(&client, &user));
                assert!(seen.insert(open_id));
            }
        }
    }
}
