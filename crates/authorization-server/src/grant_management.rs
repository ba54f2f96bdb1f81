//! Grant Management for OAuth 2.0, as hosts and mini-programs need it: asking what a grant holds, and
//! ending it. The caller authenticates as a client, for the grant was made by one.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse as _, Response};
use serde_json::json;

use crate::audit::AUDIT;
use crate::client::{Client, ClientKind};
use crate::http::{Caller, OptionalForm, Problem, authenticate, unstored};
use crate::server::Server;
use crate::store::grants::{self, GrantId, StoredGrant};

/// Where grants are, each under its identifier.
pub(crate) const PATH: &str = "/grants";
/// One of them.
pub(crate) const GRANT_PATH: &str = "/grants/{grant_id}";

/// Says which scopes the grant holds.
pub(crate) async fn query(
    State(server): State<Server>,
    Path(id): Path<String>,
    caller: Caller,
    OptionalForm(form): OptionalForm,
) -> Result<Response, Problem> {
    let client = authenticate(&server, &caller, &form).await?;
    let grant = managed(&server, &client, &GrantId(id)).await?;
    Ok(unstored(json!({ "scopes": [{ "scope": grant.scopes.to_string() }] })))
}

/// Ends the grant, and with it every code and token of its user and mini-program.
pub(crate) async fn revoke(
    State(server): State<Server>,
    Path(id): Path<String>,
    caller: Caller,
    OptionalForm(form): OptionalForm,
) -> Result<Response, Problem> {
    let client = authenticate(&server, &caller, &form).await?;
    let (id, now) = (GrantId(id), server.clock.now());
    managed(&server, &client, &id).await?;
    let ended = id.clone();
    server.store.write(move |db| grants::end(db, &ended, now)).await?;
    tracing::info!(target: AUDIT, client = %client.id, grant = %id.0, "grant ended");
    Ok((StatusCode::NO_CONTENT, [(CACHE_CONTROL, "no-store")]).into_response())
}

/// The grant, if it is in force, and the caller is the mini-program whose it is or a host that may
/// ask for codes for it. Others learn nothing of it.
async fn managed(server: &Server, caller: &Client, id: &GrantId) -> Result<StoredGrant, Problem> {
    let id = id.clone();
    let grant = server.store.read(move |db| grants::find(db, &id)).await?;
    let is_managed = |grant: &StoredGrant| match &caller.kind {
        _ if caller.id.as_str() == grant.client => true,
        ClientKind::Host { may_mediate_for, .. } => {
            may_mediate_for.iter().any(|program| program.as_str() == grant.client)
        }
        ClientKind::MiniProgram | ClientKind::ResourceServer { .. } => false,
    };
    grant.filter(is_managed).ok_or_else(|| Problem::not_found("there is no such grant"))
}
