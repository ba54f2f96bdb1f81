//! Issuing the code: the user's token, the consent evidence, the grant and the code are looked at
//! and written in one transaction.

use rusqlite::Connection;

use super::request::{CodeRequest, insufficient};
use crate::client::ClientId;
use crate::clock::UnixMillis;
use crate::http::Problem;
use crate::scope::{MEDIATE, Scopes};
use crate::secret::{Code, Minted};
use crate::server::Server;
use crate::store::evidence::{self, Outcome};
use crate::store::grants::{self, GrantId};
use crate::store::tokens::{self, StoredAccess};
use crate::store::{authorizations, codes};

/// A code that was stored. Has no `Debug`.
pub(super) struct IssuedCode {
    pub(super) code: Minted<Code>,
    pub(super) client: ClientId,
    pub(super) scopes: Scopes,
    pub(super) grant: GrantId,
}

/// Issues a code for the user of the request's token.
pub(super) async fn issue(server: &Server, request: CodeRequest) -> Result<IssuedCode, Problem> {
    let code = Minted::new()?;
    let new_grant = GrantId::new()?;
    let now = server.clock.now();
    let expires_at = now.plus(server.lifetimes.code);
    server
        .store
        .write(move |db| {
            let Some(subject) = active_subject(db, &request, now)? else {
                return Ok(Err(insufficient()));
            };
            if let Some(consent) = &request.consent
                && evidence::is_used(db, &request.host, &consent.jti)?
            {
                return Ok(Err(Problem::invalid_request("the consent evidence was used before")));
            }
            let CodeRequest { target, scopes, .. } = &request;
            let user = &subject.user;
            let grant = grants::extend(db, &new_grant, user, target, scopes, now)?;
            let authorization = authorizations::begin(db, user, target, Some(&grant), scopes, now)?;
            codes::insert(
                db,
                &code.fingerprint(),
                authorization,
                &request.redirect_uri,
                &request.challenge,
                expires_at,
            )?;
            if let Some(consent) = &request.consent {
                let outcome = Outcome {
                    host: &request.host,
                    user,
                    client: target,
                    grant: &grant,
                    granted: scopes,
                };
                evidence::record(db, consent, &outcome, now)?;
            }
            Ok(Ok(IssuedCode { code, client: request.target, scopes: request.scopes, grant }))
        })
        .await?
}

/// The user's token, if it is this host's, active, allowed to mediate, and from a sign-in that is
/// recent enough.
fn active_subject(
    db: &Connection,
    request: &CodeRequest,
    now: UnixMillis,
) -> rusqlite::Result<Option<StoredAccess>> {
    let found = tokens::find_access(db, &request.subject)?;
    Ok(found.filter(|token| {
        token.client == request.host.as_str()
            && token.revoked_at.is_none()
            && token.expires_at > now
            && token.scopes.contains(MEDIATE)
            && request.max_age.is_none_or(|limit| now.since(token.authorized_at) <= limit)
    }))
}
