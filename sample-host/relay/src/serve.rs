//! Taking requests until the process is asked to end.

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{delete, get, post};
use tokio::net::TcpListener;

use crate::cli::{self, Arguments};
use crate::codes;
use crate::config::Config;
use crate::failure::Failure;
use crate::grants::Grants;
use crate::log;
use crate::state::Relay;

/// The largest request.
const MAX_BODY: usize = 64 * 1024;

pub(crate) async fn run(arguments: Arguments) -> Result<(), Failure> {
    let config = Config::read(&arguments.config)?;
    let listen = config.listen();
    if arguments.check {
        // A file would belong to whoever checks, who need not be the one that serves.
        Relay::new(config, Grants::in_memory()?)?;
        return Ok(());
    }
    let grants = Grants::open(&config.database)?;
    let relay = Relay::new(config, grants)?;
    log::start()?;
    let listener = TcpListener::bind(listen).await?;
    let address = listener.local_addr()?;
    tracing::info!(%address, "taking requests");
    cli::announce(address);
    axum::serve(listener, router(relay)).with_graceful_shutdown(asked_to_end()).await?;
    Ok(())
}

fn router(relay: Arc<Relay>) -> Router {
    Router::new()
        .route("/v1/codes", post(codes::issue))
        .route("/v1/grants/{client_id}", delete(codes::end))
        .route("/health", get(|| async { "ok" }))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(relay)
}

async fn asked_to_end() {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminated) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = interrupted => {}
                _ = terminated.recv() => {}
            }
            return;
        }
    }
    // Without a signal to wait for it runs until it is killed.
    if interrupted.await.is_err() {
        std::future::pending::<()>().await;
    }
}
