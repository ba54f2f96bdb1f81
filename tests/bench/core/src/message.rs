//! A cheap message through the machine, beside the parser and the writer alone.

use std::{hint::black_box, time::Instant};

use minihost_bench_report::{Comparison, Goal, Other, Sample};
use minihost_core::SessionId;
use serde_json::{Value, json};

use crate::host::{Host, manifest, replied};

/// The message's length in bytes.
const LENGTH: usize = 200;

/// Measures `messages` of them, `runs` times, by turns with the floor.
pub(crate) fn compare(messages: u32, runs: usize) -> Option<Comparison> {
    let text = message();
    let mut host = Host::new();
    let manifest = manifest(1);
    let session = SessionId(1);
    host.open(session, &manifest);
    let origin = manifest.origins.first()?.as_str().to_owned();
    let reply: Value =
        serde_json::from_str(replied(&host.receive(session, &origin, &text))?).ok()?;
    assert_eq!(reply["result"], json!({"grants": []}), "it is answered and not refused");

    let (mut ours, mut floor) = (Vec::new(), Vec::new());
    for _ in 0..runs {
        ours.push(nanoseconds(messages, || {
            black_box(host.receive(session, &origin, black_box(&text)));
        }));
        floor.push(nanoseconds(messages, || {
            let parsed: Value = serde_json::from_slice(black_box(&text)).expect("it is JSON");
            black_box(parsed);
            black_box(serde_json::to_string(black_box(&reply)).expect("it is JSON"));
        }));
    }
    Some(Comparison {
        name: format!("a message of {LENGTH} bytes, reply included"),
        unit: "ns",
        ours: Sample::new(ours)?,
        other: Other { name: "serde_json alone".to_owned(), sample: Sample::new(floor)? },
        goal: Some(Goal::RatioAtMost(3.0)),
    })
}

/// `auth.getGrants`, with parameters that are ignored.
fn message() -> Vec<u8> {
    let with = |padding: usize| {
        json!({"jsonrpc": "2.0", "id": "3f9a-1", "method": "auth.getGrants", "params": {
            "client": {"name": "@minihost/bridge", "version": "1.0.0"},
            "trace": [1, 2, 3], "fresh": true, "note": "x".repeat(padding),
        }})
        .to_string()
    };
    let padding = LENGTH - with(0).len();
    with(padding).into_bytes()
}

fn nanoseconds(times: u32, mut work: impl FnMut()) -> f64 {
    let start = Instant::now();
    for _ in 0..times {
        work();
    }
    start.elapsed().as_secs_f64() * 1e9 / f64::from(times)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_has_the_length_that_is_said_and_is_answered() {
        assert_eq!(message().len(), LENGTH);
        assert!(compare(1, 1).is_some());
    }
}
