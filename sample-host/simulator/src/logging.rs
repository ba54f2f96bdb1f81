//! Logs go to standard error, and hold no secret at any level.
//!
//! This project's crates keep secrets out of their events. Others do not promise it: at DEBUG and
//! TRACE, HTTP, WebSocket and D-Bus libraries write down what they carry. So theirs stop at INFO,
//! whatever `RUST_LOG` says.

use std::io::{self, IsTerminal as _};

use tracing::{Level, Metadata, Subscriber, level_filters::LevelFilter};
use tracing_subscriber::{
    EnvFilter, Layer,
    filter::{FilterExt as _, filter_fn},
    fmt::MakeWriter,
    layer::SubscriberExt as _,
    registry::LookupSpan,
    util::SubscriberInitExt as _,
};

const VARIABLE: &str = "RUST_LOG";

/// The crates whose DEBUG and TRACE events are free of secrets.
const OUR_OWN: [&str; 6] = [
    "minihost",
    "minihost_authorization_server",
    "minihost_core",
    "minihost_protocol",
    "sample_host",
    "sample_miniprogram",
];

/// `RUST_LOG` does not say what to log.
#[derive(Debug, thiserror::Error)]
#[error("{VARIABLE} cannot be read: {0}; it looks like `info` or `warn,minihost=trace`.")]
pub(crate) struct FilterError(#[from] tracing_subscriber::filter::ParseError);

/// Logs to standard error from now on, as `RUST_LOG` says; at INFO where it says nothing.
pub(crate) fn start() -> Result<(), FilterError> {
    let wanted = std::env::var(VARIABLE).unwrap_or_default();
    let layer = layer(&wanted, io::stderr().is_terminal(), io::stderr)?;
    tracing_subscriber::registry().with(layer).init();
    Ok(())
}

fn layer<S, W>(wanted: &str, ansi: bool, writer: W) -> Result<impl Layer<S>, FilterError>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
    W: for<'writer> MakeWriter<'writer> + Send + Sync + 'static,
{
    let wanted =
        EnvFilter::builder().with_default_directive(LevelFilter::INFO.into()).parse(wanted)?;
    let filter = wanted.and(filter_fn(may_be_logged));
    Ok(tracing_subscriber::fmt::layer().with_ansi(ansi).with_writer(writer).with_filter(filter))
}

fn may_be_logged(metadata: &Metadata<'_>) -> bool {
    *metadata.level() <= Level::INFO || is_our_own(metadata.target())
}

fn is_our_own(target: &str) -> bool {
    let crate_name = target.split("::").next().unwrap_or_default();
    OUR_OWN.contains(&crate_name)
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Captured(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Captured {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// What is logged of events of several crates, each naming its crate and level.
    fn logged(wanted: &str) -> String {
        let captured = Captured::default();
        let writer = captured.clone();
        let layer = layer(wanted, false, move || writer.clone()).unwrap();
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
            macro_rules! events {
                ($($target:literal),*) => {$(
                    tracing::trace!(target: $target, concat!("[trace of ", $target, "]"));
                    tracing::debug!(target: $target, concat!("[debug of ", $target, "]"));
                    tracing::info!(target: $target, concat!("[info of ", $target, "]"));
                    let span = tracing::trace_span!(target: $target, concat!("span of ", $target));
                    let _entered = span.enter();
                    tracing::info!(target: "sample_host::within", "within");
                )*};
            }
            events!(
                "tungstenite::protocol",
                "tokio_tungstenite",
                "hyper::proto::h1::io",
                "hyper_util::client",
                "reqwest::connect",
                "zbus::connection",
                "axum::rejection",
                "log",
                "minihostile",
                "minihost",
                "minihost::issuer",
                "minihost_core::mediator",
                "minihost_protocol",
                "minihost_authorization_server::token",
                "sample_miniprogram::oauth",
                "sample_host::phone"
            );
        });
        let bytes = captured.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn libraries_say_nothing_below_info_whatever_is_asked_for() {
        for wanted in
            ["trace", "trace,hyper=trace,tungstenite=trace", "zbus[{x}]=trace,minihostile=trace"]
        {
            let log = logged(wanted);
            for library in ["tungstenite", "hyper", "reqwest", "zbus", "axum", "log", "minihostile"]
            {
                for detail in ["trace", "debug", "span"] {
                    assert!(!log.contains(&format!("[{detail} of {library}")), "{wanted}: {log}");
                    assert!(!log.contains(&format!("{detail} of {library}")), "{wanted}: {log}");
                }
            }
        }
        assert!(logged("trace").contains("[info of hyper::proto::h1::io]"));
    }

    #[test]
    fn our_own_crates_are_logged_as_asked_for() {
        let log = logged("warn,minihost=trace,sample_host=debug");
        assert!(log.contains("[trace of minihost]"), "{log}");
        assert!(log.contains("[trace of minihost::issuer]"), "{log}");
        assert!(log.contains("[debug of sample_host::phone]"), "{log}");
        assert!(!log.contains("[trace of sample_host::phone]"), "{log}");
        assert!(!log.contains("[info of hyper::proto::h1::io]"), "{log}");
        let everything = logged("trace");
        for name in OUR_OWN {
            assert!(everything.contains(&format!("[trace of {name}")), "{name}: {everything}");
        }
    }

    #[test]
    fn info_is_the_default_and_nonsense_is_refused() {
        let log = logged("");
        assert!(
            log.contains("[info of minihost]") && !log.contains("[debug of minihost]"),
            "{log}"
        );
        let error = layer::<tracing_subscriber::Registry, _>("a=b=c", false, io::sink).err();
        assert!(error.unwrap().to_string().contains("RUST_LOG"));
    }
}
