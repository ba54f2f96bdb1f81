//! The servers that are compared, as the load generator sees them.

use std::env;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};

use serde::Deserialize;
use tempfile::TempDir;
use url::Url;

use crate::bare;
use crate::connection::Connection;
use crate::failure::Outcome;
use crate::load::Server;
use crate::process::Process;
use crate::register::register;
use crate::request::FormRequest;
use crate::setting::Setting;

const DATABASE: &str = "server.sqlite";

/// A running server.
pub(crate) struct Party {
    pub(crate) name: String,
    pub(crate) process: Process,
    pub(crate) server: Server,
    /// What it holds of the memory when it serves and nobody has asked for anything.
    pub(crate) idle_megabytes: f64,
    /// The name by which requests call it.
    pub(crate) host: String,
    /// The host's access tokens of its users.
    pub(crate) subject_tokens: Vec<String>,
    /// Of its database; goes with the server.
    _directory: Option<TempDir>,
}

impl Party {
    /// Our server as it is delivered, on a new database below `directory`.
    pub(crate) async fn ours(program: &Path, directory: &Path, setting: &Setting) -> Outcome<Self> {
        #[derive(Deserialize)]
        struct Ready {
            issuer: Url,
            address: SocketAddr,
        }
        let directory = tempfile::tempdir_in(directory)?;
        let config = directory.path().join("server.toml");
        let mut init = Command::new(program);
        init.arg("init").arg("--config").arg(&config).args(["--database", DATABASE]);
        if !init.stdout(Stdio::null()).status()?.success() {
            return Err("our server cannot be set up".into());
        }
        register(&directory.path().join(DATABASE), setting).await?;

        let mut serve = Command::new(program);
        serve.args(["serve", "--listen", "127.0.0.1:0", "--json", "--config"]).arg(&config);
        // It logs as it does by default, to where nobody reads it.
        let (process, Ready { issuer, address }) = Process::start(serve.stderr(Stdio::null()))?;
        let mut party = Self {
            name: "minihost".to_owned(),
            server: Server { address, process: process.id() },
            idle_megabytes: process.resident_megabytes()?,
            process,
            host: issuer.authority().to_owned(),
            subject_tokens: Vec::new(),
            _directory: Some(directory),
        };
        let mut connection = Connection::open(address).await?;
        for user in &setting.users {
            let token = party.sign_in(&mut connection, setting, user).await?;
            party.subject_tokens.push(token);
        }
        Ok(party)
    }

    /// oidc-provider, as one process of Node.
    pub(crate) fn peer(script: &Path, setting: &Setting) -> Outcome<Self> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Ready {
            version: String,
            port: u16,
            subject_tokens: Vec<String>,
        }
        let mut command = Command::new("node");
        command.arg(script).arg(serde_json::to_string(setting)?).env("NODE_ENV", "production");
        let (process, Ready { version, port, subject_tokens }) = Process::start(&mut command)?;
        Ok(Self {
            name: format!("oidc-provider {version}"),
            server: Server { address: loopback(port), process: process.id() },
            idle_megabytes: process.resident_megabytes()?,
            process,
            host: loopback(port).to_string(),
            subject_tokens,
            _directory: None,
        })
    }

    /// A server of the same kind as ours that does nothing but answer.
    pub(crate) fn bare() -> Outcome<Self> {
        let mut command = Command::new(env::current_exe()?);
        let (process, bare::Ready { port }) = Process::start(command.arg("serve-bare"))?;
        Ok(Self {
            name: "bare axum reply".to_owned(),
            server: Server { address: loopback(port), process: process.id() },
            idle_megabytes: process.resident_megabytes()?,
            process,
            host: loopback(port).to_string(),
            subject_tokens: Vec::new(),
            _directory: None,
        })
    }

    async fn sign_in(
        &self,
        connection: &mut Connection,
        setting: &Setting,
        user: &str,
    ) -> Outcome<String> {
        #[derive(Deserialize)]
        struct Answer {
            access_token: String,
        }
        let fields = [
            ("grant_type", "password"),
            ("password", setting.password.as_str()),
            ("scope", "openid mediate"),
        ];
        let mut request = Vec::new();
        let form = FormRequest::new(&self.host, "/token", &setting.host, &fields);
        form.write(&mut request, "username", user);
        let answer = connection.exchange(&request).await?;
        if answer.status != 200 {
            return Err(format!("{user} cannot sign in: {}", answer.status).into());
        }
        let Answer { access_token } = serde_json::from_slice(answer.body)?;
        Ok(access_token)
    }
}

fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}
