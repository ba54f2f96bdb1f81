//! Versions of the bridge and how two sides agree on one.

use serde::{Deserialize, Serialize};

/// One version of the bridge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BridgeVersion(pub u32);

/// The versions one side speaks, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionRange {
    /// The oldest.
    pub min: BridgeVersion,
    /// The newest.
    pub max: BridgeVersion,
}

impl VersionRange {
    /// What this crate speaks.
    pub const SUPPORTED: VersionRange =
        VersionRange { min: BridgeVersion(1), max: BridgeVersion(1) };

    /// The versions that both sides speak, or none.
    pub fn overlap(self, other: VersionRange) -> Option<VersionRange> {
        let (min, max) = (self.min.max(other.min), self.max.min(other.max));
        (min <= max).then_some(VersionRange { min, max })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(min: u32, max: u32) -> VersionRange {
        VersionRange { min: BridgeVersion(min), max: BridgeVersion(max) }
    }

    #[test]
    fn ranges_meet_in_what_both_hold() {
        assert_eq!(range(1, 3).overlap(range(2, 5)), Some(range(2, 3)));
        assert_eq!(range(2, 2).overlap(range(1, 9)), Some(range(2, 2)));
    }

    #[test]
    fn ranges_that_do_not_meet_and_empty_ranges_have_nothing_in_common() {
        assert_eq!(range(1, 1).overlap(range(2, 3)), None);
        assert_eq!(range(1, 3).overlap(range(3, 1)), None);
    }
}
