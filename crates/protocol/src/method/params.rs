//! Typed access to the members of `params`, once they were checked against their declaration.

use serde_json::{Map, Value};

use super::ParamsResult;
use crate::{
    Failure, Reason,
    declaration::{Method, check},
};

/// The parameters of one call that look as its method declares.
#[derive(Debug)]
pub(crate) struct Params<'a>(&'a Map<String, Value>);

impl<'a> Params<'a> {
    /// Checks the parameters.
    pub(crate) fn check(method: &Method, params: &'a Map<String, Value>) -> ParamsResult<Self> {
        check(method.params.iter().copied(), params)?;
        Ok(Self(params))
    }

    /// A string.
    pub(crate) fn text(&self, name: &str) -> Option<&'a str> {
        self.0.get(name)?.as_str()
    }

    /// A string of its own.
    pub(crate) fn owned(&self, name: &str) -> Option<String> {
        self.text(name).map(str::to_owned)
    }

    /// A list of strings.
    pub(crate) fn texts(&self, name: &str) -> Option<Vec<String>> {
        let items = self.0.get(name)?.as_array()?;
        Some(items.iter().filter_map(Value::as_str).map(str::to_owned).collect())
    }

    /// A whole number.
    pub(crate) fn whole(&self, name: &str) -> Option<u64> {
        self.0.get(name)?.as_u64()
    }
}

/// The failure for a parameter that is missing or of the wrong kind.
pub(crate) fn invalid(message: impl Into<String>) -> Failure {
    Failure::new(Reason::InvalidRequest, message)
}
