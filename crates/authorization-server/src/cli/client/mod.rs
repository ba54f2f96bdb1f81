//! `client`: registering, listing and removing clients.

mod add;
mod list;

use std::time::Duration;

use clap::{Args, Subcommand};
use minihost_authorization_server::{ClientId, ClientSecret};
use serde_json::json;

use super::output::{say, say_once};
use super::{ConfigFile, Failure, with_existing};

/// Register, list and remove clients.
#[derive(Subcommand)]
pub(super) enum Client {
    /// Register a client; its secret is shown once.
    Add(Box<add::Add>),
    /// List clients, without secrets.
    List(List),
    /// Give a client another secret, which is shown once.
    RotateSecret(RotateSecret),
    /// Remove a client, and end its grants, codes and tokens.
    Remove(Remove),
}

#[derive(Args)]
pub(super) struct List {
    /// Answer with a JSON array that tells everything.
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(super) struct RotateSecret {
    #[arg(value_parser = client_id)]
    id: ClientId,

    /// How long the old secret is taken too, so that the client can go over to the new one.
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    overlap: u32,

    /// Answer with one line of JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Args)]
pub(super) struct Remove {
    #[arg(value_parser = client_id)]
    id: ClientId,
}

impl Client {
    pub(super) async fn run(self, config: &ConfigFile) -> Result<(), Failure> {
        with_existing(config, async |registry| match self {
            Self::Add(add) => add.run(registry).await,
            Self::List(List { json }) => list::show(&registry.clients().await?, json),
            Self::RotateSecret(RotateSecret { id, overlap, json }) => {
                let overlap = Duration::from_secs(overlap.into());
                let secret = registry.rotate_secret(&id, overlap).await?;
                tell(&id, Some(&secret), json, "has another secret")
            }
            Self::Remove(Remove { id }) => {
                registry.remove_client(&id).await?;
                say(format_args!("The client {id} is removed."))
            }
        })
        .await
    }
}

/// Shows a secret for the only time. The names are those of RFC 7591 §3.2.1.
fn tell(
    id: &ClientId,
    secret: Option<&ClientSecret>,
    as_json: bool,
    what: &str,
) -> Result<(), Failure> {
    let Some(secret) = secret else {
        return match as_json {
            true => say(json!({ "client_id": id })),
            false => say(format_args!("The client {id} {what}.")),
        };
    };
    let secret = secret.expose();
    let again = format!("`client rotate-secret {id}` gives another secret");
    match as_json {
        true => say_once(json!({ "client_id": id, "client_secret": secret }), again),
        false => say_once(
            format_args!("The client {id} {what}.\nThe secret, not shown again: {secret}"),
            again,
        ),
    }
}

fn client_id(text: &str) -> Result<ClientId, String> {
    ClientId::new(text).map_err(|error| error.to_string())
}
