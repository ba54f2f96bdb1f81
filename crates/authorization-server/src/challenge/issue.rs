//! Issuing the code: the user's token, the consent evidence, the grant and the code are looked at
//! and written in one transaction.

use super::request::CodeRequest;
use super::subject::insufficient;
use crate::client::ClientId;
use crate::http::Problem;
use crate::scope::Scopes;
use crate::secret::{Code, Minted};
use crate::server::Server;
use crate::store::agreement::Agreement;
use crate::store::authorizations::{self, NewAuthorization};
use crate::store::codes::NewCode;
use crate::store::grants::GrantId;

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
            let Some(subject) = request.subject.find(db, &request.host, request.max_age, now)?
            else {
                return Ok(Err(insufficient()));
            };
            let CodeRequest { host, target, scopes, .. } = &request;
            let (user, evidence) = (&subject.user, request.consent.as_ref());
            let agreement = Agreement { host, user, client: target, scopes, evidence };
            let grant = match agreement.write(db, &new_grant, now)? {
                Ok(grant) => grant,
                Err(used) => return Ok(Err(used.into())),
            };
            let authorization = NewAuthorization {
                user: Some(user),
                client: target,
                grant: Some(&grant),
                mediator: Some(host),
                session: None,
                scopes,
                audience: &request.audience,
                nonce: request.nonce.as_deref(),
                key: request.key.as_ref(),
                authenticated_at: Some(subject.authenticated_at),
                ends_at: None,
                code: Some(NewCode {
                    code: &code.fingerprint(),
                    redirect: &request.redirect,
                    challenge: Some(&request.challenge),
                    expires_at,
                }),
            };
            authorizations::begin(db, &authorization, now)?;
            Ok(Ok(IssuedCode { code, client: request.target, scopes: request.scopes, grant }))
        })
        .await?
}
