//! What a code request costs when it goes through the host, beside the request alone, and how soon a
//! host that starts gives its first answer; `cargo xtask bench host` starts it.

#![expect(
    clippy::print_stdout,
    reason = "a command line program speaks to its user on standard output"
)]

mod bare;
mod cold;
mod host;
mod server;

use std::{
    path::PathBuf,
    process::ExitCode,
    time::{Duration, Instant},
};

use clap::Parser;
use minihost_bench_report::{Comparison, Goal, Other, Report, Sample, finish};

use bare::Bare;
use server::Server;

/// What a code request costs through the host, and how soon a host answers.
#[derive(Parser)]
#[command(name = "cargo xtask bench host")]
struct Cli {
    /// Where the results go as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// How often each side is measured
    #[arg(long, default_value_t = 9)]
    runs: usize,
    /// How many requests a run has
    #[arg(long, default_value_t = 1000)]
    requests: u32,
    /// Start one host, print the microseconds to its first answer, and end
    #[arg(long, hide = true)]
    first_answer: bool,
}

fn main() -> ExitCode {
    let began = Instant::now();
    let cli = Cli::parse();
    if cli.first_answer {
        println!("{}", cold::first_answer(began).as_micros());
        return ExitCode::SUCCESS;
    }
    finish(measure(&cli), cli.json.as_deref())
}

fn measure(cli: &Cli) -> Result<Report, String> {
    let mut report = Report::new("host");
    report.add(cold::compare(cli.runs)?);
    let runtime = tokio::runtime::Runtime::new().map_err(|error| error.to_string())?;
    report.add(runtime.block_on(async {
        let server = Server::real().await?;
        let what = Measured {
            name: "code of the authorization server, remembered grant, p50",
            // Each writes to a disk.
            requests: cli.requests.div_ceil(4),
            goal: Some(Goal::RatioAtMost(1.15)),
        };
        what.compare(&server, cli.runs).await
    })?);
    report.add(runtime.block_on(async {
        let server = Server::instant().await?;
        let what = Measured {
            name: "the same of a server that does nothing, p50",
            requests: cli.requests,
            goal: None,
        };
        what.compare(&server, cli.runs).await
    })?);
    Ok(report)
}

/// Longer than anything that a request leaves to be done after it.
const BETWEEN: Duration = Duration::from_millis(2);

/// Code requests to one server.
struct Measured {
    name: &'static str,
    /// How many a run has.
    requests: u32,
    goal: Option<Goal>,
}

impl Measured {
    /// The median of single requests, which alternate, so that what the machine does besides costs both
    /// sides the same. Each begins when nothing is left of the one before, and counts until the code is
    /// in the hands of the app's code: the container's, on the thread that delivers to it, or the
    /// caller's.
    async fn compare(self, server: &Server, runs: usize) -> Result<Comparison, String> {
        let mut host = host::Host::start(&server.issuer).await;
        let bare = Bare::sign_in(server).await?;
        // Connections are made and allocators warm before anything counts.
        for _ in 0..self.requests.min(200) {
            host.request().await;
            bare.request().await?;
        }
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..runs {
            let (mut through_host, mut alone) = (Vec::new(), Vec::new());
            for _ in 0..self.requests {
                tokio::time::sleep(BETWEEN).await;
                through_host.push(host.request().await);
                tokio::time::sleep(BETWEEN).await;
                alone.push(bare.request().await?);
            }
            ours.push(median(through_host));
            theirs.push(median(alone));
        }
        let none = || "There must be at least one run of at least one request.".to_owned();
        Ok(Comparison {
            name: self.name.to_owned(),
            unit: "us",
            ours: Sample::new(ours).ok_or_else(none)?,
            other: Other {
                name: "reqwest POST and parse".to_owned(),
                sample: Sample::new(theirs).ok_or_else(none)?,
            },
            goal: self.goal,
        })
    }
}

/// In microseconds; not a number where there is none.
fn median(mut taken: Vec<Duration>) -> f64 {
    taken.sort();
    taken.get(taken.len() / 2).map_or(f64::NAN, |middle| middle.as_secs_f64() * 1e6)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn both_sides_get_their_code_of_either_server() {
        for server in [Server::real().await.unwrap(), Server::instant().await.unwrap()] {
            let mut host = host::Host::start(&server.issuer).await;
            let bare = Bare::sign_in(&server).await.unwrap();
            for _ in 0..50 {
                host.request().await;
                bare.request().await.unwrap();
            }
        }
    }
}
