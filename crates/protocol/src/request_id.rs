//! The `id` by which a page finds the answer to its request.

use serde::{Serialize, Serializer};
use serde_json::Value;

/// The largest integer id: 2^53 − 1, the last one that JavaScript counts exactly.
pub(crate) const LARGEST_NUMBER: u64 = (1 << 53) - 1;

/// The longest text id, in characters.
pub(crate) const LONGEST_TEXT: usize = 64;

/// A request's id, unique among the document's pending requests.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RequestId {
    /// An integer from 0 to 2^53 − 1.
    Number(u64),
    /// A string of 1 to 64 characters.
    Text(String),
}

impl RequestId {
    /// Reads an id; `None` where the value is not one (null, fractions, negative, too long).
    pub fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Number(number) => {
                number.as_u64().filter(|n| *n <= LARGEST_NUMBER).map(Self::Number)
            }
            Value::String(text) if (1..=LONGEST_TEXT).contains(&text.chars().count()) => {
                Some(Self::Text(text.clone()))
            }
            _ => None,
        }
    }
}

impl Serialize for RequestId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Number(number) => serializer.serialize_u64(*number),
            Self::Text(text) => serializer.serialize_str(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn ids_are_short_text_or_exact_integers() {
        assert_eq!(RequestId::from_value(&json!(0)), Some(RequestId::Number(0)));
        let largest = json!(LARGEST_NUMBER);
        assert_eq!(RequestId::from_value(&largest), Some(RequestId::Number(LARGEST_NUMBER)));
        assert_eq!(RequestId::from_value(&json!("a")), Some(RequestId::Text("a".into())));
        assert!(RequestId::from_value(&json!("茶".repeat(64))).is_some());
    }

    #[test]
    fn everything_else_is_no_id() {
        let too_long = json!("a".repeat(65));
        for value in
            [json!(null), json!(-1), json!(1.5), json!(1u64 << 53), json!(""), too_long, json!([1])]
        {
            assert_eq!(RequestId::from_value(&value), None, "{value}");
        }
    }
}
