//! The machine as its callers see it: inputs in, effects out.
#![cfg(test)]

mod answers;
mod asking;
mod audit;
mod coverage;
mod histories;
mod methods;
mod names;
mod opening;
mod queue;
mod transcripts;
mod waiting;
