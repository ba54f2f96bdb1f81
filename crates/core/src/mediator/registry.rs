//! The methods there are. What is not listed here is refused, and what is listed is what
//! `host.initialize` tells.

use minihost_protocol::method::{initialize, request_code};

/// A method that gets an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    Initialize,
    RequestCode,
}

/// Every method's name, as pages learn it.
pub(super) const NAMES: &[&str] = &[INITIALIZE, REQUEST_CODE];

const INITIALIZE: &str = initialize::METHOD.name;
const REQUEST_CODE: &str = request_code::METHOD.name;

/// Every event's name.
pub(super) const EVENTS: &[&str] = &[];

impl Method {
    /// Finds a method by its exact name.
    pub(super) fn find(name: &str) -> Option<Self> {
        match name {
            INITIALIZE => Some(Self::Initialize),
            REQUEST_CODE => Some(Self::RequestCode),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_can_be_called_and_nothing_else() {
        assert!(NAMES.iter().all(|name| Method::find(name).is_some()));
        for name in ["", "auth.requestcode", "auth.requestCode ", "host.exec", "constructor"] {
            assert_eq!(Method::find(name), None);
        }
    }
}
