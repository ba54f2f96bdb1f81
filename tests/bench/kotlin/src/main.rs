//! Reads what `bindings/kotlin/bench` has measured, and holds it against its goals; `cargo xtask bench
//! kotlin` starts both.

use std::{path::PathBuf, process::ExitCode};

use clap::Parser;
use minihost_bench_report::{Comparison, Goal, Other, Report, Sample, run};
use serde::Deserialize;

/// What calls and callbacks of the Kotlin binding cost beside those of UniFFI alone.
#[derive(Parser)]
#[command(name = "cargo xtask bench kotlin")]
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
    /// A message that is answered at once, through `receive`.
    receive: Vec<f64>,
    /// The same bytes through a function that does nothing.
    bare_call: Vec<f64>,
    /// A reply that comes later, on a thread of the SDK.
    delivered: Vec<f64>,
    /// The same port on the thread that calls.
    called_back: Vec<f64>,
}

fn main() -> ExitCode {
    let Cli { figures, json } = Cli::parse();
    run(&figures, json.as_deref(), compare)
}

fn compare(figures: Figures) -> Option<Report> {
    let mut report = Report::new("kotlin");
    report.fact("requestBytes", figures.request_bytes);
    report.fact("replyBytes", figures.reply_bytes);
    report.add(Comparison {
        name: "auth.getGrants through receive".to_owned(),
        unit: "µs",
        ours: Sample::new(figures.receive)?,
        other: Other {
            name: "UniFFI, text to text".to_owned(),
            sample: Sample::new(figures.bare_call)?,
        },
        goal: Some(Goal::RatioAtMost(1.5)),
    });
    report.add(Comparison {
        name: "a reply from a thread of the SDK".to_owned(),
        unit: "µs",
        ours: Sample::new(figures.delivered)?,
        other: Other {
            name: "the same on the caller's thread".to_owned(),
            sample: Sample::new(figures.called_back)?,
        },
        goal: Some(Goal::RatioAtMost(2.0)),
    });
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
    fn figures_stand_beside_their_floors() {
        let text = r#"{"requestBytes": 200, "replyBytes": 60, "receive": [30, 33],
            "bareCall": [30, 30], "delivered": [50, 50], "calledBack": [20, 20]}"#;
        let report = compare(serde_json::from_str(text).unwrap()).unwrap().json();
        assert_eq!(report["results"][0]["met"], true);
        assert_eq!(report["results"][1]["met"], false);
    }
}
