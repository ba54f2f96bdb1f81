//! JSON in which nothing is ambiguous or boundless: no duplicate members, bounded length, depth and
//! member count.
//!
//! `serde_json::Value` would keep the last of two equal members without a word, so that two
//! readers of one message could see different requests.

use std::{cell::Cell, fmt};

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::limits;

/// How large a text may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Its length in bytes of UTF-8.
    pub bytes: usize,
    /// The nesting of its arrays and objects.
    pub depth: usize,
    /// The members of all its objects together.
    pub members: usize,
}

impl Bounds {
    /// Of a message of the bridge.
    pub(crate) const MESSAGE: Self =
        Self { bytes: limits::MESSAGE_BYTES, depth: limits::DEPTH, members: limits::MEMBERS };
}

/// Why a text is not acceptable JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Longer than its bounds.
    TooLong,
    /// Not JSON, not UTF-8, a lone surrogate, or something after the value.
    NotJson,
    /// Two members of one object have the same name.
    Duplicate,
    /// Nested deeper than its bounds.
    TooDeep,
    /// More members than its bounds.
    TooManyMembers,
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::TooLong => "it is too long",
            Self::NotJson => "it is not UTF-8 JSON",
            Self::Duplicate => "an object has two members of one name",
            Self::TooDeep => "it is nested too deep",
            Self::TooManyMembers => "it has too many members",
        })
    }
}

/// Reads one JSON text that fills `bytes`.
///
/// # Errors
/// [`Fault`].
pub fn read(bytes: &[u8], bounds: Bounds) -> Result<Value, Fault> {
    if bytes.len() > bounds.bytes {
        return Err(Fault::TooLong);
    }
    let limiter = Limiter { bounds, fault: Cell::new(None), members: Cell::new(0) };
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = Strict { limiter: &limiter, depth: 0 }
        .deserialize(&mut deserializer)
        .and_then(|value| deserializer.end().map(|()| value));
    value.map_err(|_| limiter.fault.get().unwrap_or(Fault::NotJson))
}

struct Limiter {
    bounds: Bounds,
    fault: Cell<Option<Fault>>,
    members: Cell<usize>,
}

impl Limiter {
    fn refuse<E: Error>(&self, fault: Fault) -> E {
        self.fault.set(Some(fault));
        E::custom("outside the bounds")
    }
}

#[derive(Clone, Copy)]
struct Strict<'a> {
    limiter: &'a Limiter,
    depth: usize,
}

impl Strict<'_> {
    fn deeper<E: Error>(self) -> Result<Self, E> {
        if self.depth == self.limiter.bounds.depth {
            return Err(self.limiter.refuse(Fault::TooDeep));
        }
        Ok(Self { depth: self.depth + 1, ..self })
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("not a finite number"))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut items = Vec::new();
        while let Some(item) = access.next_element_seed(inner)? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut members = Map::new();
        while let Some(name) = access.next_key::<String>()? {
            let count = self.limiter.members.get() + 1;
            self.limiter.members.set(count);
            if count > self.limiter.bounds.members {
                return Err(self.limiter.refuse(Fault::TooManyMembers));
            }
            let value = access.next_value_seed(inner)?;
            if members.insert(name, value).is_some() {
                return Err(self.limiter.refuse(Fault::Duplicate));
            }
        }
        Ok(Value::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(bytes: &[u8]) -> Result<Value, Fault> {
        super::read(bytes, Bounds::MESSAGE)
    }

    #[test]
    fn ordinary_json_is_read_whole() {
        let text = r#"{"a":[1,-2,1.5,true,null,"\u8336"],"b":{"c":"d"}}"#;
        let expected = json!({"a":[1,-2,1.5,true,null,"茶"],"b":{"c":"d"}});
        assert_eq!(read(text.as_bytes()), Ok(expected));
    }

    #[test]
    fn duplicate_members_are_refused_at_any_depth_and_in_any_spelling() {
        assert_eq!(read(br#"{"a":1,"a":2}"#), Err(Fault::Duplicate));
        assert_eq!(read(br#"[{"x":{"a":1,"\u0061":2}}]"#), Err(Fault::Duplicate));
    }

    #[test]
    fn depth_is_counted_to_the_limit_and_no_further() {
        let nested = |n: usize| "[".repeat(n) + &"]".repeat(n);
        assert!(read(nested(limits::DEPTH).as_bytes()).is_ok());
        assert_eq!(read(nested(limits::DEPTH + 1).as_bytes()), Err(Fault::TooDeep));
        assert_eq!(read("[".repeat(60_000).as_bytes()), Err(Fault::TooDeep));
    }

    #[test]
    fn members_are_counted_over_all_objects() {
        let object = |n: usize| {
            let members: Vec<String> = (0..n).map(|i| format!("\"{i}\":0")).collect();
            format!("{{{}}}", members.join(","))
        };
        assert!(read(object(limits::MEMBERS).as_bytes()).is_ok());
        assert_eq!(read(object(limits::MEMBERS + 1).as_bytes()), Err(Fault::TooManyMembers));
        let two = format!("[{},{}]", object(limits::MEMBERS), object(1));
        assert_eq!(read(two.as_bytes()), Err(Fault::TooManyMembers));
    }

    #[test]
    fn length_is_checked_before_anything_is_read() {
        let fits = format!("\"{}\"", "a".repeat(limits::MESSAGE_BYTES - 2));
        assert!(read(fits.as_bytes()).is_ok());
        assert_eq!(read(&[b'{'; limits::MESSAGE_BYTES + 1]), Err(Fault::TooLong));
    }

    #[test]
    fn text_that_is_not_json_is_refused() {
        for text in [
            "",
            "{",
            "{} {}",
            "nul",
            "{\"a\":NaN}",
            "\u{feff}{}",
            "\"\\ud800\"",
            "{'a':1}",
            "01",
            "\"\\x\"",
            "[1,]",
            "\"\n\"",
        ] {
            assert_eq!(read(text.as_bytes()), Err(Fault::NotJson), "{text:?}");
        }
        assert_eq!(read(b"\"\xff\""), Err(Fault::NotJson));
    }
}
