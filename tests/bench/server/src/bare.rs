//! A server that does nothing but answer, in a child process of this program.

use std::io::{Read as _, Write as _};

use axum::Router;
use axum::routing::get;
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;

use crate::failure::Outcome;

/// What it says on its first line.
#[derive(Serialize, Deserialize)]
pub(crate) struct Ready {
    pub(crate) port: u16,
}

/// Answers every request with two bytes until standard input ends.
pub(crate) async fn serve() -> Outcome<()> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let ready = Ready { port: listener.local_addr()?.port() };
    writeln!(std::io::stdout(), "{}", serde_json::to_string(&ready)?)?;
    std::thread::spawn(|| {
        // An end, however it comes, means that the program that started this one has gone.
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
    axum::serve(listener, Router::new().route("/", get(async || "ok"))).await?;
    Ok(())
}
