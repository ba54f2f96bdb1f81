//! The signing keys of one moment: one that signs for each algorithm, and those before it whose
//! signatures must still be checked.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use crate::clock::UnixMillis;
use crate::jose::{SigningAlgorithm, SigningKey};

/// How long a key stays published after another took its place. Longer than an ID token lives, and
/// than clients keep a key set.
const PUBLISHED_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// A key and when it stopped signing, if it did.
pub(crate) struct StoredKey {
    pub(crate) key: SigningKey,
    pub(crate) superseded_at: Option<UnixMillis>,
}

/// All keys, the newest first. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct KeySet(Arc<Vec<StoredKey>>);

impl KeySet {
    pub(crate) fn new(newest_first: Vec<StoredKey>) -> Self {
        Self(Arc::new(newest_first))
    }

    /// The key that signs with this algorithm now.
    pub(crate) fn signer(&self, algorithm: SigningAlgorithm) -> Option<&SigningKey> {
        let current = |stored: &&StoredKey| {
            stored.superseded_at.is_none() && stored.key.algorithm() == algorithm
        };
        self.0.iter().find(current).map(|stored| &stored.key)
    }

    /// The algorithms that something can be signed with now.
    pub(crate) fn algorithms(&self) -> Vec<SigningAlgorithm> {
        let all = [SigningAlgorithm::Rs256, SigningAlgorithm::Es256, SigningAlgorithm::EdDsa];
        all.into_iter().filter(|algorithm| self.signer(*algorithm).is_some()).collect()
    }

    /// The JWK Set to publish (RFC 7517 §5).
    pub(crate) fn published(&self, now: UnixMillis) -> Value {
        let keys = self.0.iter().filter(|stored| {
            stored.superseded_at.is_none_or(|since| now.since(since) < PUBLISHED_AFTER)
        });
        let jwks = keys.map(|StoredKey { key, .. }| {
            let mut jwk = key.public().to_jwk();
            jwk["use"] = "sig".into();
            jwk["alg"] = key.algorithm().as_str().into();
            jwk
        });
        json!({ "keys": jwks.collect::<Vec<_>>() })
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn at(second: i64) -> UnixMillis {
        Timestamp::from_second(second).unwrap().into()
    }

    fn stored(algorithm: SigningAlgorithm, superseded_at: Option<UnixMillis>) -> StoredKey {
        let document = SigningKey::generate(algorithm).unwrap();
        StoredKey { key: SigningKey::from_pkcs8(algorithm, &document).unwrap(), superseded_at }
    }

    #[test]
    fn t14_a_superseded_key_signs_no_more_but_stays_published_for_a_day() {
        let old = stored(SigningAlgorithm::EdDsa, Some(at(0)));
        let new = stored(SigningAlgorithm::EdDsa, None);
        let (old_id, new_id) =
            (old.key.public().id().unwrap().to_owned(), new.key.public().id().unwrap().to_owned());
        let keys = KeySet::new(vec![new, old]);
        assert_eq!(keys.signer(SigningAlgorithm::EdDsa).unwrap().public().id(), Some(&*new_id));
        assert!(keys.signer(SigningAlgorithm::Es256).is_none());
        let published = |now| {
            let set = keys.published(now);
            let ids = set["keys"].as_array().unwrap().iter();
            ids.map(|jwk| jwk["kid"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(published(at(24 * 60 * 60 - 1)), [new_id.clone(), old_id]);
        assert_eq!(published(at(24 * 60 * 60)), [new_id]);
    }
}
