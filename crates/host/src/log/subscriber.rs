//! Hears `tracing`.

use std::{fmt::Debug, sync::Arc};

use tracing::{
    Event, Level, Metadata,
    field::{Field, Visit},
    span,
};

use super::{Log, redactor::redact};
use crate::ports::LogLevel;

/// The crates of the SDK.
const OWN: [&str; 4] = ["minihost", "minihost_core", "minihost_ffi", "minihost_protocol"];
/// What a line is found by in the host's log and the page's error alike; no secret.
const CORRELATION: &str = "correlation";

/// Turns events into lines. The SDK has no spans.
pub(super) struct Subscriber(pub(super) Arc<Log>);

impl tracing::Subscriber for Subscriber {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let part = metadata.target().split("::").next().unwrap_or_default();
        metadata.is_event() && OWN.contains(&part) && self.0.wants(level(metadata))
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut text = Text::default();
        event.record(&mut text);
        let metadata = event.metadata();
        self.0.say(level(metadata), metadata.target(), text.line());
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

fn level(metadata: &Metadata<'_>) -> LogLevel {
    match *metadata.level() {
        Level::ERROR => LogLevel::Error,
        Level::WARN => LogLevel::Warn,
        Level::INFO => LogLevel::Info,
        Level::DEBUG => LogLevel::Debug,
        Level::TRACE => LogLevel::Trace,
    }
}

/// What an event says, its message first.
#[derive(Default)]
struct Text {
    message: String,
    details: String,
}

impl Text {
    fn line(mut self) -> String {
        self.message.push_str(&self.details);
        self.message
    }
}

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == "message" {
            self.message = redact(&format!("{value:?}"));
            return;
        }
        let detail = format!("{}={value:?}", field.name());
        let detail = if field.name() == CORRELATION { detail } else { redact(&detail) };
        self.details.push(' ');
        self.details.push_str(&detail);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, Sender, channel};

    use super::*;
    use crate::{
        log::Log,
        ports::{LogLine, LogSink},
    };

    struct Told(Sender<LogLine>);

    impl LogSink for Told {
        fn log(&self, line: LogLine) {
            let _ = self.0.send(line);
        }
    }

    fn told(level: LogLevel, say: impl FnOnce()) -> Vec<(LogLevel, String)> {
        let (sender, lines): (_, Receiver<LogLine>) = channel();
        let log = Arc::new(Log::default());
        log.send_to(Some((Arc::new(Told(sender)), level)));
        tracing::subscriber::with_default(Subscriber(log.clone()), say);
        log.send_to(None);
        lines.iter().map(|line| (line.level, line.text)).collect()
    }

    #[test]
    fn a_line_has_its_message_first_and_keeps_its_correlation_and_no_secret() {
        let correlation = "0a1b2c3d4e5f60718293a4b5c6d7e8f9";
        let lines = told(LogLevel::Info, || {
            let token = "eyJhbGciOiJFUzI1NiJ9";
            tracing::info!(target: "minihost::session", correlation, token, "code=c1 was refused");
        });
        let text = format!("code=[…] was refused correlation={correlation} token=[…]");
        assert_eq!(lines, [(LogLevel::Info, text)]);
    }

    #[test]
    fn lines_that_matter_less_and_lines_of_others_are_left_out() {
        let lines = told(LogLevel::Warn, || {
            tracing::error!(target: "minihost_core", "one");
            tracing::warn!(target: "minihost", "two");
            tracing::info!(target: "minihost", "too detailed");
            tracing::error!(target: "hyper::client", "somebody else's");
            tracing::error!(target: "minihostile", "somebody else's");
        });
        let expected = [(LogLevel::Error, "one".to_owned()), (LogLevel::Warn, "two".to_owned())];
        assert_eq!(lines, expected);
    }
}
