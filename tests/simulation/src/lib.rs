//! Random histories of a host, in virtual time, judged by a model of its rules.
//!
//! A history is one seed. From it comes everything that is left to chance: what the pages of three
//! mini-programs send, what the user does, how disk, keychain, network and authorization server
//! behave, and when the host's process dies. The host is the real one: machine, driver, sign-in,
//! code requests, and the file of grants. `README.md` tells how to run them.
//!
//! * [`simulate`]: many histories on all cores; [`replay`]: one with its log
//! * `history`, `life`, `day`: a seed, a process, a step
//! * `page`, `bridge`: what pages send, and how
//! * `world/`: the ports, each of which may fail
//! * `judge/`: the model, one file for the rules of one kind

mod bridge;
mod chance;
mod day;
mod doings;
mod history;
mod judge;
mod life;
mod limits;
mod log;
mod page;
mod rule;
mod runner;
mod watch;
mod world;

pub use history::{Broken, Reached, Verdict};
pub use minihost::Breakage;
pub use rule::{Rule, Violation};
pub use runner::{AfterViolation, Tally, replay, simulate};
