//! The machine as its callers see it: inputs in, effects out.
#![cfg(test)]

mod audit;
mod coverage;
mod histories;
mod names;
mod queue;
mod transcripts;
mod waiting;
