//! Reads what `bindings/swift/Bench` has measured, and holds it against its goals; `cargo xtask bench swift`
//! starts both.

use std::{path::PathBuf, process::ExitCode};

use clap::Parser;
use minihost_bench_report::{Comparison, Goal, Other, Report, Sample, run};
use serde::Deserialize;

/// How many microseconds a message may take above a bare call with the same bytes.
const EXCESS: f64 = 3.0;

/// What a message through the Swift package costs beside a call of UniFFI alone.
#[derive(Parser)]
#[command(name = "cargo xtask bench swift")]
struct Cli {
    /// What was measured
    figures: PathBuf,
    /// Where the results go as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// Microseconds, a figure for each run; ours and its floor by turns.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Figures {
    request_bytes: f64,
    reply_bytes: f64,
    /// A message that is answered at once, its reply handed to a closure as containers have it.
    send: Vec<f64>,
    /// The same, awaited.
    receive: Vec<f64>,
    /// The same bytes through a function that does nothing.
    bare_call: Vec<f64>,
}

fn main() -> ExitCode {
    let Cli { figures, json } = Cli::parse();
    run(&figures, json.as_deref(), compare)
}

fn compare(figures: Figures) -> Option<Report> {
    let mut report = Report::new("swift");
    report.fact("requestBytes", figures.request_bytes);
    report.fact("replyBytes", figures.reply_bytes);
    let bare = Sample::new(figures.bare_call)?;
    for (way, ours) in [("send", figures.send), ("receive", figures.receive)] {
        report.add(Comparison {
            name: format!("auth.getGrants through {way}"),
            unit: "µs",
            ours: Sample::new(ours)?,
            other: Other { name: "UniFFI, text to text".to_owned(), sample: bare.clone() },
            goal: Some(Goal::ExcessAtMost(EXCESS)),
        });
    }
    Some(report)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn figures_stand_beside_their_floor() {
        let text = r#"{"requestBytes": 200, "replyBytes": 60, "send": [3, 3.5], "receive": [4, 4.5],
            "bareCall": [1, 1]}"#;
        let report = compare(serde_json::from_str(text).unwrap()).unwrap().json();
        assert_eq!(report["results"][0]["met"], true);
        assert_eq!(report["results"][1]["met"], false);
    }
}
