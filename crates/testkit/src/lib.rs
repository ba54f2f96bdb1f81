//! What tests of minihost share. Never a dependency of a crate that ships.
//!
//! [`Machine`] is the mediator with a clock that only moves when told and ids that count up.
//! [`transcript`] plays the JSON histories of `tests/vectors` against it.

mod approved;
mod fixtures;
mod machine;
mod pattern;
mod render;
pub mod transcript;

pub use approved::{approved_code_request, code_request_approved_by};
pub use fixtures::{CHALLENGE, alice, bob, call, initialize, manifest, request_code};
pub use machine::Machine;
pub use pattern::matches;
pub use render::render;
