//! How often to ask: what a server says about it, and what the host allows itself.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard},
    time::Duration,
};

use minihost_core::Moment;
use url::Url;

use super::Fault;
use crate::{
    ports::{AskedBy, HttpRequest},
    sync::lock,
};

/// The longest wait that a request takes upon itself when the server asks for one.
const LONGEST_WAIT: u64 = 5;
/// How long to wait before a request that has not left is sent again.
const PAUSE: Duration = Duration::from_millis(250);
/// What a repetition costs, in the shares that each request adds: one in ten may be repeated.
const REPETITION: u32 = 10;
/// The most shares that are saved up: as many repetitions as may come in a row.
const SAVINGS: u32 = 5 * REPETITION;
/// The most endpoints whose waits are kept in mind.
const MOST_WAITS: usize = 64;

/// Keeps a host from adding to the troubles of a server. A repetition is paid for out of what
/// earlier requests have saved; a server that names a time is left alone until then.
pub(super) struct Pace(Mutex<State>);

struct State {
    savings: u32,
    /// Which address is left alone until when, and the status that said so.
    waits: HashMap<String, (Duration, u16)>,
}

impl Pace {
    pub(super) fn new() -> Self {
        Self(Mutex::new(State { savings: SAVINGS, waits: HashMap::new() }))
    }

    /// Counts a request that is about to be made, or says why it is not.
    pub(super) fn begin(&self, request: &HttpRequest, now: Moment) -> Result<(), Fault> {
        let mut state = self.state();
        state.waits.retain(|_, (until, _)| now.uptime < *until);
        if let Some((until, status)) = state.wait_of(request) {
            let left = until.saturating_sub(now.uptime);
            let retry_after = Some(left.as_secs() + u64::from(left.subsec_nanos() > 0));
            return Err(Fault::Unavailable { status, retry_after });
        }
        state.savings = (state.savings + 1).min(SAVINGS);
        Ok(())
    }

    /// Remembers what a server has asked for.
    pub(super) fn heed(&self, url: &Url, status: u16, seconds: u64, now: Moment) {
        let mut state = self.state();
        let (server, endpoint) = addresses(url);
        if state.waits.len() < MOST_WAITS {
            let until = now.uptime + Duration::from_secs(seconds);
            let address = if status == 503 { server } else { endpoint };
            state.waits.insert(address, (until, status));
        }
    }

    /// How long to wait before a request that has not left is sent once more, if it may be.
    pub(super) fn after_nothing_was_sent(&self, now: Moment) -> Option<Duration> {
        self.pay().then(|| PAUSE / 2 + PAUSE * spread(now) / SPREAD)
    }

    /// How long to wait before a request that only reads is sent once more, if the server's wait is
    /// short.
    pub(super) fn after_being_told(&self, seconds: u64, now: Moment) -> Option<Duration> {
        let wait = Duration::from_secs(seconds) + PAUSE * spread(now) / SPREAD;
        (seconds <= LONGEST_WAIT && self.pay()).then_some(wait)
    }

    fn pay(&self) -> bool {
        let mut state = self.state();
        let left = state.savings.checked_sub(REPETITION);
        state.savings = left.unwrap_or(state.savings);
        left.is_some()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.0)
    }
}

impl State {
    /// Until when the server is left alone by such a request, and the status that said so.
    fn wait_of(&self, request: &HttpRequest) -> Option<(Duration, u16)> {
        if self.waits.is_empty() {
            return None;
        }
        let (server, endpoint) = addresses(request.url());
        // 429 is said to somebody in particular, 503 to all.
        let of_endpoint = self.waits.get(&endpoint);
        let of_endpoint = of_endpoint.filter(|_| request.asked_by() == AskedBy::Program);
        of_endpoint.or_else(|| self.waits.get(&server)).copied()
    }
}

fn addresses(url: &Url) -> (String, String) {
    let server = url.origin().ascii_serialization();
    let endpoint = format!("{server}{}", url.path());
    (server, endpoint)
}

const SPREAD: u32 = 1000;

/// A number below [`SPREAD`] that differs from host to host, so that those who lost the same server do
/// not come back to it at once. The nanoseconds of a clock are chance enough for that, and a test
/// that has the clock in its hand has this in its hand too.
fn spread(now: Moment) -> u32 {
    let nanos = now.uptime.subsec_nanos() ^ now.time.subsec_nanosecond().unsigned_abs();
    nanos.wrapping_mul(0x9e37_79b1) % SPREAD
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn at(uptime: Duration) -> Moment {
        Moment { uptime, time: Timestamp::UNIX_EPOCH }
    }

    fn get(url: &str) -> HttpRequest {
        HttpRequest::get(url.parse().unwrap(), Duration::from_secs(1))
    }

    const START: Duration = Duration::from_secs(100);

    #[test]
    fn of_many_requests_one_in_ten_is_repeated_and_five_at_first() {
        let pace = Pace::new();
        let request = get("https://as.example/token");
        let mut repeated = 0;
        for _ in 0..1000 {
            pace.begin(&request, at(START)).unwrap();
            repeated += u32::from(pace.after_nothing_was_sent(at(START)).is_some());
        }
        assert_eq!(repeated, 5 + 100 - 1);
    }

    #[test]
    fn pauses_are_spread_around_a_quarter_of_a_second() {
        let mut pauses: Vec<Duration> = Vec::new();
        for nanos in 0..1000 {
            let now = at(START + Duration::from_nanos(nanos * 977));
            pauses.push(Pace::new().after_nothing_was_sent(now).unwrap());
        }
        let (least, most) = (pauses.iter().min().unwrap(), pauses.iter().max().unwrap());
        assert!(*least >= PAUSE / 2 && *most < PAUSE * 3 / 2, "{least:?} {most:?}");
        assert!(*most - *least > PAUSE / 2, "{least:?} {most:?}");
    }

    #[test]
    fn a_server_that_is_away_is_left_alone_and_a_limit_is_of_its_endpoint() {
        let pace = Pace::new();
        let (token, other) =
            (get("https://as.example/token?a"), get("https://as.example/userinfo"));
        pace.heed(token.url(), 429, 7, at(START));
        let throttled = Fault::Unavailable { status: 429, retry_after: Some(7) };
        assert_eq!(pace.begin(&token, at(START)), Err(throttled));
        assert_eq!(pace.begin(&other, at(START)), Ok(()));
        let by_a_person = get("https://as.example/token").by_the_user();
        assert_eq!(pace.begin(&by_a_person, at(START)), Ok(()));

        pace.heed(token.url(), 503, 2, at(START));
        let away = Fault::Unavailable { status: 503, retry_after: Some(2) };
        assert_eq!(pace.begin(&other, at(START)), Err(away.clone()));
        assert_eq!(pace.begin(&by_a_person, at(START)), Err(away));
        assert_eq!(pace.begin(&get("https://other.example/"), at(START)), Ok(()));
        let nearly = START + Duration::from_millis(1500);
        let last = Fault::Unavailable { status: 503, retry_after: Some(1) };
        assert_eq!(pace.begin(&other, at(nearly)), Err(last));
        assert_eq!(pace.begin(&other, at(START + Duration::from_secs(2))), Ok(()));
        assert_eq!(pace.begin(&token, at(START + Duration::from_secs(7))), Ok(()));
    }

    #[test]
    fn a_long_wait_is_not_sat_out() {
        let pace = Pace::new();
        let wait = pace.after_being_told(5, at(START)).unwrap();
        assert!(wait >= Duration::from_secs(5) && wait < Duration::from_secs(6), "{wait:?}");
        assert_eq!(pace.after_being_told(6, at(START)), None);
    }
}
