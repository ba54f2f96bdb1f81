//! Secrets are gone from the memory of the process once they are dropped.

#![cfg(target_os = "linux")]

use std::fs::{self, File};
use std::os::unix::fs::FileExt as _;

use zeroize::Zeroizing;

use crate::password::Password;
use crate::secret::{Access, ClientSecret, Minted};

/// What is looked for is kept like this, or the search would find what it searches for.
const MASK: u8 = 0xA5;
const CHUNK: usize = 1 << 20;

fn masked(secret: &str) -> Vec<u8> {
    secret.bytes().map(|byte| byte ^ MASK).collect()
}

/// Whether the secret is anywhere in what this process can write to: its heap and its stacks.
fn is_in_memory(masked: &[u8]) -> bool {
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let memory = File::open("/proc/self/mem").unwrap();
    let mut buffer = Zeroizing::new(vec![0; CHUNK]);
    let address = |text: &str| u64::from_str_radix(text, 16).unwrap();
    maps.lines().any(|line| {
        let (range, permissions) = line.split_once(' ').unwrap();
        let (from, to) = range.split_once('-').unwrap();
        let (mut from, to) = (address(from), address(to));
        while permissions.starts_with("rw") && from < to {
            let wanted = CHUNK.min(usize::try_from(to - from).unwrap());
            // Other threads come and go; what went is nowhere.
            let Ok(read) = memory.read_at(&mut buffer[..wanted], from) else { break };
            let is_secret =
                |bytes: &[u8]| bytes.iter().zip(masked).all(|(byte, mask)| byte ^ MASK == *mask);
            let first = masked[0] ^ MASK;
            let mut starts =
                (0..=read.saturating_sub(masked.len())).filter(|at| buffer[*at] == first);
            if starts.any(|at| is_secret(&buffer[at..at + masked.len()])) {
                return true;
            }
            // A secret may lie across two chunks.
            let step = read.saturating_sub(masked.len() - 1);
            if step == 0 {
                break;
            }
            from += u64::try_from(step).unwrap();
        }
        false
    })
}

#[test]
fn t13_of_a_dropped_secret_password_or_token_nothing_is_left_in_memory() {
    let secret = ClientSecret::generate().unwrap();
    let kept = masked(secret.expose());
    assert!(is_in_memory(&kept), "the search finds what is there");
    drop(secret);
    assert!(!is_in_memory(&kept), "client secret");

    let secret = ClientSecret::generate().unwrap();
    let password = Password::new(secret.expose());
    let kept = masked(secret.expose());
    drop(secret);
    assert!(is_in_memory(&kept), "the search finds what is there");
    drop(password);
    assert!(!is_in_memory(&kept), "password");

    let token = Minted::<Access>::new().unwrap();
    let kept = masked(token.expose());
    assert!(is_in_memory(&kept), "the search finds what is there");
    drop(token);
    assert!(!is_in_memory(&kept), "access token");
}
