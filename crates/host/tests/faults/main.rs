//! The faults that a host must survive, a test for each row of the table: the network, the clock, the
//! secret store. The transport is the real one, on real sockets, against a server that misbehaves.
//!
//! In every row: the user stays signed in unless the server ends the sign-in, nothing that is no
//! token is taken for one, and once the fault is over the next request or the one after it succeeds.
#![cfg(test)]

mod clock;
mod cut;
mod network;
mod server;
mod stage;
mod storage;
