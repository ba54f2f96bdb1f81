//! Which identifiers were used lately.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sha2::{Digest as _, Sha256};

use crate::clock::UnixMillis;

/// Nothing that is recorded here is accepted for longer: a nonce is good for two minutes, and a
/// date for seventy seconds.
const GENERATION: Duration = Duration::from_secs(120);
/// About 24 MB in the worst case.
const MAX_ENTRIES: usize = 1 << 20;

/// Whether an identifier was used before.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Use {
    First,
    Again,
}

/// No more can be remembered, so nothing may be accepted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Full;

type Digest = [u8; 16];

/// Remembers each identifier for one generation to two.
pub(super) struct ReplayMemory(Mutex<Generations>);

struct Generations {
    began: UnixMillis,
    current: HashSet<Digest>,
    previous: HashSet<Digest>,
}

impl ReplayMemory {
    pub(super) fn new(now: UnixMillis) -> Self {
        Self(Mutex::new(Generations {
            began: now,
            current: HashSet::new(),
            previous: HashSet::new(),
        }))
    }

    pub(super) fn record(&self, owner: &str, id: &str, now: UnixMillis) -> Result<Use, Full> {
        let digest = digest(owner, id);
        let mut generations = self.lock();
        generations.turn(now);
        if generations.previous.contains(&digest) || generations.current.contains(&digest) {
            return Ok(Use::Again);
        }
        if generations.previous.len() + generations.current.len() >= MAX_ENTRIES {
            return Err(Full);
        }
        generations.current.insert(digest);
        Ok(Use::First)
    }

    // A panic elsewhere cannot leave a set half changed.
    fn lock(&self) -> MutexGuard<'_, Generations> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Generations {
    fn turn(&mut self, now: UnixMillis) {
        let age = now.since(self.began);
        if age < GENERATION {
            return;
        }
        let ended = std::mem::take(&mut self.current);
        self.previous = if age < 2 * GENERATION { ended } else { HashSet::new() };
        self.began = now;
    }
}

/// Half of a SHA-256: finding two that collide takes 2⁶⁴ attempts within minutes, and harms nobody
/// but who does.
fn digest(owner: &str, id: &str) -> Digest {
    let mut hash = Sha256::new();
    hash.update(owner.as_bytes());
    hash.update(b"\0");
    hash.update(id.as_bytes());
    let whole: [u8; 32] = hash.finalize().into();
    std::array::from_fn(|index| whole[index])
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn at(second: i64) -> UnixMillis {
        Timestamp::from_second(second).unwrap().into()
    }

    #[test]
    fn an_identifier_counts_once_for_each_owner() {
        let memory = ReplayMemory::new(at(0));
        assert_eq!(memory.record("a", "1", at(0)), Ok(Use::First));
        assert_eq!(memory.record("a", "1", at(0)), Ok(Use::Again));
        assert_eq!(memory.record("b", "1", at(0)), Ok(Use::First));
        assert_eq!(memory.record("a", "2", at(0)), Ok(Use::First));
    }

    #[test]
    fn an_identifier_is_remembered_for_a_generation_at_least_wherever_in_one_it_came() {
        let generation = i64::try_from(GENERATION.as_secs()).unwrap();
        for first in [0, 1, generation - 1] {
            for later in [0, 1, generation - 1, generation] {
                let memory = ReplayMemory::new(at(0));
                memory.record("a", "1", at(first)).unwrap();
                assert_eq!(memory.record("a", "1", at(first + later)), Ok(Use::Again));
            }
        }
    }

    #[test]
    fn what_is_old_is_forgotten() {
        let memory = ReplayMemory::new(at(0));
        for second in 0..2_000 {
            memory.record("a", &second.to_string(), at(second)).unwrap();
        }
        let generations = memory.lock();
        assert!(generations.previous.len() + generations.current.len() <= 240);
    }

    #[test]
    fn what_cannot_be_remembered_is_not_accepted() {
        let memory = ReplayMemory::new(at(0));
        for number in 0..MAX_ENTRIES {
            memory.record("a", &number.to_string(), at(0)).unwrap();
        }
        assert_eq!(memory.record("a", "more", at(0)), Err(Full));
        assert_eq!(memory.record("a", "0", at(0)), Ok(Use::Again));
        assert_eq!(memory.record("a", "more", at(240)), Ok(Use::First));
    }
}
