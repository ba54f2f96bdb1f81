//! The command line.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line program")]

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Parser;

use crate::failure::Failure;

/// Makes code requests for a host's apps, with credentials that no app holds.
#[derive(Parser)]
#[command(name = "minihost-relay", version)]
pub(crate) struct Arguments {
    /// The configuration file; README.md has its format
    #[arg(long, value_name = "FILE")]
    pub(crate) config: PathBuf,
    /// Read the configuration, say what is wrong with it, and end
    #[arg(long)]
    pub(crate) check: bool,
}

/// Says where requests are taken, in one line that programs can read.
pub(crate) fn announce(address: SocketAddr) {
    println!("{}", serde_json::json!({ "address": format!("http://{address}") }));
}

pub(crate) fn complain(failure: &Failure) {
    eprintln!("minihost-relay: {failure}");
}
