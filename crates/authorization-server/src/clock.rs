//! Where the server gets the time from.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::types::{FromSql, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use serde::{Deserialize, Serialize};

/// A source of the current time.
///
/// Everything that expires (codes, tokens, consent evidence, throttling windows) is measured with
/// the clock given in [`Config::clock`](crate::Config::clock).
pub trait Clock: Send + Sync {
    /// The current time.
    fn now(&self) -> Timestamp;
}

/// The clock of the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// Milliseconds since the Unix epoch: the form in which times are compared and stored.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub(crate) struct UnixMillis(i64);

impl UnixMillis {
    pub(crate) fn plus(self, span: Duration) -> Self {
        Self(self.0.saturating_add(millis(span)))
    }

    pub(crate) fn minus(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(millis(span)))
    }

    /// Whole seconds since the Unix epoch (RFC 7519 §2, NumericDate).
    pub(crate) fn as_seconds(self) -> i64 {
        self.0.div_euclid(1_000)
    }

    /// A number of seconds since the Unix epoch; what is too large for one is the last moment.
    pub(crate) fn from_seconds(seconds: f64) -> Self {
        #[allow(clippy::cast_possible_truncation, reason = "a cast from a float saturates")]
        Self((seconds * 1_000.0) as i64)
    }

    /// In UTC, for people.
    pub(crate) fn format(self, format: &str) -> String {
        let time = Timestamp::from_millisecond(self.0).unwrap_or_default();
        time.strftime(format).to_string()
    }

    /// The time that passed between `earlier` and `self`; zero when `earlier` is later.
    pub(crate) fn since(self, earlier: Self) -> Duration {
        u64::try_from(self.0.saturating_sub(earlier.0))
            .map_or(Duration::ZERO, Duration::from_millis)
    }
}

impl From<Timestamp> for UnixMillis {
    fn from(time: Timestamp) -> Self {
        Self(time.as_millisecond())
    }
}

impl From<UnixMillis> for Timestamp {
    fn from(UnixMillis(time): UnixMillis) -> Self {
        // Only what was once a timestamp, plus a lifetime, is ever kept.
        Self::from_millisecond(time).unwrap_or(Self::MAX)
    }
}

impl ToSql for UnixMillis {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.0.into())
    }
}

impl FromSql for UnixMillis {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        i64::column_result(value).map(Self)
    }
}

/// The configured clock plus the offset that [`Steering`](crate::Steering) has added to it.
#[derive(Clone)]
pub(crate) struct SteeredClock {
    source: Arc<dyn Clock>,
    offset: Arc<AtomicI64>,
}

impl SteeredClock {
    pub(crate) fn new(source: Arc<dyn Clock>) -> Self {
        Self { source, offset: Arc::new(AtomicI64::new(0)) }
    }

    pub(crate) fn now(&self) -> UnixMillis {
        let UnixMillis(now) = self.source.now().into();
        UnixMillis(now.saturating_add(self.offset.load(Ordering::Relaxed)))
    }

    pub(crate) fn advance(&self, by: Duration) {
        self.offset.fetch_add(millis(by), Ordering::Relaxed);
    }
}

fn millis(span: Duration) -> i64 {
    i64::try_from(span.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Stopped;

    impl Clock for Stopped {
        fn now(&self) -> Timestamp {
            Timestamp::from_second(1_000).unwrap()
        }
    }

    #[test]
    fn advancing_the_clock_adds_up_and_reaches_every_clone() {
        let clock = SteeredClock::new(Arc::new(Stopped));
        let clone = clock.clone();
        clock.advance(Duration::from_secs(5));
        clone.advance(Duration::from_millis(250));
        assert_eq!(clock.now(), UnixMillis(1_005_250));
        assert_eq!(clone.now(), clock.now());
    }

    #[test]
    fn the_span_since_a_later_moment_is_zero() {
        assert_eq!(UnixMillis(5).since(UnixMillis(9)), Duration::ZERO);
        assert_eq!(UnixMillis(9).since(UnixMillis(5)), Duration::from_millis(4));
        assert_eq!(UnixMillis(i64::MAX).plus(Duration::MAX), UnixMillis(i64::MAX));
        assert_eq!(UnixMillis::from_seconds(1.5), UnixMillis(1_500));
        assert_eq!(UnixMillis::from_seconds(1e300), UnixMillis(i64::MAX));
    }
}
