//! One line of JSON for every request, on standard error. No token, code or secret is in it at any
//! level.

use std::io;
use std::time::Instant;

use minihost::CorrelationId;
use tracing::{Level, Metadata};
use tracing_subscriber::filter::{FilterExt as _, LevelFilter, filter_fn};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, Layer as _};

use crate::failure::Failure;
use crate::problem::Problem;

const VARIABLE: &str = "RUST_LOG";
/// The crates that promise to log no secret; others stop at INFO.
const OUR_OWN: [&str; 2] = ["minihost", "minihost_relay"];

/// Logs from now on, as `RUST_LOG` says; at INFO where it says nothing.
pub(crate) fn start() -> Result<(), Failure> {
    let wanted = std::env::var(VARIABLE).unwrap_or_default();
    let wanted = EnvFilter::builder()
        .with_default_directive(LevelFilter::INFO.into())
        .parse(wanted)
        .map_err(|error| Failure::Config(format!("{VARIABLE} cannot be read: {error}")))?;
    let layer = tracing_subscriber::fmt::layer().json().flatten_event(true).with_writer(io::stderr);
    let layer = layer.with_filter(wanted.and(filter_fn(may_be_logged)));
    tracing_subscriber::registry().with(layer).init();
    Ok(())
}

fn may_be_logged(metadata: &Metadata<'_>) -> bool {
    let name = metadata.target().split("::").next().unwrap_or_default();
    *metadata.level() <= Level::INFO || OUR_OWN.contains(&name)
}

/// What is written down of one request.
pub(crate) struct Entry {
    what: &'static str,
    correlation: CorrelationId,
    program: Option<String>,
    begun: Instant,
}

impl Entry {
    pub(crate) fn new(what: &'static str) -> Self {
        let mut bytes = [0; 8];
        getrandom::fill(&mut bytes).expect("the operating system has a source of randomness");
        let correlation = CorrelationId::new(format!("{:016x}", u64::from_be_bytes(bytes)));
        Self { what, correlation, program: None, begun: Instant::now() }
    }

    pub(crate) fn correlation(&self) -> CorrelationId {
        self.correlation.clone()
    }

    /// Names the program, once it is one that is registered: a caller's own words are not logged.
    pub(crate) fn program(&mut self, client_id: &str) {
        self.program = Some(client_id.to_owned());
    }

    pub(crate) fn end(self, problem: Option<&Problem>) {
        let milliseconds = u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        let (correlation, program) = (self.correlation.as_str(), self.program.as_deref());
        match problem {
            None => tracing::info!(what = self.what, correlation, program, milliseconds, "done"),
            Some(problem) => tracing::info!(
                what = self.what,
                correlation,
                program,
                milliseconds,
                status = problem.status().as_u16(),
                reason = problem.reason().as_str(),
                "refused",
            ),
        }
    }
}
