//! What values look like.

use serde_json::Value;

use super::Member;
use crate::{RequestId, method::request_code::is_scope_token};

/// The most scopes in one list.
pub const SCOPES: usize = 32;

/// The length of an S256 challenge in base64url (RFC 7636 §4.2).
const CHALLENGE_LENGTH: usize = 43;

/// What a value looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A string.
    Text,
    /// A string of at most so many characters.
    ShortText(usize),
    /// One of these strings.
    OneOf(&'static [&'static str]),
    /// 1 to 32 different scope tokens (RFC 6749 §3.3) of at most 128 characters each.
    Scopes,
    /// Any number of scope tokens.
    AnyScopes,
    /// 43 base64url characters: an S256 challenge (RFC 7636 §4.2).
    Challenge,
    /// A list of strings.
    Texts,
    /// A whole number that is not negative.
    Whole,
    /// `true` or `false`.
    Flag,
    /// An instant in UTC (RFC 3339).
    Time,
    /// A string of 1 to 64 characters, or an integer from 0 to 2^53 − 1.
    RequestId,
    /// An object with these members.
    Object(&'static [Member<'static>]),
    /// A list of objects with these members.
    Objects(&'static [Member<'static>]),
    /// An object with any names, each with one of these strings.
    Table(&'static [&'static str]),
    /// Whatever JSON can say.
    Anything,
}

impl Form {
    /// Whether a value looks like this, members of objects apart.
    pub(super) fn fits(self, value: &Value) -> bool {
        match self {
            Self::Text => value.is_string(),
            Self::ShortText(limit) => {
                value.as_str().is_some_and(|text| text.chars().count() <= limit)
            }
            Self::OneOf(texts) => value.as_str().is_some_and(|text| texts.contains(&text)),
            Self::Scopes => scope_list(value).is_some_and(|scopes| {
                (1..=SCOPES).contains(&scopes.len())
                    && scopes.iter().enumerate().all(|(i, scope)| !scopes[..i].contains(scope))
            }),
            Self::AnyScopes => scope_list(value).is_some(),
            Self::Challenge => value.as_str().is_some_and(is_challenge),
            Self::Texts => value.as_array().is_some_and(|items| items.iter().all(Value::is_string)),
            Self::Whole => value.is_u64(),
            Self::Flag => value.is_boolean(),
            Self::Time => value.as_str().is_some_and(is_utc_time),
            Self::RequestId => RequestId::from_value(value).is_some(),
            Self::Object(_) => value.is_object(),
            Self::Objects(_) => {
                value.as_array().is_some_and(|items| items.iter().all(Value::is_object))
            }
            Self::Table(texts) => value.as_object().is_some_and(|table| {
                table.values().all(|text| text.as_str().is_some_and(|text| texts.contains(&text)))
            }),
            Self::Anything => true,
        }
    }

    /// What a value must be, as the end of “`name` must be …”.
    pub fn demand(self) -> String {
        let quoted = |texts: &[&str]| texts.join(", ");
        match self {
            Self::Text => "a string".into(),
            Self::ShortText(limit) => format!("a string of at most {limit} characters"),
            Self::OneOf([only]) => format!("\"{only}\""),
            Self::OneOf(texts) => format!("one of {}", quoted(texts)),
            Self::Scopes => {
                "1 to 32 different RFC 6749 scope-tokens of at most 128 characters".into()
            }
            Self::AnyScopes => "an array of RFC 6749 scope-tokens of at most 128 characters".into(),
            Self::Challenge => "43 base64url characters".into(),
            Self::Texts => "an array of strings".into(),
            Self::Whole => "a whole number that is not negative".into(),
            Self::Flag => "true or false".into(),
            Self::Time => "an RFC 3339 time in UTC".into(),
            Self::RequestId => "a string of 1 to 64 characters or an integer in 0..2^53-1".into(),
            Self::Object(_) => "an object".into(),
            Self::Objects(_) => "an array of objects".into(),
            Self::Table(texts) => format!("an object whose values are among {}", quoted(texts)),
            Self::Anything => "any JSON value".into(),
        }
    }
}

fn scope_list(value: &Value) -> Option<Vec<&str>> {
    value
        .as_array()?
        .iter()
        .map(|item| item.as_str().filter(|scope| is_scope_token(scope)))
        .collect()
}

fn is_challenge(text: &str) -> bool {
    let is_base64url = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    text.len() == CHALLENGE_LENGTH && text.bytes().all(is_base64url)
}

/// Whether a text has the outline of an RFC 3339 time with the offset `Z`. Times are only ever
/// written by the host; this guards the shape that pages see.
fn is_utc_time(text: &str) -> bool {
    let outline = |at: usize, byte: u8| match at {
        4 | 7 => byte == b'-',
        10 => byte == b'T',
        13 | 16 => byte == b':',
        _ => byte.is_ascii_digit(),
    };
    let (Some(seconds), Some(rest)) = (text.get(..19), text.get(19..)) else { return false };
    let Some(fraction) = rest.strip_suffix('Z') else { return false };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    seconds.bytes().enumerate().all(|(at, byte)| outline(at, byte))
        && (fraction.is_empty() || fraction.strip_prefix('.').is_some_and(digits))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn times_are_told_in_utc() {
        for text in ["2026-01-31T00:00:00Z", "2026-01-31T00:00:00.123456Z"] {
            assert!(Form::Time.fits(&json!(text)), "{text}");
        }
        for text in ["2026-01-31", "2026-01-31T00:00:00+00:00", "2026-01-31 00:00:00Z", "", "茶"] {
            assert!(!Form::Time.fits(&json!(text)), "{text}");
        }
    }

    #[test]
    fn a_scope_list_names_each_scope_once_and_at_least_one() {
        assert!(Form::Scopes.fits(&json!(["openid", "email"])));
        for list in [json!([]), json!(["a", "a"]), json!(["two words"]), json!("openid")] {
            assert!(!Form::Scopes.fits(&list), "{list}");
        }
        assert!(Form::AnyScopes.fits(&json!([])));
    }

    #[test]
    fn null_looks_like_nothing_but_anything() {
        let forms = [Form::Text, Form::Whole, Form::Flag, Form::Texts, Form::Object(&[])];
        assert!(forms.iter().all(|form| !form.fits(&json!(null))));
        assert!(Form::Anything.fits(&json!(null)));
    }
}
