//! What each part of the gate does, one module a part.

pub(crate) mod deny;
pub(crate) mod e2e;
pub(crate) mod format;
pub(crate) mod interop;
pub(crate) mod javascript;
pub(crate) mod keyring;
pub(crate) mod kotlin;
pub(crate) mod layers;
pub(crate) mod lints;
pub(crate) mod package;
pub(crate) mod phones;
pub(crate) mod registry;
pub(crate) mod rust;
pub(crate) mod soak;
pub(crate) mod swift;
pub(crate) mod webkit;
