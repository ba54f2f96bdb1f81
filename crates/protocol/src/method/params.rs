//! Typed access to the members of `params`.

use serde_json::{Map, Value};

use super::ParamsResult;
use crate::{Failure, Reason};

/// The parameters of one call, read member by member.
#[derive(Debug)]
pub struct Params<'a>(pub &'a Map<String, Value>);

impl<'a> Params<'a> {
    /// A member that must be there.
    pub fn required<T>(&self, name: &str, value: Option<T>) -> ParamsResult<T> {
        value.ok_or_else(|| invalid(format!("`{name}` is required.")))
    }

    /// A string, or nothing where the member is absent. `null` is not a string.
    pub fn text(&self, name: &str) -> ParamsResult<Option<&'a str>> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(invalid(format!("`{name}` must be a string."))),
        }
    }

    /// A string of at most `limit` characters.
    pub fn short_text(&self, name: &str, limit: usize) -> ParamsResult<Option<&'a str>> {
        match self.text(name)? {
            Some(text) if text.chars().count() > limit => {
                Err(invalid(format!("`{name}` is longer than {limit} characters.")))
            }
            text => Ok(text),
        }
    }

    /// A list of strings.
    pub fn texts(&self, name: &str) -> ParamsResult<Option<Vec<&'a str>>> {
        let wrong = || invalid(format!("`{name}` must be an array of strings."));
        match self.0.get(name) {
            None => Ok(None),
            Some(Value::Array(items)) => items
                .iter()
                .map(|item| item.as_str().ok_or_else(wrong))
                .collect::<Result<_, _>>()
                .map(Some),
            Some(_) => Err(wrong()),
        }
    }

    /// A whole number that is not negative.
    pub fn whole(&self, name: &str) -> ParamsResult<Option<u64>> {
        match self.0.get(name) {
            None => Ok(None),
            Some(value) => value
                .as_u64()
                .map(Some)
                .ok_or_else(|| invalid(format!("`{name}` must be a whole number."))),
        }
    }
}

/// The failure for a parameter that is missing or of the wrong kind.
pub(crate) fn invalid(message: impl Into<String>) -> Failure {
    Failure::new(Reason::InvalidRequest, message)
}
