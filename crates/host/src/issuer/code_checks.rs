//! What every code and its scopes must hold to, whichever profile brought them.

use std::collections::BTreeSet;

use minihost_core::Scope;

use super::IssueError;

/// The longest code, grant id or scope that is taken.
const LONGEST: usize = 4096;

/// RFC 6749 §A.11 for codes.
pub(super) fn is_visible_ascii(text: &str) -> bool {
    (1..=LONGEST).contains(&text.len()) && text.bytes().all(|byte| (0x20..=0x7e).contains(&byte))
}

/// Holds what was granted against what was asked.
pub(super) fn within(granted: &BTreeSet<Scope>, asked: &BTreeSet<Scope>) -> Result<(), IssueError> {
    if granted.is_empty() {
        Err(IssueError::BadAnswer { what: "it grants no scope" })
    } else if !granted.is_subset(asked) {
        Err(IssueError::ScopeWiderThanAsked)
    } else {
        Ok(())
    }
}
