//! A sample host as its users start it: the real binary, in a directory of its own.

use std::{
    io::{BufRead as _, BufReader, Read as _},
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
};

use serde_json::Value;

/// The binary, with arguments that keep it away from this machine's desktop.
pub(crate) fn command(data_dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sample-host"));
    command
        .args(["--json", "--no-open", "--data-dir"])
        .arg(data_dir)
        .env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
        .env_remove("RUST_LOG")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// What a process that ended by itself left behind.
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs a command to its end.
pub(crate) fn run(mut command: Command) -> Ended {
    let output = command.output().unwrap();
    Ended {
        status: output.status,
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A sample host that is ready.
pub(crate) struct SampleHost {
    process: Child,
    stdout: BufReader<std::process::ChildStdout>,
    stderr: Option<std::thread::JoinHandle<String>>,
    /// The line of JSON.
    pub(crate) announced: Value,
}

impl SampleHost {
    /// Starts one on free ports and waits until it is ready.
    pub(crate) fn start(data_dir: &Path) -> Self {
        let mut command = command(data_dir);
        command.args(["--port", "0"]);
        Self::spawn(command)
    }

    /// Starts the command and waits until it is ready.
    pub(crate) fn spawn(mut command: Command) -> Self {
        let mut process = command.spawn().unwrap();
        let mut log = process.stderr.take().unwrap();
        // Read all the time, so that a full pipe never holds the process up.
        let stderr = std::thread::spawn(move || {
            let mut text = String::new();
            log.read_to_string(&mut text).unwrap();
            text
        });
        let mut stdout = BufReader::new(process.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let announced = serde_json::from_str(&line).unwrap_or_default();
        let host = Self { process, stdout, stderr: Some(stderr), announced };
        assert!(host.announced.is_object(), "not ready: {}", host.stop().stderr);
        host
    }

    /// The simulator's origin and port.
    pub(crate) fn simulator(&self) -> (String, u16) {
        let origin = self.announced["simulator"].as_str().unwrap().trim_end_matches('/');
        let port = origin.rsplit(':').next().unwrap().parse().unwrap();
        (origin.to_owned(), port)
    }

    /// A demo user's password.
    pub(crate) fn password(&self, username: &str) -> String {
        let users = self.announced["users"].as_array().unwrap();
        let user = users.iter().find(|user| user["username"] == username).unwrap();
        user["password"].as_str().unwrap().to_owned()
    }

    /// Every secret that was announced.
    pub(crate) fn secrets(&self) -> Vec<String> {
        let announced = &self.announced;
        let programs = announced["miniPrograms"].as_array().unwrap();
        let clients = programs.iter().chain([&announced["host"]]).map(|of| &of["clientSecret"]);
        let users = announced["users"].as_array().unwrap().iter().map(|user| &user["password"]);
        // Public clients have none.
        clients.chain(users).filter_map(|secret| Some(secret.as_str()?.to_owned())).collect()
    }

    /// Asks it to stop, and waits for its end. `stdout` is what came after the line of JSON.
    pub(crate) fn stop(mut self) -> Ended {
        let id = self.process.id().to_string();
        // No signal where it has ended already.
        Command::new("kill").args(["-TERM", &id]).stderr(Stdio::null()).status().unwrap();
        let mut stdout = String::new();
        self.stdout.read_to_string(&mut stdout).unwrap();
        let status = self.process.wait().unwrap();
        let stderr = self.stderr.take().unwrap().join().unwrap();
        Ended { status, stdout, stderr }
    }
}

impl Drop for SampleHost {
    fn drop(&mut self) {
        // A test that failed leaves nothing running.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
