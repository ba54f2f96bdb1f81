//! Drives the mediator: a short lock around the machine, and everything that waits outside it.

mod calls;
mod effects;
mod lane;
mod leash;
mod mini_host;
mod timer;
mod under_way;

pub(crate) use lane::{Ground, Lane};
pub use mini_host::{MiniHost, OpenError, OptionalPorts, Ports, RevokeError, StartError};
