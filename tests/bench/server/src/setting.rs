//! What both servers are set up with: a host, a mini-program, users.

use serde::Serialize;

/// The same for both sides.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Setting {
    pub(crate) host: Credentials,
    pub(crate) program: Credentials,
    pub(crate) redirect_uri: String,
    pub(crate) users: Vec<String>,
    pub(crate) password: String,
}

/// A confidential client, which authenticates by `client_secret_basic`.
#[derive(Serialize)]
pub(crate) struct Credentials {
    pub(crate) id: String,
    pub(crate) secret: String,
}

impl Setting {
    /// Nothing here is secret: the servers listen on the loopback interface and live for a benchmark.
    pub(crate) fn new(users: usize) -> Self {
        let client = |id: &str| Credentials {
            id: id.to_owned(),
            secret: format!("the secret of the {id} in a benchmark"),
        };
        Self {
            host: client("bank"),
            program: client("cinema"),
            redirect_uri: "https://cinema.example/callback".to_owned(),
            users: (0..users).map(|number| format!("user-{number}")).collect(),
            password: "open sesame".to_owned(),
        }
    }
}
