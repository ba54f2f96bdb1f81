//! How soon a host that starts gives its first answer: in a process of its own, which has done nothing
//! before.

use std::{
    env,
    process::Command,
    time::{Duration, Instant},
};

use minihost::HostRuntime;
use minihost_bench_report::{Comparison, Goal, Other, Sample};

use crate::host;

/// A server that is not there: nobody asks it before the first answer.
const NOBODY: &str = "http://127.0.0.1:9";

/// Starts threads and a host on them, as an app on a phone does, and says how long it took since the
/// process began to run.
pub(crate) fn first_answer(began: Instant) -> Duration {
    let runtime = HostRuntime::start().expect("there are threads");
    let (sender, answer) = std::sync::mpsc::channel();
    drop(runtime.spawn(async move {
        let started = host::begin(NOBODY).await;
        let _ = sender.send(started.first_answer.clone());
    }));
    let answer = answer.recv().expect("the host answers");
    let taken = began.elapsed();
    assert!(answer.contains("capabilities"), "{answer}");
    taken
}

/// Beside the threads alone.
pub(crate) fn compare(runs: usize) -> Result<Comparison, String> {
    let none = || "There must be at least one run.".to_owned();
    let (mut ours, mut floor) = (Vec::new(), Vec::new());
    for _ in 0..runs {
        ours.push(in_a_process()?);
        let before = Instant::now();
        let runtime = HostRuntime::start().map_err(|error| error.to_string())?;
        floor.push(before.elapsed().as_secs_f64() * 1e3);
        drop(runtime);
    }
    Ok(Comparison {
        name: "cold start to first answer".to_owned(),
        unit: "ms",
        ours: Sample::new(ours).ok_or_else(none)?,
        other: Other {
            name: "the threads alone".to_owned(),
            sample: Sample::new(floor).ok_or_else(none)?,
        },
        goal: Some(Goal::OursBelow(5.0)),
    })
}

/// In milliseconds.
fn in_a_process() -> Result<f64, String> {
    let this = env::current_exe().map_err(|error| error.to_string())?;
    let output = Command::new(this).arg("--first-answer").output();
    let output = output.map_err(|error| error.to_string())?;
    let micros = String::from_utf8_lossy(&output.stdout).trim().parse::<f64>();
    micros.map(|micros| micros / 1e3).map_err(|_| "a host did not start".to_owned())
}
