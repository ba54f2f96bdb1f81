//! Noticing clients whose code challenges are not made for each request anew (RFC 9700 §2.1.1).

use std::collections::{HashSet, VecDeque};
use std::sync::{Mutex, PoisonError};

use crate::pkce::CodeChallenge;

/// More than are in use at any time, and little memory.
const MOST: usize = 4_096;

/// The challenges of the codes that were issued last.
#[derive(Default)]
pub(crate) struct Challenges(Mutex<Latest>);

#[derive(Default)]
struct Latest {
    known: HashSet<CodeChallenge>,
    in_order: VecDeque<CodeChallenge>,
}

impl Challenges {
    /// Notes the challenge of a code; whether another code had it before.
    pub(super) fn note(&self, challenge: &CodeChallenge) -> bool {
        // Nothing panics while it is held.
        let mut latest = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !latest.known.insert(challenge.clone()) {
            return true;
        }
        latest.in_order.push_back(challenge.clone());
        if latest.in_order.len() > MOST
            && let Some(oldest) = latest.in_order.pop_front()
        {
            latest.known.remove(&oldest);
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;

    fn challenge(number: usize) -> CodeChallenge {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&number.to_be_bytes());
        CodeChallenge::parse(&URL_SAFE_NO_PAD.encode(bytes)).unwrap()
    }

    #[test]
    fn c5_a_challenge_that_comes_again_is_noticed_and_the_memory_is_bounded() {
        let challenges = Challenges::default();
        for number in 0..MOST + 1 {
            assert!(!challenges.note(&challenge(number)));
        }
        assert!(challenges.note(&challenge(1)) && challenges.note(&challenge(MOST)));
        assert!(!challenges.note(&challenge(0)), "the oldest was forgotten");
        assert_eq!(challenges.0.lock().unwrap().known.len(), MOST);
    }
}
