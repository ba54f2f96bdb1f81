//! A host's backend: it holds the host's credentials, so that no app does, and makes code requests for
//! apps whose users have agreed there. WIRE: `POST /v1/codes`, `DELETE /v1/grants/{clientId}`.
//!
//! Every request is checked anew: whose token it is, which client the token was issued to, that the
//! mini-program and its redirect URI are registered here, that the scopes are what the user agreed to.

mod answer;
mod cli;
mod codes;
mod config;
mod failure;
mod grants;
mod idempotency;
mod identify;
mod limits;
mod log;
mod problem;
mod request;
mod serve;
mod state;

use std::process::ExitCode;

use clap::Parser;

use crate::cli::Arguments;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match serve::run(arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            cli::complain(&failure);
            ExitCode::FAILURE
        }
    }
}
