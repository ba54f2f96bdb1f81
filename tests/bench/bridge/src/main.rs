//! What a call over the bridge takes in a browser, from the program's page to the host and back,
//! beside an echo over the same kind of way; `cargo xtask bench bridge` starts it.

mod echo;

use std::{path::PathBuf, process::ExitCode};

use clap::Parser;
use minihost_bench_report::{Comparison, Goal, Other, Report, Sample, finish};
use minihost_e2e::{
    browser::{Appearance, Browser, Screen},
    eventually,
    phone::Phone,
    sample_host::SampleHost,
};

/// What a call over the bridge takes in a browser.
#[derive(Parser)]
#[command(name = "cargo xtask bench bridge")]
struct Cli {
    /// Where the results go as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// How often each side is measured
    #[arg(long, default_value_t = 15)]
    runs: usize,
    /// How many calls a run has, one after another; a host takes a hundred at once and no more
    #[arg(long, default_value_t = 80, value_parser = clap::value_parser!(u32).range(10..=80))]
    calls: u32,
}

/// Calls one after another and tells what one took, in microseconds: the browser's clock is too
/// coarse for a single call. Before that the host's patience is full again, which takes it five
/// seconds.
const MEASURE: &str = "const done = arguments[arguments.length - 1];
    (async () => {
        await new Promise((resolve) => setTimeout(resolve, 5500));
        for (let n = 0; n < CALLS / 10; n++) await call();
        const began = performance.now();
        for (let n = 0; n < CALLS; n++) await call();
        return (performance.now() - began) * 1000 / CALLS;
    })().then(done, (error) => done(String(error)))";

#[tokio::main]
async fn main() -> ExitCode {
    let Cli { json, runs, calls } = Cli::parse();
    finish(measure(runs, calls).await, json.as_deref())
}

async fn measure(runs: usize, calls: u32) -> Result<Report, String> {
    let host = SampleHost::start_quiet().await;
    let browser = Browser::start(Screen::Desktop, Appearance::Light).await;
    let phone = Phone::open(&host, &browser).await;
    phone.sign_in("alice").await;
    phone.open_program("teahouse").await;
    phone.use_bridge().await;
    phone.in_program("window.call = () => bridge.getGrants()").await;
    phone.enter_program().await;

    let bare = Browser::start(Screen::Desktop, Appearance::Light).await;
    let address = echo::serve().await;
    let address = address.map_err(|error| format!("The echo cannot be served: {error}."))?;
    bare.client.goto(&address).await.expect("the page of the echo opens");
    bare.client.enter_frame(0).await.expect("the page has a frame");
    eventually("the echo's port", async || {
        let script = "return typeof window.call === 'function'";
        let is_there = bare.client.execute(script, Vec::new()).await.ok()?;
        (is_there == true).then_some(())
    })
    .await;

    let script = MEASURE.replace("CALLS", &calls.to_string());
    let (mut ours, mut floor) = (Vec::new(), Vec::new());
    for _ in 0..runs {
        for (browser, figures) in [(&browser, &mut ours), (&bare, &mut floor)] {
            let took = browser.client.execute_async(&script, Vec::new()).await;
            figures.push(took.expect("the script runs").as_f64().unwrap_or(f64::NAN));
        }
    }
    for browser in [browser, bare] {
        browser.close().await;
    }
    let _ = host.stop().await;

    let (Some(ours), Some(floor)) = (Sample::new(ours), Sample::new(floor)) else {
        return Err(
            "There must be at least one run, and every call of it must be answered.".to_owned()
        );
    };
    let mut report = Report::new("bridge");
    report.fact("calls", f64::from(calls));
    report.add(Comparison {
        name: "round trip of auth.getGrants".to_owned(),
        unit: "µs",
        ours,
        other: Other { name: "postMessage and WebSocket echo".to_owned(), sample: floor },
        goal: Some(Goal::RatioAtMost(1.3)),
    });
    Ok(report)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }
}
