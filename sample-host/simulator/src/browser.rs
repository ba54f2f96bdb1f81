//! Opening the simulator where somebody can see it.

use std::{env, thread};

/// Opens the page in the default browser, where there is a display. That it cannot be opened is no
/// reason to stop: the address is on standard output.
pub(crate) fn open(page: String) {
    if !has_display() {
        return;
    }
    // A thread of its own, which nobody waits for: what opens browsers may hang.
    let opening = move || {
        if let Err(error) = opener::open_browser(page) {
            tracing::warn!(%error, "the browser cannot be opened; open the simulator by hand");
        }
    };
    if let Err(error) = thread::Builder::new().name("browser".to_owned()).spawn(opening) {
        tracing::warn!(%error, "the browser cannot be opened; open the simulator by hand");
    }
}

fn has_display() -> bool {
    let is_set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
    cfg!(any(target_os = "macos", windows)) || is_set("WAYLAND_DISPLAY") || is_set("DISPLAY")
}
