//! Tells the mediator when a deadline has come.

use std::sync::{Arc, Weak};

use minihost_core::Input;
use tokio::sync::Notify;

use super::machine::Inner;

/// Sleeps until the next deadline, again and again, until the host is gone. `changed` wakes it
/// when there is an earlier one.
pub(super) async fn run(host: Weak<Inner>, changed: Arc<Notify>) {
    loop {
        let Some(wait) = host.upgrade().map(|host| host.time_to_deadline()) else { return };
        match wait {
            None => changed.notified().await,
            // In this order: what is due is due, whatever else may have changed.
            Some(wait) => tokio::select! {
                biased;
                () = tokio::time::sleep(wait) => {
                    let Some(host) = host.upgrade() else { return };
                    host.apply(Input::Tick);
                }
                () = changed.notified() => {}
            },
        }
    }
}
