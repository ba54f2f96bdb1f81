//! What must hold holds for every input that is kept, and for what lies around it.
#![cfg(test)]

use std::{fs, path::PathBuf};

use minihost_fuzz::{TARGETS, Target};

/// Cut and changed copies are tried of inputs up to this length.
const SHORT: usize = 600;
/// The largest input that is kept.
const LARGEST: u64 = 64 * 1024;

fn inputs(target: Target) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target.name);
    let entries = fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{} has no inputs: {error}", target.name));
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}

#[test]
fn every_target_holds_for_every_input_that_is_kept() {
    for &target in TARGETS {
        let inputs = inputs(target);
        assert!(inputs.len() >= 5, "{} has only {} inputs", target.name, inputs.len());
        for (path, bytes) in inputs {
            assert!(
                fs::metadata(&path).unwrap().len() <= LARGEST,
                "{} is too large",
                path.display()
            );
            println!("{}", path.display());
            (target.check)(&bytes);
        }
        (target.check)(b"");
    }
}

#[test]
fn every_target_holds_for_inputs_cut_short_and_changed() {
    for &target in TARGETS {
        for (path, bytes) in inputs(target).into_iter().filter(|(_, b)| b.len() <= SHORT) {
            println!("{}", path.display());
            for at in 0..bytes.len() {
                (target.check)(&bytes[..at]);
                let mut changed = bytes.clone();
                for byte in [b'"', 0xff, bytes[at] ^ 0x20] {
                    changed[at] = byte;
                    (target.check)(&changed);
                }
            }
        }
    }
}
