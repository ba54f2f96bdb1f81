//! Sets a stage for a command, or until it is interrupted.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line program")]

use std::env;
use std::process::ExitCode;

use minihost_interop::{Failure, Stage};
use tokio::process::Command;

const USAGE: &str = "usage: minihost-interop [-- COMMAND [ARGUMENT]…]";

/// What the address of the stage is called in the environment of the command.
const ADDRESS: &str = "MINIHOST_INTEROP";
/// Where runtimes look for the file of further or other authorities: Node, Python's requests, and
/// OpenSSL and Go.
const TRUSTED: [&str; 3] = ["NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"];

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let command = match arguments.split_first() {
        None => None,
        Some((first, rest)) if first == "--" && !rest.is_empty() => Some(rest.to_vec()),
        Some(_) => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    run(command).await.unwrap_or_else(|failure| {
        eprintln!("{failure}");
        ExitCode::FAILURE
    })
}

async fn run(command: Option<Vec<String>>) -> Result<ExitCode, Failure> {
    let stage = Stage::set().await?;
    let Some(command) = command else {
        println!("{ADDRESS}={}", stage.control());
        println!("the authorization server: {}", stage.issuer());
        println!("its authority: {}", stage.authority_file().display());
        tokio::signal::ctrl_c().await?;
        return Ok(ExitCode::SUCCESS);
    };
    let mut child = Command::new(&command[0])
        .args(&command[1..])
        .env(ADDRESS, stage.control())
        .envs(TRUSTED.map(|name| (name, stage.authority_file())))
        .kill_on_drop(true)
        .spawn()?;
    let status = child.wait().await?;
    Ok(status
        .code()
        .and_then(|code| u8::try_from(code).ok())
        .map_or(ExitCode::FAILURE, ExitCode::from))
}
