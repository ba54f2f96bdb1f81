//! The `resource` parameter (RFC 8707 §2), which alone may be there more than once.

use super::{ErrorCode, Form, Problem};
use crate::client::Client;
use crate::resource::{Audience, Resource};
use crate::server::Server;
use crate::userinfo;

/// What the client asks tokens for. This server's own identifier, or that of its user details, means
/// the server itself, as does leaving the parameter out.
pub(crate) fn audience(server: &Server, client: &Client, form: &Form) -> Result<Audience, Problem> {
    let mut resources = Vec::new();
    let mut this_server = false;
    for uri in form.all("resource") {
        if uri == server.issuer.as_str() || uri == server.issuer.endpoint(userinfo::PATH) {
            this_server = true;
            continue;
        }
        let resource = Resource::new(uri).ok();
        match resource.filter(|resource| client.resources.contains(resource)) {
            Some(resource) => resources.push(resource),
            None => return Err(invalid_target("this client may not ask for tokens for resource")),
        }
    }
    if this_server && !resources.is_empty() {
        return Err(invalid_target("a token is for this server or for others, not for both"));
    }
    Ok(Audience::new(resources))
}

fn invalid_target(description: &'static str) -> Problem {
    Problem::new(ErrorCode::InvalidTarget, description)
}
