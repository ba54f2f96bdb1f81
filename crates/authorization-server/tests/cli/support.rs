//! A directory with a configuration file, the program, and a server of it that runs.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use reqwest::StatusCode;
use serde_json::Value;
use tempfile::TempDir;

/// The issuer in every test. Servers listen at any free port, and are called by this name.
pub(crate) const ISSUER: &str = "http://127.0.0.1:7500";
const HOST: &str = "127.0.0.1:7500";

/// Where an operator works.
pub(crate) struct Place {
    directory: TempDir,
}

impl Place {
    /// An empty directory.
    pub(crate) fn empty() -> Self {
        Self { directory: tempfile::tempdir().unwrap() }
    }

    /// After `init`.
    pub(crate) fn new() -> Self {
        let place = Self::empty();
        place.ok(&["init"]);
        place
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub(crate) fn directory(&self) -> &Path {
        self.directory.path()
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_minihost-authorization-server"));
        command.arg("--config").arg(self.path("server.toml")).args(arguments);
        command.stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Standard output of a command that is done.
    #[track_caller]
    pub(crate) fn ok(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{arguments:?}: {said}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// The one line of JSON that a command answers with.
    #[track_caller]
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.ok(arguments)).unwrap()
    }

    /// The exit status and the one sentence of a command that is not done.
    #[track_caller]
    pub(crate) fn refused(&self, arguments: &[&str], status: i32) -> String {
        let output = self.run(arguments);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(status), "{arguments:?}: {said}");
        let sentence = said.strip_prefix("error: ").unwrap_or_else(|| panic!("{said}"));
        assert_eq!(sentence.matches('\n').count(), 1, "one line: {said}");
        sentence.trim_end().to_owned()
    }

    /// A command that is told something on standard input.
    pub(crate) fn told(&self, arguments: &[&str], input: &str) -> Output {
        let mut child = self
            .command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        child.wait_with_output().unwrap()
    }

    /// The text of the configuration file, changed.
    pub(crate) fn configure(&self, change: impl FnOnce(String) -> String) {
        let path = self.path("server.toml");
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(path, change(text)).unwrap();
    }

    /// `serve`, ready.
    pub(crate) fn serve(&self) -> Server {
        Server::start(self.command(&["serve", "--json", "--listen", "127.0.0.1:0"]))
    }

    pub(crate) fn secret(&self, arguments: &[&str]) -> String {
        self.json(arguments)["client_secret"].as_str().unwrap().to_owned()
    }
}

/// A server that runs.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: String,
    log: Option<JoinHandle<String>>,
    http: reqwest::Client,
}

impl Server {
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut log = child.stderr.take().unwrap();
        let log = std::thread::spawn(move || {
            let mut text = String::new();
            log.read_to_string(&mut text).unwrap();
            text
        });
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let Ok(ready) = serde_json::from_str::<Value>(&line) else {
            panic!("it does not serve: {}", log.join().unwrap());
        };
        assert_eq!(ready["issuer"], ISSUER);
        let _ = rustls::crypto::ring::default_provider().install_default();
        Self {
            child,
            address: ready["address"].as_str().unwrap().to_owned(),
            log: Some(log),
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
        }
    }

    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn signal(&self, name: &str) {
        let pid = self.process().to_string();
        assert!(Command::new("kill").args(["-s", name, &pid]).status().unwrap().success());
    }

    /// SIGKILL.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM; the exit status and the log.
    pub(crate) fn stop(mut self) -> (Option<i32>, String) {
        self.signal("TERM");
        let status = self.child.wait().unwrap();
        (status.code(), self.log.take().unwrap().join().unwrap())
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> (StatusCode, Value) {
        let response = request.header("host", HOST).send().await.unwrap();
        let status = response.status();
        (status, response.json().await.unwrap_or(Value::Null))
    }

    pub(crate) async fn get(&self, path: &str) -> (StatusCode, Value) {
        self.send(self.http.get(format!("http://{}{path}", self.address))).await
    }

    pub(crate) async fn details(&self, token: &str) -> (StatusCode, Value) {
        let request = self.http.get(format!("http://{}/userinfo", self.address));
        self.send(request.bearer_auth(token)).await
    }

    pub(crate) async fn post(
        &self,
        path: &str,
        client: (&str, &str),
        form: &[(&str, &str)],
    ) -> (StatusCode, Value) {
        let request = self.http.post(format!("http://{}{path}", self.address));
        self.send(request.basic_auth(client.0, Some(client.1)).form(form)).await
    }

    /// What `Retry-After` says.
    pub(crate) async fn retry_after(
        &self,
        path: &str,
        client: (&str, &str),
        form: &[(&str, &str)],
    ) -> Option<String> {
        let request = self.http.post(format!("http://{}{path}", self.address));
        let request = request.basic_auth(client.0, Some(client.1)).form(form).header("host", HOST);
        let response = request.send().await.unwrap();
        Some(response.headers().get("retry-after")?.to_str().unwrap().to_owned())
    }

    /// What the server thinks of a client's secret.
    pub(crate) async fn knows(&self, client: &str, secret: &str) -> bool {
        let form = [("grant_type", "refresh_token"), ("refresh_token", "unknown")];
        let (status, json) = self.post("/token", (client, secret), &form).await;
        match json["error"].as_str() {
            Some("invalid_grant") => true,
            // Only failures are throttled.
            Some("invalid_client") => false,
            _ if status == StatusCode::TOO_MANY_REQUESTS => false,
            other => panic!("{other:?}"),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Repeats until it is so. The server looks for changes once a second.
pub(crate) async fn within_moments(mut is_so: impl AsyncFnMut() -> bool) {
    let begun = Instant::now();
    while !is_so().await {
        assert!(begun.elapsed() < Duration::from_secs(30), "the change was never seen");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Registers a mini-program and returns its secret.
pub(crate) fn add_program(place: &Place, id: &str) -> String {
    place.secret(&[
        "client",
        "add",
        id,
        "--kind",
        "mini-program",
        "--scope",
        "openid email",
        "--redirect-uri",
        "https://tea.example/callback",
        "--id-token-algorithm",
        "ES256",
        "--json",
    ])
}
