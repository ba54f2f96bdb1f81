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

    /// The newest version that both sides speak, or none.
    pub fn agree(self, other: VersionRange) -> Option<BridgeVersion> {
        let newest = self.max.min(other.max);
        let oldest = self.min.max(other.min);
        (oldest <= newest).then_some(newest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(min: u32, max: u32) -> VersionRange {
        VersionRange { min: BridgeVersion(min), max: BridgeVersion(max) }
    }

    #[test]
    fn the_newest_common_version_is_chosen() {
        assert_eq!(range(1, 3).agree(range(2, 5)), Some(BridgeVersion(3)));
        assert_eq!(range(2, 2).agree(range(1, 9)), Some(BridgeVersion(2)));
    }

    #[test]
    fn ranges_that_do_not_meet_and_empty_ranges_agree_on_nothing() {
        assert_eq!(range(1, 1).agree(range(2, 3)), None);
        assert_eq!(range(1, 3).agree(range(3, 1)), None);
    }
}
