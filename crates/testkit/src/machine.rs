//! The mediator with everything from outside under the test's control.

use std::{sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use minihost_core::{
    Build, CallContext, Config, Effect, HostInfo, Input, Issuer, Locale, Manifest, Mediator,
    Moment, SessionId,
};
use minihost_protocol::method::initialize::Launch;

/// A mediator, its clock and its ids. The clock starts at 2026-01-01T00:00:00Z with uptime zero;
/// the ids count up from one.
pub struct Machine {
    /// The machine itself.
    pub mediator: Mediator,
    uptime: Duration,
}

impl Default for Machine {
    fn default() -> Self {
        Self::with(|_| {})
    }
}

impl Machine {
    /// A machine whose usual settings are changed.
    pub fn with(change: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config::new(
            Issuer::new("https://as.example"),
            HostInfo { name: "Test".into(), version: "1.0.0".into(), platform: "test".into() },
            Locale::new("en"),
        );
        config.build = Build::Development;
        change(&mut config);
        let mut last = 0;
        let ids = move || {
            last += 1;
            last
        };
        Self { mediator: Mediator::new(config, Box::new(ids)), uptime: Duration::ZERO }
    }

    /// What time it is.
    pub fn now(&self) -> Moment {
        let start: Timestamp =
            "2026-01-01T00:00:00Z".parse().expect("a literal in RFC 3339 is a timestamp");
        let passed = SignedDuration::try_from(self.uptime).expect("tests do not last that long");
        Moment { uptime: self.uptime, time: start + passed }
    }

    /// Lets time pass, then ticks.
    pub fn advance(&mut self, by: Duration) -> Vec<Effect> {
        self.uptime += by;
        self.feed(Input::Tick)
    }

    /// One input.
    pub fn feed(&mut self, input: Input<'_>) -> Vec<Effect> {
        let now = self.now();
        self.mediator.handle(now, input)
    }

    /// Opens a program.
    pub fn open(&mut self, session: SessionId, manifest: Manifest) -> Vec<Effect> {
        let manifest = Arc::new(manifest);
        self.feed(Input::Opened { session, manifest, launch: Launch::default() })
    }

    /// One message.
    pub fn receive(&mut self, session: SessionId, context: CallContext, text: &str) -> Vec<Effect> {
        self.feed(Input::Message { session, context, text: text.as_bytes() })
    }
}
