//! Comparing what came with what was expected.

use serde_json::Value;

/// Whether a value fits a pattern: `"*"` fits any value, an object fits where each of the
/// pattern's members fits (others do not matter; `"(absent)"` fits a member that is not there), an
/// array fits item by item, all else must be equal.
pub fn matches(pattern: &Value, value: &Value) -> bool {
    match (pattern, value) {
        (Value::String(any), _) if any == "*" => true,
        (Value::Object(pattern), Value::Object(value)) => {
            pattern.iter().all(|(name, expected)| match value.get(name) {
                Some(found) => matches(expected, found),
                None => expected == "(absent)",
            })
        }
        (Value::Array(pattern), Value::Array(value)) => {
            pattern.len() == value.len() && pattern.iter().zip(value).all(|(p, v)| matches(p, v))
        }
        _ => pattern == value,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn objects_fit_by_the_members_that_are_named() {
        let value = json!({"a": 1, "b": {"c": [1, 2]}});
        assert!(matches(&json!({"a": 1}), &value));
        assert!(matches(&json!({"b": {"c": [1, "*"]}, "d": "(absent)"}), &value));
        assert!(!matches(&json!({"a": 2}), &value));
        assert!(!matches(&json!({"a": null}), &value));
        assert!(!matches(&json!({"d": "*"}), &value));
        assert!(!matches(&json!({"d": null}), &value));
        assert!(!matches(&json!({"a": "(absent)"}), &value));
        assert!(!matches(&json!({"b": {"c": [1]}}), &value));
    }
}
