//! The servers that are compared, as the load generator sees them.

use std::env;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::rc::Rc;

use serde::Deserialize;
use tempfile::TempDir;

use crate::connection::Connection;
use crate::failure::Outcome;
use crate::load::Server;
use crate::process::Process;
use crate::request::FormRequest;
use crate::serve::Ready;
use crate::setting::Setting;

/// A running server.
pub(crate) struct Party {
    pub(crate) name: String,
    pub(crate) process: Process,
    pub(crate) server: Server,
    pub(crate) setting: Rc<Setting>,
    /// The host's access tokens of its users.
    pub(crate) subject_tokens: Vec<String>,
    /// Goes with the server.
    _database: Option<TempDir>,
}

impl Party {
    /// Our server, on a new database below `directory`.
    pub(crate) async fn ours(directory: &Path, setting: &Rc<Setting>) -> Outcome<Self> {
        let database = tempfile::tempdir_in(directory)?;
        let mut command = Command::new(env::current_exe()?);
        command
            .arg("serve")
            .arg(database.path().join("server.sqlite"))
            .arg(serde_json::to_string(setting.as_ref())?);
        let (process, Ready { port }) = Process::start(&mut command)?;
        let address = loopback(port);
        let mut subject_tokens = Vec::new();
        let mut connection = Connection::open(address).await?;
        for user in &setting.users {
            subject_tokens.push(sign_in(&mut connection, address, setting, user).await?);
        }
        Ok(Self {
            name: "minihost".to_owned(),
            server: Server { address, process: process.id() },
            process,
            setting: Rc::clone(setting),
            subject_tokens,
            _database: Some(database),
        })
    }

    /// oidc-provider, as one process of Node.
    pub(crate) fn peer(script: &PathBuf, setting: &Rc<Setting>) -> Outcome<Self> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Ready {
            version: String,
            port: u16,
            subject_tokens: Vec<String>,
        }
        let mut command = Command::new("node");
        command
            .arg(script)
            .arg(serde_json::to_string(setting.as_ref())?)
            .env("NODE_ENV", "production");
        let (process, Ready { version, port, subject_tokens }) = Process::start(&mut command)?;
        Ok(Self {
            name: format!("oidc-provider {version}"),
            server: Server { address: loopback(port), process: process.id() },
            process,
            setting: Rc::clone(setting),
            subject_tokens,
            _database: None,
        })
    }

    /// A server of the same kind as ours that does nothing but answer.
    pub(crate) fn bare(setting: &Rc<Setting>) -> Outcome<Self> {
        let mut command = Command::new(env::current_exe()?);
        let (process, Ready { port }) = Process::start(command.arg("serve-bare"))?;
        Ok(Self {
            name: "bare axum reply".to_owned(),
            server: Server { address: loopback(port), process: process.id() },
            process,
            setting: Rc::clone(setting),
            subject_tokens: Vec::new(),
            _database: None,
        })
    }
}

fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}

async fn sign_in(
    connection: &mut Connection,
    address: SocketAddr,
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
    let form = FormRequest::new(address, "/token", &setting.host, &fields);
    let mut request = Vec::new();
    form.write(&mut request, "username", user);
    let answer = connection.exchange(&request).await?;
    if answer.status != 200 {
        return Err(format!("{user} cannot sign in: {}", answer.status).into());
    }
    let Answer { access_token } = serde_json::from_slice(answer.body)?;
    Ok(access_token)
}
