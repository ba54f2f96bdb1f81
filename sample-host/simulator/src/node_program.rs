//! The sample program whose backend is in Node: a process of its own, where what it needs is installed.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    process::{Child, ChildStdin, Command},
    time::timeout,
};

/// Its id in the manifest, and its client's.
pub(crate) const POSTCARDS: &str = "postcards";

/// What installs it, from the top of the checkout. Nothing else does.
pub(crate) const INSTALL: &str = "npm ci --prefix sample-miniprogram/postcards";

/// Its manifest, for what it is called where it does not run.
pub(crate) const MANIFEST: &str =
    include_str!("../../../sample-miniprogram/postcards/manifest.json");

/// How long it may take to listen, or to end.
const PATIENCE: Duration = Duration::from_secs(20);

/// Where it lies in the checkout that this program was built from.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sample-miniprogram/postcards")
}

/// What it is told of itself, on its standard input. Has no `Debug`: it holds a secret in clear.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Setting<'a> {
    pub(crate) issuer: &'a str,
    pub(crate) client_id: &'a str,
    pub(crate) client_secret: &'a str,
    pub(crate) host_origins: &'a [String],
    /// The name under which browsers reach it on this machine.
    pub(crate) name: &'a str,
    /// 0 takes any free one.
    pub(crate) port: u16,
}

/// What it tells when it listens.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Ready {
    pub(crate) origin: String,
    pub(crate) manifest: Value,
}

/// The running backend. It ends with its standard input, whatever becomes of this process.
pub(crate) struct NodeProgram {
    pub(crate) ready: Ready,
    process: Child,
    input: ChildStdin,
}

impl NodeProgram {
    /// Starts it; `None` where it is not installed, or does not run.
    pub(crate) async fn start(folder: &Path, setting: &Setting<'_>) -> Option<Self> {
        if !folder.join("node_modules/openid-client/package.json").is_file() {
            return None;
        }
        match timeout(PATIENCE, Self::run(folder, setting)).await {
            Ok(Ok(running)) => Some(running),
            Ok(Err(error)) => {
                tracing::warn!(%error, "the program with a backend in Node does not run");
                None
            }
            Err(_) => {
                tracing::warn!("the program with a backend in Node did not listen in time");
                None
            }
        }
    }

    async fn run(folder: &Path, setting: &Setting<'_>) -> std::io::Result<Self> {
        let mut process = Command::new("node")
            .arg(folder.join("server.js"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let mut input = process.stdin.take().expect("standard input is piped");
        let output = process.stdout.take().expect("standard output is piped");
        let mut line = serde_json::to_vec(setting)?;
        line.push(b'\n');
        input.write_all(&line).await?;
        let mut answer = String::new();
        BufReader::new(output).read_line(&mut answer).await?;
        Ok(Self { ready: serde_json::from_str(&answer)?, process, input })
    }

    /// Ends it.
    pub(crate) async fn stop(self) {
        let Self { mut process, input, .. } = self;
        drop(input);
        if timeout(PATIENCE, process.wait()).await.is_err() {
            tracing::warn!("the program with a backend in Node did not end; it is cut off");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn without_what_it_needs_it_is_not_started() {
        let folder = tempfile::tempdir().unwrap();
        let setting = Setting {
            issuer: "http://127.0.0.1:1",
            client_id: POSTCARDS,
            client_secret: "secret",
            host_origins: &[],
            name: "127.0.0.1",
            port: 0,
        };
        assert!(NodeProgram::start(folder.path(), &setting).await.is_none());
    }

    #[test]
    fn what_installs_it_names_its_folder() {
        let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let named = INSTALL.rsplit(' ').next().unwrap();
        assert_eq!(top.join(named).canonicalize().unwrap(), folder().canonicalize().unwrap());
        assert!(folder().join("package-lock.json").is_file());
    }
}
