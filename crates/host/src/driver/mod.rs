//! Drives the mediator: a short lock around the machine, and everything that waits outside it.

mod afterwards;
mod calls;
mod effects;
mod lane;
mod leash;
mod machine;
mod mini_host;
mod prompts;
mod queue;
mod saves;
mod start;
mod timer;
mod undelivered;
mod under_way;

pub(crate) use lane::{Ground, Handed, Lane};
pub use mini_host::{MiniHost, OpenError, RevokeError};
pub use start::{OptionalPorts, Ports, StartError};
