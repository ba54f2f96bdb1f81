//! WebKitGTK's own small browser, through its driver. It has a window, so somebody must have started a
//! display.

use std::{net::TcpListener, path::PathBuf, process::Stdio};

use fantoccini::wd::Capabilities;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{net::TcpStream, process::Command};

use super::driver::Driver;
use crate::eventually;

/// Starts the driver, which cannot choose a port itself.
pub(super) async fn start_driver(home: &TempDir) -> (Driver, u16) {
    let port = TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .expect("there is a free port")
        .port();
    let mut command = Command::new("WebKitWebDriver");
    command
        .args(["--host=127.0.0.1", &format!("--port={port}")])
        // What the browser keeps goes with the test.
        .env("HOME", home.path())
        .env("XDG_RUNTIME_DIR", home.path())
        .env("XDG_DATA_HOME", home.path())
        .env("XDG_CACHE_HOME", home.path())
        .env("LANG", "C.UTF-8")
        .stdout(Stdio::null());
    let driver = Driver::start(&mut command)
        .expect("WebKitWebDriver is installed; `cargo xtask test webkit` installs it");
    eventually("WebKitWebDriver", async || {
        TcpStream::connect(("127.0.0.1", port)).await.ok().map(drop)
    })
    .await;
    (driver, port)
}

pub(super) fn capabilities() -> Capabilities {
    let Value::Object(capabilities) = json!({
        "webkitgtk:browserOptions": { "binary": binary(), "args": ["--automation"] },
    }) else {
        unreachable!("the literal is an object");
    };
    capabilities
}

/// The browser lies beside the library, in a folder for the machine's architecture.
fn binary() -> PathBuf {
    let architectures = std::fs::read_dir("/usr/lib").expect("Debian's libraries are there");
    architectures
        .filter_map(|entry| Some(entry.ok()?.path().join("webkit2gtk-4.1/MiniBrowser")))
        .find(|path| path.exists())
        .expect("libwebkit2gtk-4.1-0 is installed; `cargo xtask test webkit` installs it")
}
