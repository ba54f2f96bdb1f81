//! The log: to standard error, as text or as JSON.

use std::io;

use serde::Deserialize;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer as _, Registry, fmt};

/// The crate whose events are free of secrets at every level.
const OUR_OWN: &str = "minihost_authorization_server";

/// How to log.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Logging {
    format: Format,
    level: Level,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Format {
    #[default]
    Text,
    Json,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Level {
    Error,
    Warn,
    #[default]
    Info,
    Debug,
    Trace,
}

impl Logging {
    /// Logs from now on. What libraries say below a warning may hold what they are given, so it is
    /// left out whatever the level.
    pub(super) fn start(&self) {
        let level = match self.level {
            Level::Error => LevelFilter::ERROR,
            Level::Warn => LevelFilter::WARN,
            Level::Info => LevelFilter::INFO,
            Level::Debug => LevelFilter::DEBUG,
            Level::Trace => LevelFilter::TRACE,
        };
        let filter =
            Targets::new().with_default(level.min(LevelFilter::WARN)).with_target(OUR_OWN, level);
        let layer = fmt::layer().with_writer(io::stderr);
        let layer = match self.format {
            Format::Text => layer.with_ansi(false).boxed(),
            Format::Json => layer.json().flatten_event(true).boxed(),
        };
        Registry::default().with(layer.with_filter(filter)).init();
    }
}
