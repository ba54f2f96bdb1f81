//! `Retry-After` (RFC 9110 §10.2.3).

use jiff::{Timestamp, fmt::rfc2822::DateTimeParser};

/// No server holds a host off for longer than five minutes.
const LONGEST: u64 = 300;

/// Seconds to wait, at most five minutes; `None` for what is neither seconds nor a date.
pub(super) fn seconds(value: &str, now: Timestamp) -> Option<u64> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // All digits and yet no u64: longer than any cap.
        return Some(value.parse().unwrap_or(LONGEST).min(LONGEST));
    }
    static PARSER: DateTimeParser = DateTimeParser::new();
    let date = PARSER.parse_timestamp(value).ok()?;
    let wait = date.duration_since(now).as_secs();
    Some(u64::try_from(wait).unwrap_or(0).min(LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &str) -> Option<u64> {
        seconds(value, "1994-11-06T08:49:00Z".parse().unwrap())
    }

    #[test]
    fn seconds_and_dates_are_read_and_capped() {
        assert_eq!(read("0"), Some(0));
        assert_eq!(read(" 7 "), Some(7));
        assert_eq!(read("301"), Some(300));
        assert_eq!(read("99999999999999999999999999"), Some(300));
        assert_eq!(read("Sun, 06 Nov 1994 08:49:37 GMT"), Some(37));
        assert_eq!(read("Sun, 06 Nov 2094 08:49:37 GMT"), None, "the weekday is wrong");
        assert_eq!(read("Sat, 06 Nov 2094 08:49:37 GMT"), Some(300));
        assert_eq!(read("Sun, 06 Nov 1994 08:00:00 GMT"), Some(0));
    }

    #[test]
    fn anything_else_is_nothing() {
        for bad in ["", "soon", "-1", "1.5", "7s", "Sun, 06 Nov"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
