//! Drives the mediator: a short lock around the machine, and everything that waits outside it.

mod effects;
mod lane;
mod mini_host;
mod timer;

pub use mini_host::{MiniHost, OpenError, Ports, StartError};
