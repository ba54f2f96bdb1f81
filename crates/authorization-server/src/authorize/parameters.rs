//! Finding the parameters of a request: in the address, or where they were pushed to before.

use std::sync::Arc;

use super::destination::Destination;
use super::request::{AuthorizationRequest, Terms};
use crate::client::{Client, ClientId, Requirement};
use crate::http::{ErrorCode, Form, Problem};
use crate::pages::Trouble;
use crate::secret::{Fingerprint, Pushed};
use crate::server::Server;
use crate::store::pushed_requests;

/// How a reference to a pushed request begins (RFC 9126 §2.2).
pub(super) const REFERENCE: &str = "urn:ietf:params:oauth:request_uri:";

/// Why a request is not carried out.
pub(super) enum Refusal {
    /// There is nobody to redirect to.
    Page(Trouble),
    /// The client learns why.
    Client(Box<Destination>, Problem),
}

impl<T: Into<Trouble>> From<T> for Refusal {
    fn from(trouble: T) -> Self {
        Self::Page(trouble.into())
    }
}

/// Reads a request: first who asks and where the answer goes, then everything else.
pub(super) async fn read(server: &Server, form: &Form) -> Result<AuthorizationRequest, Refusal> {
    let client = client(server, form).await?;
    let reference = form.get("request_uri").map_err(|_| Trouble::Malformed)?;
    let Some(reference) = reference.and_then(|uri| uri.strip_prefix(REFERENCE)) else {
        let destination = Destination::read(&client, form)?;
        let terms = is_allowed_here(&client, form)
            .and_then(|()| destination.check(form))
            .and_then(|()| Terms::read(server, &client, form));
        return complete(client, destination, terms, None);
    };
    // What else the address says counts for nothing (RFC 9126 §4, RFC 9101 §5).
    let fingerprint = Fingerprint::of(reference);
    let pushed = pushed(server, &fingerprint, &client.id).await?;
    let destination = Destination::read(&client, &pushed)?;
    let terms = destination.check(&pushed).and_then(|()| Terms::read(server, &client, &pushed));
    complete(client, destination, terms, Some(fingerprint))
}

/// The parameters of a request, wherever they are, for pages on the way to it; none when there are
/// none.
pub(crate) async fn peek(server: &Server, form: Form) -> Option<Form> {
    let Some(reference) = form.get("request_uri").ok()?.and_then(|uri| uri.strip_prefix(REFERENCE))
    else {
        return Some(form);
    };
    let client = client(server, &form).await.ok()?;
    pushed(server, &Fingerprint::of(reference), &client.id).await.ok()
}

fn complete(
    client: Arc<Client>,
    destination: Destination,
    terms: Result<Terms, Problem>,
    pushed: Option<Fingerprint<Pushed>>,
) -> Result<AuthorizationRequest, Refusal> {
    match terms {
        Ok(terms) => Ok(AuthorizationRequest { client, destination, terms, pushed }),
        Err(problem) => Err(Refusal::Client(Box::new(destination), problem)),
    }
}

async fn client(server: &Server, form: &Form) -> Result<Arc<Client>, Trouble> {
    let id = form.get("client_id").map_err(|_| Trouble::Malformed)?.ok_or(Trouble::Malformed)?;
    let id = ClientId::new(id).map_err(|_| Trouble::UnknownClient)?;
    server.catalog.client(&id).await?.ok_or(Trouble::UnknownClient)
}

async fn pushed(
    server: &Server,
    reference: &Fingerprint<Pushed>,
    client: &ClientId,
) -> Result<Form, Trouble> {
    let (reference, client, now) = (reference.clone(), client.clone(), server.clock.now());
    let find = move |db: &rusqlite::Connection| pushed_requests::find(db, &reference, &client, now);
    let stored = server.store.read(find).await?.ok_or(Trouble::PushedRequest)?;
    Ok(Form::from_query(&stored)?)
}

/// What a request that was not pushed may not be or have.
fn is_allowed_here(client: &Client, form: &Form) -> Result<(), Problem> {
    if form.get("request_uri")?.is_some() {
        return Err(Problem::new(
            ErrorCode::RequestUriNotSupported,
            "request_uri must be of a request that was pushed to this server",
        ));
    }
    match client.pushed_requests {
        Requirement::Required => {
            Err(Problem::invalid_request("this client must push its authorization requests"))
        }
        Requirement::Optional => Ok(()),
    }
}
