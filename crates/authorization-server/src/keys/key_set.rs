//! The signing keys: for each algorithm one that signs, those that will, and those before it whose
//! signatures must still be checked.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use crate::clock::UnixMillis;
use crate::jose::{SigningAlgorithm, SigningKey};

/// How long a key stays published after another took its place. Longer than an ID token lives, and
/// than clients keep a key set.
const PUBLISHED_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// A key and when it signs. It is published from when it was made.
pub(crate) struct StoredKey {
    pub(crate) key: SigningKey,
    pub(crate) signs_from: UnixMillis,
    pub(crate) superseded_at: Option<UnixMillis>,
}

impl StoredKey {
    fn signs(&self, now: UnixMillis) -> bool {
        self.signs_from <= now && self.superseded_at.is_none_or(|end| now < end)
    }

    fn is_published(&self, now: UnixMillis) -> bool {
        self.superseded_at.is_none_or(|end| now.since(end) < PUBLISHED_AFTER)
    }
}

/// All keys, the newest first. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct KeySet(Arc<Vec<StoredKey>>);

impl KeySet {
    pub(crate) fn new(newest_first: Vec<StoredKey>) -> Self {
        Self(Arc::new(newest_first))
    }

    /// The key that signs with this algorithm now.
    pub(crate) fn signer(
        &self,
        algorithm: SigningAlgorithm,
        now: UnixMillis,
    ) -> Option<&SigningKey> {
        let current =
            |stored: &&StoredKey| stored.key.algorithm() == algorithm && stored.signs(now);
        self.0.iter().find(current).map(|stored| &stored.key)
    }

    /// The algorithms that something can be signed with now.
    pub(crate) fn algorithms(&self, now: UnixMillis) -> Vec<SigningAlgorithm> {
        let all = [SigningAlgorithm::Rs256, SigningAlgorithm::Es256, SigningAlgorithm::EdDsa];
        all.into_iter().filter(|algorithm| self.signer(*algorithm, now).is_some()).collect()
    }

    /// The JWK Set to publish (RFC 7517 §5). What signs comes first, for clients that take the first
    /// key of an algorithm.
    pub(crate) fn published(&self, now: UnixMillis) -> Value {
        let (current, others): (Vec<_>, Vec<_>) = self
            .0
            .iter()
            .filter(|stored| stored.is_published(now))
            .partition(|stored| stored.signs(now));
        let jwks = current.into_iter().chain(others).map(|StoredKey { key, .. }| {
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

    const DAY: i64 = 24 * 60 * 60;

    fn at(second: i64) -> UnixMillis {
        Timestamp::from_second(second).unwrap().into()
    }

    fn stored(algorithm: SigningAlgorithm, from: i64, until: Option<i64>) -> StoredKey {
        let document = SigningKey::generate(algorithm).unwrap();
        let key = SigningKey::from_pkcs8(algorithm, &document).unwrap();
        StoredKey { key, signs_from: at(from), superseded_at: until.map(at) }
    }

    #[test]
    fn t14_a_key_is_published_before_it_signs_and_for_a_day_after() {
        let old = stored(SigningAlgorithm::EdDsa, 0, Some(1000));
        let new = stored(SigningAlgorithm::EdDsa, 1000, None);
        let (old_id, new_id) =
            (old.key.public().id().unwrap().to_owned(), new.key.public().id().unwrap().to_owned());
        let keys = KeySet::new(vec![new, old]);
        let signer = |second| {
            let key = keys.signer(SigningAlgorithm::EdDsa, at(second)).unwrap();
            key.public().id().unwrap().to_owned()
        };
        let published = |second| {
            let set = keys.published(at(second));
            let ids = set["keys"].as_array().unwrap().iter();
            ids.map(|jwk| jwk["kid"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert!(keys.signer(SigningAlgorithm::Es256, at(0)).is_none());
        assert_eq!(
            (signer(999), published(999)),
            (old_id.clone(), vec![old_id.clone(), new_id.clone()])
        );
        assert_eq!(
            (signer(1000), published(1000)),
            (new_id.clone(), vec![new_id.clone(), old_id.clone()])
        );
        assert_eq!(published(1000 + DAY - 1), [new_id.clone(), old_id]);
        assert_eq!(published(1000 + DAY), [new_id]);
    }

    #[test]
    fn an_algorithm_whose_next_key_waits_is_offered_all_the_time() {
        let keys = KeySet::new(vec![
            stored(SigningAlgorithm::Es256, 1000, None),
            stored(SigningAlgorithm::Es256, 0, Some(1000)),
        ]);
        for second in [0, 999, 1000, 2000] {
            assert_eq!(keys.algorithms(at(second)), [SigningAlgorithm::Es256]);
        }
    }
}
