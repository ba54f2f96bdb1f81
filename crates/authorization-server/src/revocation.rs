//! Token revocation (RFC 7009).

use axum::extract::State;
use axum::response::Response;
use serde_json::json;

use crate::audit::AUDIT;
use crate::http::{Caller, Form, Problem, authenticate, unstored};
use crate::server::Server;
use crate::store::authorizations;
use crate::store::tokens::{self, Presented, StoredToken};

/// Where clients give tokens back.
pub(crate) const PATH: &str = "/revoke";

/// Ends a token of the client that asks. A refresh token takes its authorization with it, and so
/// every token that came from the same consent (§2.1); an access token ends alone.
///
/// A token that is unknown, or another client's, is none that the client could use: the answer is the
/// same (§2.2), and the token stays as it is.
pub(crate) async fn answer(
    State(server): State<Server>,
    caller: Caller,
    form: Form,
) -> Result<Response, Problem> {
    let client = authenticate(&server, &caller, &form).await?;
    let token = Presented::of(form.require("token", "token is missing")?);
    // Both kinds are looked for in any case, so the hint may be wrong or unknown, but not repeated.
    form.get("token_type_hint")?;
    let (id, presented) = (client.id.clone(), token.clone());
    let is_own = move |db: &_| {
        let found = tokens::find(db, &presented)?;
        Ok(found.is_some_and(|token| token.client() == id.as_str()))
    };
    if server.store.read(is_own).await? {
        let now = server.clock.now();
        let end = move |db: &_| match tokens::find(db, &token)? {
            Some(StoredToken::Access(_)) => tokens::revoke_access(db, &token.access, now),
            Some(StoredToken::Refresh(token)) => {
                authorizations::revoke(db, token.authorization.id, now)
            }
            None => Ok(()),
        };
        server.store.write(end).await?;
        tracing::info!(target: AUDIT, client = %client.id, "token revoked");
    }
    // Clients are to ignore the body (§2.2), but some read JSON from whatever they get.
    Ok(unstored(json!({})))
}
