//! The list of clients.

use minihost_authorization_server::{ClientKind, GrantType, RegisteredClient};

use crate::cli::Failure;
use crate::cli::output::say;

/// Prints it, a client a line, or as JSON.
pub(super) fn show(clients: &[RegisteredClient], as_json: bool) -> Result<(), Failure> {
    if as_json {
        return say(serde_json::json!(clients));
    }
    let width = clients.iter().map(|client| client.id.as_str().len()).max().unwrap_or(0);
    for client in clients {
        let kind = match client.kind {
            ClientKind::Host { .. } => "host",
            ClientKind::MiniProgram => "mini-program",
            ClientKind::ResourceServer { .. } => "resource-server",
        };
        let grants: Vec<_> = client.grants.iter().copied().map(GrantType::as_str).collect();
        let (id, authentication) = (client.id.as_str(), client.authentication);
        say(format_args!(
            "{id:width$}  {kind:15}  {authentication:6}  {}  {}",
            grants.join(","),
            client.scopes
        ))?;
    }
    Ok(())
}
