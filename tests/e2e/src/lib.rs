//! What the browser tests stand on: the sample host as a process of its own, Chromium through
//! chromedriver, and the phone as its user sees it.
//!
//! The tests need two programs: the sample host (`MINIHOST_SAMPLE_HOST`, else the one in the
//! target directory) and `chromedriver` with `chromium`. `cargo xtask test e2e` brings both.
//! Screenshots go to `MINIHOST_SCREENSHOTS`, else to `target/screenshots`.

pub mod authorization_server;
pub mod browser;
pub mod leaks;
pub mod phone;
pub mod sample_host;
pub mod sockets;
pub mod stranger;
pub mod web;

use std::{future::Future, time::Duration};

/// How long a condition may take to come true on a slow machine.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Waits until a condition holds and gives what it found.
///
/// # Panics
/// After [`PATIENCE`], naming what did not come.
pub async fn eventually<T, F, Fut>(what: &str, mut condition: F) -> T
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Option<T>>,
{
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        if let Some(found) = condition().await {
            return found;
        }
        assert!(tokio::time::Instant::now() < deadline, "this did not come: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
