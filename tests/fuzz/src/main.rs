//! libFuzzer, for the target that `MINIHOST_FUZZ_TARGET` names. `cargo xtask fuzz` builds and starts it.

#![no_main]

use std::{env, sync::OnceLock};

use libfuzzer_sys::fuzz_target;
use minihost_fuzz::Target;

static TARGET: OnceLock<Target> = OnceLock::new();

fuzz_target!(
    init: {
        let name = env::var("MINIHOST_FUZZ_TARGET").unwrap_or_default();
        let target = Target::named(&name).expect("MINIHOST_FUZZ_TARGET names a target");
        let _ = TARGET.set(target);
    },
    |bytes: &[u8]| {
        if let Some(target) = TARGET.get() {
            (target.check)(bytes);
        }
    }
);
