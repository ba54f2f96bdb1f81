//! What a call and a callback cost by themselves, for `cargo xtask bench kotlin` to compare with. No
//! library that is shipped has them.

use std::sync::Arc;

use crate::{port_error::PortError, sink::ContainerSink};

/// Takes a text and gives back so many bytes of it.
#[uniffi::export]
pub fn bare_call(text: String, bytes: u32) -> String {
    let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
    text.get(..bytes).map(str::to_owned).unwrap_or(text)
}

/// Hands a text to a sink so many times, on the thread that calls.
///
/// # Errors
/// [`PortError`], the sink's own.
#[uniffi::export]
pub fn call_back(sink: Arc<dyn ContainerSink>, text: &str, times: u32) -> Result<(), PortError> {
    (0..u64::from(times)).try_for_each(|to| sink.deliver(1, 1, Some(to), text.to_owned()))
}
