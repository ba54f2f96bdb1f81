//! How much goes wrong in one history. Some are calm, so that others are not the only ones that get
//! far.

use minihost::{OnSignOut, SilentTier};

use crate::chance::Chance;

/// Cases of a hundred, but for the settings of the host.
pub(crate) struct Temper {
    pub(crate) network_fails: u64,
    pub(crate) store_fails: u64,
    pub(crate) secrets_fail: u64,
    pub(crate) host_throws: u64,
    pub(crate) hostile: u64,
    pub(crate) user_changes: u64,
    pub(crate) dies: u64,
    pub(crate) silent: SilentTier,
    pub(crate) on_sign_out: OnSignOut,
    pub(crate) has_sign_in: bool,
    pub(crate) steps: u64,
}

impl Temper {
    pub(crate) fn new(chance: &mut Chance) -> Self {
        let mut share = |some: &[u64]| chance.pick(some);
        Self {
            network_fails: share(&[0, 5, 20, 50]),
            store_fails: share(&[0, 0, 10, 50]),
            secrets_fail: share(&[0, 0, 10]),
            host_throws: share(&[0, 0, 5]),
            hostile: share(&[0, 10, 40]),
            user_changes: share(&[1, 3, 10]),
            dies: share(&[0, 1, 4]),
            silent: if share(&[0, 1]) == 0 { SilentTier::Off } else { SilentTier::Recognise },
            on_sign_out: match share(&[0, 0, 1]) {
                0 => OnSignOut::KeepGrants,
                _ => OnSignOut::ForgetGrants,
            },
            has_sign_in: share(&[0, 1, 1]) == 1,
            steps: share(&[30, 60, 120]),
        }
    }
}
