//! The host's tokens of its user.

use std::{sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use minihost_core::Moment;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::{ports::UserToken, signing::DpopKey};

/// A token is refreshed this long before its end, so that it does not end on its way.
const SKEW: Duration = Duration::from_secs(60);
/// No token is believed to live longer.
const LONGEST: Duration = Duration::from_secs(366 * 24 * 60 * 60);
const LONGEST_TOKEN: usize = 16 * 1024;

/// What a sign-in or a refresh gave. Has no `Debug`.
#[derive(Clone)]
pub(super) struct Tokens {
    pub(super) access: UserToken,
    pub(super) refresh: Option<RefreshToken>,
    pub(super) expiry: Option<Expiry>,
}

/// A refresh token. Has no `Debug`.
#[derive(Clone)]
pub(super) struct RefreshToken(SecretString);

impl RefreshToken {
    pub(super) fn new(token: impl Into<String>) -> Self {
        Self(SecretString::from(token.into()))
    }

    pub(super) fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

/// When an access token ends, on both clocks: one stands still while the machine sleeps, the other
/// one is the user's to change. Whichever is reached first counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Expiry {
    uptime: Duration,
    pub(super) time: Timestamp,
    pub(super) lifetime: Duration,
}

impl Expiry {
    pub(super) fn after(now: Moment, seconds: u64) -> Self {
        let lifetime = Duration::from_secs(seconds).min(LONGEST);
        Self { uptime: now.uptime + lifetime, time: later(now.time, lifetime), lifetime }
    }

    /// What was written down by an earlier process, whose uptime means nothing now. It is not
    /// believed to be further away than when the token was new.
    pub(super) fn restored(now: Moment, time: Timestamp, lifetime: Duration) -> Self {
        let lifetime = lifetime.min(LONGEST);
        let left = Duration::try_from(time.duration_since(now.time)).unwrap_or(Duration::ZERO);
        Self { uptime: now.uptime + left.min(lifetime), time, lifetime }
    }

    pub(super) fn is_reached(&self, now: Moment) -> bool {
        now.uptime >= self.uptime || now.time >= self.time
    }

    /// Whether the token should be refreshed before it is used.
    pub(super) fn is_near(&self, now: Moment) -> bool {
        // Of a short life a part, or such a token would be refreshed at every use.
        let skew = SKEW.min(self.lifetime / 4);
        let soon = Moment { uptime: now.uptime + skew, time: later(now.time, skew) };
        self.is_reached(soon)
    }
}

fn later(time: Timestamp, by: Duration) -> Timestamp {
    let by = SignedDuration::try_from(by).unwrap_or(SignedDuration::MAX);
    time.checked_add(by).unwrap_or(Timestamp::MAX)
}

impl Tokens {
    /// Reads a token response (RFC 6749 §5.1). A refresh token that is not there again stays
    /// `earlier` (§6). A token is bound to the key that the request proved, where the server says so
    /// (RFC 9449 §5).
    pub(super) fn read(
        json: &[u8],
        earlier: Option<&RefreshToken>,
        key: Option<&Arc<DpopKey>>,
        now: Moment,
    ) -> Result<Self, &'static str> {
        #[derive(Deserialize)]
        struct Body {
            access_token: String,
            token_type: String,
            expires_in: Option<u64>,
            refresh_token: Option<String>,
        }
        let body: Body = serde_json::from_slice(json)
            .map_err(|_| "it is not JSON in the form of a token response")?;
        let mut access = UserToken::new(body.access_token);
        let refresh = body.refresh_token.map(RefreshToken::new).or_else(|| earlier.cloned());
        match key.filter(|_| body.token_type.eq_ignore_ascii_case("dpop")) {
            Some(key) => access = access.bound_to(key.clone()),
            None if body.token_type.eq_ignore_ascii_case("bearer") => {}
            None => return Err("its token is of a type that was not asked for"),
        }
        let sendable = is_sendable(access.expose())
            && refresh.as_ref().is_none_or(|token| is_sendable(token.expose()));
        if !sendable {
            return Err("its token is empty, too long, or not visible ASCII");
        }
        let expiry = body.expires_in.map(|seconds| Expiry::after(now, seconds));
        Ok(Self { access, refresh, expiry })
    }
}

/// Fit for a header.
fn is_sendable(token: &str) -> bool {
    (1..=LONGEST_TOKEN).contains(&token.len()) && token.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(uptime: u64, time: i64) -> Moment {
        let time = Timestamp::from_second(time).unwrap();
        Moment { uptime: Duration::from_secs(uptime), time }
    }

    #[test]
    fn a_token_is_refreshed_a_minute_early_or_a_quarter_of_a_short_life() {
        let expiry = Expiry::after(at(0, 0), 600);
        assert!(!expiry.is_near(at(539, 539)));
        assert!(expiry.is_near(at(540, 540)));
        assert!(!expiry.is_reached(at(599, 599)));
        assert!(expiry.is_reached(at(600, 600)));
        let short = Expiry::after(at(0, 0), 60);
        assert!(!short.is_near(at(44, 44)));
        assert!(short.is_near(at(45, 45)));
    }

    #[test]
    fn whichever_clock_is_ahead_counts() {
        let expiry = Expiry::after(at(0, 0), 600);
        assert!(expiry.is_reached(at(600, -3600)), "the calendar was set back");
        assert!(expiry.is_reached(at(1, 3600)), "the machine slept");
    }

    #[test]
    fn after_a_restart_the_calendar_is_believed_up_to_the_lifetime() {
        let time = Timestamp::from_second(1000).unwrap();
        let lifetime = Duration::from_secs(600);
        let sooner = Expiry::restored(at(5, 900), time, lifetime);
        assert!(!sooner.is_reached(at(104, 999)));
        assert!(sooner.is_reached(at(105, 999)));
        let set_back = Expiry::restored(at(0, -9000), time, lifetime);
        assert!(set_back.is_reached(at(600, -8400)));
        assert!(Expiry::restored(at(0, 2000), time, lifetime).is_reached(at(0, 2000)));
    }

    #[test]
    fn absurd_lifetimes_do_no_harm() {
        let now = Moment { uptime: Duration::ZERO, time: Timestamp::MAX };
        assert!(!Expiry::after(now, u64::MAX).is_near(at(0, 0)));
        assert!(Expiry::after(at(0, 0), 0).is_reached(at(0, 0)));
    }

    fn read(json: &str) -> Result<Tokens, &'static str> {
        Tokens::read(json.as_bytes(), Some(&RefreshToken::new("earlier")), None, at(0, 0))
    }

    #[test]
    fn a_token_response_is_read_whatever_the_case_of_bearer() {
        let tokens = read(
            r#"{"access_token":"a","token_type":"bEaReR","expires_in":9,"refresh_token":"r","x":0}"#,
        )
        .ok()
        .unwrap();
        assert_eq!(tokens.access.expose(), "a");
        assert_eq!(tokens.refresh.unwrap().expose(), "r");
        assert_eq!(tokens.expiry, Some(Expiry::after(at(0, 0), 9)));
        let without = read(r#"{"access_token":"a","token_type":"Bearer"}"#).ok().unwrap();
        assert_eq!(without.refresh.unwrap().expose(), "earlier");
        assert_eq!(without.expiry, None);
    }

    #[test]
    fn what_cannot_be_sent_is_not_a_token() {
        for bad in [
            r#"{}"#,
            r#"{"access_token":"a"}"#,
            r#"{"access_token":"","token_type":"Bearer"}"#,
            r#"{"access_token":"a b","token_type":"Bearer"}"#,
            r#"{"access_token":"a\r\nX: y","token_type":"Bearer"}"#,
            r#"{"access_token":"a","token_type":"Bearer","refresh_token":""}"#,
            r#"{"access_token":"a","token_type":"DPoP"}"#,
            r#"{"access_token":"a","token_type":"Bearer","expires_in":-1}"#,
            r#"{"access_token":"a","access_token":"b","token_type":"Bearer"}"#,
            "<html>",
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
        let long = format!(r#"{{"access_token":"{}","token_type":"Bearer"}}"#, "a".repeat(16385));
        assert!(read(&long).is_err());
    }
}
