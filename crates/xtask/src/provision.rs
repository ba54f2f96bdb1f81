//! Tools and packages that a command needs and a machine may lack.

pub(crate) mod cargo_tool;
pub(crate) mod debs;
pub(crate) mod kept;
pub(crate) mod npm;
pub(crate) mod standard_library;
pub(crate) mod swift;
pub(crate) mod system;
