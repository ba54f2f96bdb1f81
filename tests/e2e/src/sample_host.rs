//! The sample host, started as a user starts it.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
};

use serde::Deserialize;
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader},
    process::{Child, Command},
    task::JoinHandle,
};

/// A running sample host with a data directory of its own. Dropping it kills the process.
pub struct SampleHost {
    /// What it said when it was ready.
    pub ready: Ready,
    data_dir: DataDir,
    child: Child,
    log: Option<JoinHandle<String>>,
}

/// A sample host that has ended.
pub struct Stopped {
    /// Whether it said that all was well.
    pub success: bool,
    /// All it logged.
    pub log: String,
    data_dir: DataDir,
}

impl Stopped {
    /// What it left behind.
    pub fn data_dir(&self) -> &Path {
        self.data_dir.path()
    }
}

enum DataDir {
    Own(TempDir),
    Given(PathBuf),
}

/// The one line on standard output.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Ready {
    /// The simulator's address.
    pub simulator: String,
    /// The issuer.
    pub authorization_server: String,
    /// The sample programs.
    pub mini_programs: Vec<Program>,
    /// The host's client.
    pub host: HostClient,
    /// The demo users.
    pub users: Vec<DemoUser>,
}

/// One sample program.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Program {
    /// Its id.
    pub id: String,
    /// Where it starts.
    pub url: String,
    /// Its client.
    pub client_id: String,
    /// Its client's secret; public clients have none.
    pub client_secret: Option<String>,
    /// Where its codes go.
    pub redirect_uri: String,
}

/// The host's client.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HostClient {
    /// Its id.
    pub client_id: String,
    /// Its secret.
    pub client_secret: String,
}

/// One demo user.
#[derive(Clone, Debug, Deserialize)]
pub struct DemoUser {
    /// What to type first.
    pub username: String,
    /// What to type then.
    pub password: String,
}

impl SampleHost {
    /// Starts one on free ports, with everything logged, and waits until it is ready.
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// The same with further arguments.
    pub async fn start_with(arguments: &[&str]) -> Self {
        let data_dir = TempDir::new().expect("a temporary directory can be made");
        Self::launch(DataDir::Own(data_dir), arguments).await
    }

    /// Starts one on a data directory that exists already.
    pub async fn start_in(data_dir: &Path) -> Self {
        Self::launch(DataDir::Given(data_dir.to_owned()), &[]).await
    }

    /// Starts one that logs no more than it does by itself, as users have it.
    pub async fn start_quiet() -> Self {
        let data_dir = DataDir::Own(TempDir::new().expect("a temporary directory can be made"));
        let mut command = command(data_dir.path(), &[]);
        command.env_remove("RUST_LOG");
        Self::wait(data_dir, command).await
    }

    async fn launch(data_dir: DataDir, arguments: &[&str]) -> Self {
        let command = command(data_dir.path(), arguments);
        Self::wait(data_dir, command).await
    }

    async fn wait(data_dir: DataDir, mut command: Command) -> Self {
        let mut child = command.spawn().expect("the host starts");
        let mut stdout = BufReader::new(child.stdout.take().expect("standard output is piped"));
        let mut stderr = child.stderr.take().expect("standard error is piped");
        let log = tokio::spawn(async move {
            let mut bytes = Vec::new();
            let _ = stderr.read_to_end(&mut bytes).await;
            String::from_utf8_lossy(&bytes).into_owned()
        });
        let mut line = String::new();
        let read = tokio::time::timeout(crate::PATIENCE, stdout.read_line(&mut line)).await;
        let length = read.expect("the host is ready in time").expect("its output can be read");
        assert!(length > 0, "the host ended before it was ready: {}", {
            log.await.unwrap_or_default()
        });
        let ready = serde_json::from_str(&line).expect("the line is the JSON that is promised");
        Self { ready, data_dir, child, log: Some(log) }
    }

    /// Where it keeps its data.
    pub fn data_dir(&self) -> &Path {
        self.data_dir.path()
    }

    /// The process.
    pub fn pid(&self) -> u32 {
        self.child.id().expect("the process runs")
    }

    /// A program by its id.
    pub fn program(&self, id: &str) -> &Program {
        let found = self.ready.mini_programs.iter().find(|program| program.id == id);
        found.expect("the sample host has this program")
    }

    /// A user's password.
    pub fn password(&self, username: &str) -> &str {
        let found = self.ready.users.iter().find(|user| user.username == username);
        &found.expect("the sample host has this user").password
    }

    /// Asks it to stop as Ctrl-C does, waits, and gives whether it ended well, with its log. The
    /// data directory stays until the value that comes with them is dropped.
    pub async fn stop(mut self) -> Stopped {
        signal(self.pid(), "INT").await;
        let status = tokio::time::timeout(crate::PATIENCE, self.child.wait()).await;
        let status = status.expect("the host stops in time").expect("its end can be awaited");
        let log = self.log.take().expect("the log is taken once").await.unwrap_or_default();
        Stopped { success: status.success(), log, data_dir: self.data_dir }
    }

    /// Ends it as a crash does.
    pub async fn kill(mut self) {
        self.child.kill().await.expect("the process can be killed");
    }
}

impl DataDir {
    fn path(&self) -> &Path {
        match self {
            Self::Own(directory) => directory.path(),
            Self::Given(path) => path,
        }
    }
}

fn command(data_dir: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(binary());
    command.args(["--json", "--no-open", "--data-dir"]).arg(data_dir);
    if !arguments.contains(&"--port") {
        command.args(["--port", "0"]);
    }
    command
        .args(arguments)
        .env("RUST_LOG", "trace")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

fn binary() -> PathBuf {
    if let Some(path) = std::env::var_os("MINIHOST_SAMPLE_HOST") {
        return path.into();
    }
    let own = std::env::current_exe().expect("a test knows its own path");
    let profile =
        own.parent().and_then(Path::parent).expect("tests run from target/<profile>/deps");
    let path = profile.join("sample-host");
    assert!(path.exists(), "build the sample host first: cargo build -p sample-host");
    path
}

async fn signal(pid: u32, name: &str) {
    let status = Command::new("kill").args([format!("-{name}"), pid.to_string()]).status().await;
    assert!(status.is_ok_and(|status| status.success()), "the signal reaches the process");
}
