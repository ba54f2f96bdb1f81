//! What sessions hold of memory while each waits for the user.

use std::{fs, io, sync::Arc};

use minihost_bench_report::{Comparison, Goal, Other, Sample};
use minihost_core::{Manifest, SessionId};
use serde_json::json;

use crate::host::{Host, manifest};

const GOAL: f64 = 2_000.0;
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// Opens so many sessions, each of another program with a request that waits for the user, and
/// compares what they take with what was there before: their manifests, which are the host's.
///
/// # Errors
/// When the operating system does not tell what this process holds.
pub(crate) fn measure(sessions: usize) -> io::Result<Comparison> {
    let empty = resident_bytes()?;
    let manifests: Vec<Arc<Manifest>> = (1..=sessions).map(manifest).collect();
    let before = resident_bytes()?;
    let mut host = Host::new();
    for (number, manifest) in (1_u64..).zip(&manifests) {
        let session = SessionId(number);
        host.open(session, manifest);
        let request = json!({"jsonrpc": "2.0", "id": 1, "method": "auth.requestCode", "params": {
            "scopes": ["openid", "profile", "email"], "codeChallenge": CHALLENGE,
            "codeChallengeMethod": "S256", "state": format!("state-{number}"), "nonce": "n-0S6_WzA2Mj",
        }});
        let origin = manifest.origins.first().map(|origin| origin.as_str()).unwrap_or_default();
        host.receive(session, origin, request.to_string().as_bytes());
    }
    let after = resident_bytes()?;
    assert_eq!(host.pending(), sessions, "each of them waits");
    let each = |bytes: u64| bytes as f64 / sessions as f64;
    Ok(Comparison {
        name: format!("a session with a pending prompt, of {sessions}"),
        unit: "B",
        ours: Sample::once(each(after.saturating_sub(before))),
        other: Other {
            name: "its manifest".to_owned(),
            sample: Sample::once(each(before.saturating_sub(empty))),
        },
        goal: Some(Goal::OursBelow(GOAL)),
    })
}

/// What this process holds in memory (`proc(5)`).
fn resident_bytes() -> io::Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes =
        line.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok());
    kilobytes.map(|kilobytes| kilobytes * 1024).ok_or_else(|| io::Error::other("no VmRSS"))
}
