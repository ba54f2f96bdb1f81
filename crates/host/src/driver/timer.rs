//! Tells the mediator when a deadline has come.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Weak},
    time::Duration,
};

use minihost_core::Input;
use tokio::sync::Notify;

use super::machine::Inner;

/// How long a clock that has panicked is left alone.
const REST: Duration = Duration::from_secs(1);

/// The host's clock panicked.
struct Panicked;

/// Sleeps until the next deadline, again and again, until the host is gone. `changed` wakes it
/// when there is an earlier one. A fault in the host's clock puts deadlines off and does not
/// end them.
pub(super) async fn run(host: Weak<Inner>, changed: Arc<Notify>) {
    loop {
        let wait = match host.upgrade() {
            Some(host) => guarded(|| host.time_to_deadline()),
            None => return,
        };
        let ticked = match wait {
            Err(panicked) => Err(panicked),
            Ok(None) => {
                changed.notified().await;
                Ok(())
            }
            // In this order: what is due is due, whatever else may have changed.
            Ok(Some(wait)) => tokio::select! {
                biased;
                () = tokio::time::sleep(wait) => match host.upgrade() {
                    Some(host) => guarded(|| host.apply(Input::Tick)),
                    None => return,
                },
                () = changed.notified() => Ok(()),
            },
        };
        if let Err(Panicked) = ticked {
            tokio::time::sleep(REST).await;
        }
    }
}

/// Calls what reads the host's clock.
fn guarded<T>(call: impl FnOnce() -> T) -> Result<T, Panicked> {
    catch_unwind(AssertUnwindSafe(call)).map_err(|_| {
        tracing::error!("the host's clock panicked; deadlines are looked at again in a second");
        Panicked
    })
}
