//! A browser for each test: Chromium without a window, or WebKitGTK's where `MINIHOST_ENGINE` is
//! `webkit`.

mod driver;
mod webkit;

use std::{path::PathBuf, process::Stdio};

use fantoccini::{Client, ClientBuilder, wd::Capabilities};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::Command,
};

use self::driver::Driver;

/// A browser and its driver. Dropping it ends both.
pub struct Browser {
    /// Speaks to the browser.
    pub client: Client,
    _driver: Driver,
    _profile: TempDir,
}

/// What the browser's screen is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Screen {
    /// 1280 × 900.
    Desktop,
    /// 360 × 780.
    Narrow,
}

/// What the user prefers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Appearance {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

/// What shows pages and runs their scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// Chromium's Blink.
    Chromium,
    /// WebKitGTK. It has one screen, one appearance and one language, and frames get no cookies in it.
    WebKit,
}

impl Engine {
    /// The one that the tests are to run in.
    pub fn chosen() -> Self {
        match std::env::var("MINIHOST_ENGINE").as_deref() {
            Ok("webkit") => Self::WebKit,
            Ok(other) => panic!("MINIHOST_ENGINE is `webkit` or not set, not `{other}`"),
            Err(_) => Self::Chromium,
        }
    }
}

impl Browser {
    /// Starts one whose user reads English.
    pub async fn start(screen: Screen, appearance: Appearance) -> Self {
        Self::start_for(screen, appearance, "en-US").await
    }

    /// Starts one whose user reads this language.
    pub async fn start_for(screen: Screen, appearance: Appearance, language: &str) -> Self {
        let profile = TempDir::new().expect("a temporary directory can be made");
        let (driver, port, capabilities) = match Engine::chosen() {
            Engine::Chromium => {
                let (driver, port) = start_driver().await;
                (driver, port, capabilities(&profile, screen, appearance, language))
            }
            Engine::WebKit => {
                let (driver, port) = webkit::start_driver(&profile).await;
                (driver, port, webkit::capabilities())
            }
        };
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .expect("the browser starts");
        Self { client, _driver: driver, _profile: profile }
    }

    /// Writes what is on screen to a PNG file.
    pub async fn screenshot(&self, name: &str) {
        let folder = screenshots();
        std::fs::create_dir_all(&folder).expect("the folder for screenshots can be made");
        let png = self.client.screenshot().await.expect("the browser takes a screenshot");
        std::fs::write(folder.join(format!("{name}.png")), png).expect("it can be written");
    }

    /// Ends the browser, then the driver.
    pub async fn close(self) {
        let _ = self.client.clone().close().await;
    }
}

/// Starts chromedriver on a port that it chooses itself, and reads the port from what it says.
async fn start_driver() -> (Driver, u16) {
    let mut command = Command::new("chromedriver");
    let mut driver = Driver::start(command.arg("--port=0").stdout(Stdio::piped()))
        .expect("chromedriver is installed; `cargo xtask test e2e` installs it");
    let output = driver.take_stdout().expect("standard output is piped");
    let mut lines = BufReader::new(output).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let port = line
            .strip_suffix('.')
            .filter(|line| line.contains("started successfully"))
            .and_then(|line| line.rsplit(' ').next()?.parse().ok());
        if let Some(port) = port {
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            return (driver, port);
        }
    }
    panic!("chromedriver did not say its port");
}

fn capabilities(
    profile: &TempDir,
    screen: Screen,
    appearance: Appearance,
    language: &str,
) -> Capabilities {
    let mut arguments = vec![
        "--headless".to_owned(),
        "--disable-gpu".into(),
        "--disable-quic".into(),
        "--no-first-run".into(),
        "--disable-background-networking".into(),
        "--disable-component-update".into(),
        "--disable-sync".into(),
        format!("--lang={language}"),
        format!("--accept-lang={language}"),
        // The window's own bars take 143 pixels of its height.
        "--window-size=1280,1043".into(),
        format!("--user-data-dir={}", profile.path().display()),
    ];
    // Chromium refuses its own sandbox to root, which is who runs in containers.
    if is_root() {
        arguments.push("--no-sandbox".into());
    }
    if appearance == Appearance::Dark {
        arguments.push("--blink-settings=preferredColorScheme=0".into());
    }
    let mut options = json!({"args": arguments});
    if screen == Screen::Narrow {
        options["mobileEmulation"] =
            json!({"deviceMetrics": {"width": 360, "height": 780, "pixelRatio": 2.0}});
    }
    let Value::Object(capabilities) = json!({
        "browserName": "chrome",
        "goog:chromeOptions": options,
    }) else {
        unreachable!("the literal is an object");
    };
    capabilities
}

fn is_root() -> bool {
    std::fs::read_to_string("/proc/self/status")
        .is_ok_and(|status| status.lines().any(|line| line.starts_with("Uid:\t0\t")))
}

fn screenshots() -> PathBuf {
    match std::env::var_os("MINIHOST_SCREENSHOTS") {
        Some(folder) => folder.into(),
        None => PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../target/screenshots"),
    }
}
