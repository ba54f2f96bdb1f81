//! Which sockets a process has, as the kernel tells.

use std::{collections::BTreeSet, fs, path::Path};

/// Checks that every TCP and UDP socket of a process has both its ends on the loopback interface.
///
/// # Panics
/// Where one has not, or where the process has no socket at all.
pub fn assert_all_on_this_machine(pid: u32) {
    let own = socket_inodes(pid);
    let mut seen = 0;
    for table in ["tcp", "tcp6", "udp", "udp6"] {
        let Ok(rows) = fs::read_to_string(format!("/proc/{pid}/net/{table}")) else { continue };
        for row in rows.lines().skip(1) {
            let fields: Vec<&str> = row.split_whitespace().collect();
            let [_, local, remote, _, _, _, _, _, _, inode, ..] = fields.as_slice() else {
                continue;
            };
            if own.contains(*inode) {
                seen += 1;
                assert!(is_loopback(local), "{table}: local address {local}");
                assert!(is_loopback(remote) || is_nobody(remote), "{table}: remote {remote}");
            }
        }
    }
    assert!(seen > 0, "the process listens somewhere");
}

fn socket_inodes(pid: u32) -> BTreeSet<String> {
    let entries = fs::read_dir(Path::new("/proc").join(pid.to_string()).join("fd"));
    let targets = entries.expect("the process runs").filter_map(|entry| {
        let target = fs::read_link(entry.ok()?.path()).ok()?;
        let target = target.to_string_lossy().into_owned();
        Some(target.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned())
    });
    targets.collect()
}

/// The kernel writes an address in hexadecimal, the first byte of an IPv4 address last.
fn is_loopback(address: &str) -> bool {
    let host = address.split(':').next().unwrap_or(address);
    match host.len() {
        8 => host.ends_with("7F"),
        _ => host == "00000000000000000000000001000000",
    }
}

fn is_nobody(address: &str) -> bool {
    address.chars().all(|character| matches!(character, '0' | ':'))
}
