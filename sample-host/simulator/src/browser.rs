//! Opening the simulator where somebody can see it.

use std::env;

/// Opens the page in the default browser, where there is a display. That it cannot be opened is no
/// reason to stop: the address is on standard output.
pub(crate) async fn open(page: String) {
    if !has_display() {
        return;
    }
    let opened = tokio::task::spawn_blocking(move || opener::open_browser(page)).await;
    if let Ok(Err(error)) = opened {
        tracing::warn!(%error, "the browser cannot be opened; open the simulator's address by hand");
    }
}

fn has_display() -> bool {
    let is_set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
    cfg!(any(target_os = "macos", windows)) || is_set("WAYLAND_DISPLAY") || is_set("DISPLAY")
}
