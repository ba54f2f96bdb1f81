//! Attacks on what the host decides.
#![cfg(test)]

mod agreements;
mod consent;
mod identity;
mod manifests;
mod methods;
mod replies;
mod resources;
mod secrets;
mod silence;
mod stage;
