//! Tools that the gate needs and a machine may lack.

pub(crate) mod cargo_deny;
pub(crate) mod kept;
pub(crate) mod system;
