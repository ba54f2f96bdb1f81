//! A host app to try minihost with: one process that holds an authorization server, two
//! mini-programs with backends, and a web page that shows a phone. Everything stays on 127.0.0.1.

mod addresses;
mod browser;
mod cli;
mod data_dir;
mod demo;
mod logging;
mod node_program;
mod output;
mod phone;
mod publishers;
mod serving;
mod startup;
mod steering;
mod storage;

use std::{
    error::Error,
    io::{self, Write as _},
    process::ExitCode,
    sync::Arc,
};

use clap::Parser as _;

use crate::{cli::Cli, demo::Demo, startup::Running};

fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(&cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "{}", sentence(&error.to_string()));
            ExitCode::FAILURE
        }
    }
}

#[tokio::main]
async fn run(cli: &Cli) -> Result<(), Box<dyn Error>> {
    logging::start()?;
    let mut stop = Box::pin(stop_signal()?);
    let demo = Arc::new(Demo::new());
    let running = tokio::select! {
        started = startup::start(cli, demo.clone()) => started?,
        () = &mut stop => return Ok(()),
    };
    let announced = announce(cli, &running, &demo);
    if announced.is_ok() {
        if !cli.no_open {
            browser::open(output::page(&running.addresses.simulator));
        }
        stop.await;
        tracing::info!("stopping");
    }
    running.stop().await;
    announced.map_err(|error| format!("Standard output cannot be written: {error}").into())
}

fn announce(cli: &Cli, running: &Running, demo: &Demo) -> io::Result<()> {
    if let Some(notice) = running.storage.notice() {
        writeln!(io::stderr(), "{notice}")?;
    }
    let mut out = io::stdout().lock();
    if cli.json {
        output::write_json(&mut out, &running.addresses, demo, running.door.as_ref())
    } else {
        output::write_text(&mut out, &running.addresses, demo)
    }
}

/// Ends when the user, or whoever started the process, wants it to stop.
#[cfg(unix)]
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

#[cfg(not(unix))]
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    Ok(async {
        // Without a handler Ctrl-C ends the process by itself.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}

/// The parts word their errors in two ways; a user reads whole sentences.
fn sentence(error: &str) -> String {
    let mut characters = error.chars();
    let first: String = characters.next().into_iter().flat_map(char::to_uppercase).collect();
    let end = if error.ends_with('.') { "" } else { "." };
    format!("{first}{}{end}", characters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_told_in_a_whole_sentence() {
        assert_eq!(sentence("the file is damaged"), "The file is damaged.");
        assert_eq!(sentence("Port 1 is in use."), "Port 1 is in use.");
    }
}
