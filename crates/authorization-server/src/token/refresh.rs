//! Refreshing (RFC 6749 §6), with rotation and replay detection (RFC 9700 §4.14.2).

use std::time::Duration;

use rusqlite::Connection;
use zeroize::Zeroizing;

use super::issue::{self, Blank, Reach, Stored, TokenAnswer};
use crate::audit::AUDIT;
use crate::client::RefreshPolicy;
use crate::clock::UnixMillis;
use crate::http::{Authenticated, ErrorCode, Form, Problem, audience};
use crate::resource::Audience;
use crate::scope::Scopes;
use crate::secret::{Fingerprint, Minted, Refresh};
use crate::server::Server;
use crate::store::authorizations;
use crate::store::tokens::{self, Rotation, StoredRefresh};

/// Issues a new access token, and a new refresh token where the client's tokens rotate.
pub(super) async fn refresh(
    server: &Server,
    client: &Authenticated,
    form: &Form,
) -> Result<TokenAnswer, Problem> {
    let token = form.require("refresh_token", "refresh_token is missing")?;
    let scopes = form
        .get("scope")?
        .map(|list| client.read_scopes(list))
        .transpose()
        .map_err(|_| Problem::new(ErrorCode::InvalidScope, "scope is malformed"))?;
    let request = Request {
        token: Zeroizing::new(token.to_owned()),
        scopes,
        resources: form.has("resource").then(|| audience(server, client, form)).transpose()?,
        client: client.clone(),
        grace: server.lifetimes.refresh_grace,
        now: server.clock.now(),
    };
    let blank = Blank::new()?;
    let now = request.now;
    let outcome = server.store.write(move |db| request.carry_out(db, blank)).await?;
    if let Err(problem) = &outcome {
        tracing::warn!(target: AUDIT, client = %client.id, ?problem, "refresh refused");
    }
    outcome?.into_answer(server, client, now).await
}

struct Request {
    token: Zeroizing<String>,
    scopes: Option<Scopes>,
    resources: Option<Audience>,
    client: Authenticated,
    grace: Duration,
    now: UnixMillis,
}

impl Request {
    // The inner result is committed either way: a replay ends the authorization.
    fn carry_out(
        &self,
        db: &Connection,
        blank: Blank,
    ) -> rusqlite::Result<Result<Stored, Problem>> {
        let refuse = |description| Ok(Err(Problem::invalid_grant(description)));
        let found = tokens::find_refresh(db, &Fingerprint::of(&self.token))?;
        let Some(stored) = found.filter(|token| token.authorization.belongs_to(&self.client.id))
        else {
            return refuse("the refresh token is unknown");
        };
        if !self.has_key(&stored) {
            return refuse("the refresh token is bound to a key whose possession is not proven");
        }
        if stored.authorization.revoked_at.is_some() {
            return refuse("the refresh token was revoked");
        }
        let repeated = stored.rotation.as_ref().map(|rotation| self.repeated(rotation));
        if let Some(None) = repeated {
            authorizations::revoke(db, stored.authorization.id, self.now)?;
            tracing::warn!(target: AUDIT,
                client = %self.client.id, "refresh token replayed; its authorization is revoked"
            );
            return refuse("the refresh token was used before; its tokens are revoked");
        }
        let is_over = stored.authorization.ends_at.is_some_and(|end| end <= self.now);
        if is_over || repeated.is_none() && stored.expires_at <= self.now {
            return refuse("the refresh token has expired");
        }
        let Some(scopes) = self.scopes_within(&stored.authorization.scopes) else {
            let description = "scope goes beyond what was granted";
            return Ok(Err(Problem::new(ErrorCode::InvalidScope, description)));
        };
        let audience = self.resources.as_ref().unwrap_or(&stored.authorization.audience);
        if !audience.is_subset(&stored.authorization.audience) {
            let description = "resource goes beyond what was granted";
            return Ok(Err(Problem::new(ErrorCode::InvalidTarget, description)));
        }
        let Blank { access, refresh } = blank;
        let refresh = match repeated.flatten() {
            Some(successor) => Some(successor),
            None => self.advance(db, &stored, refresh)?,
        };
        let authorization = &stored.authorization;
        let reach = Reach { scopes: &scopes, audience, key: self.client.key.as_ref() };
        issue::with_access(db, &self.client, authorization, &reach, access, refresh, self.now)
            .map(Ok)
    }

    /// The refresh tokens of an attested client are bound to the installation that got them, and those
    /// of a client that does not authenticate to its key, if it had one (RFC 9449 §5). Whoever got
    /// hold of one alone can do nothing with it, not even end it.
    fn has_key(&self, stored: &StoredRefresh) -> bool {
        let bound = &stored.authorization;
        if bound.instance.is_some() {
            return self.client.instance == bound.instance;
        }
        self.client.is_confidential() || bound.key.is_none() || self.client.key == bound.key
    }

    /// What was asked for, or all that was granted, as far as the client may still have it.
    fn scopes_within(&self, granted: &Scopes) -> Option<Scopes> {
        let allowed = granted.intersection(&self.client.scopes);
        let scopes = match &self.scopes {
            Some(asked) => asked.is_subset(&allowed).then(|| asked.clone())?,
            None => allowed,
        };
        (!scopes.is_empty()).then_some(scopes)
    }

    /// The successor that was issued already, when this may be the repetition of a request whose
    /// answer got lost: within the grace time, and nobody has used the successor.
    fn repeated(&self, rotation: &Rotation) -> Option<Minted<Refresh>> {
        let in_time = self.now.since(rotation.at) < self.grace;
        let sealed = rotation.sealed.as_ref().filter(|_| in_time)?;
        sealed.unseal(&self.token, &rotation.successor)
    }

    /// Uses the token, and returns what the client uses next: its successor where tokens rotate, else
    /// the token itself, since many clients keep nothing of an answer before.
    fn advance(
        &self,
        db: &Connection,
        stored: &StoredRefresh,
        successor: Minted<Refresh>,
    ) -> rusqlite::Result<Option<Minted<Refresh>>> {
        match self.client.refresh {
            RefreshPolicy::Rotating { lifetime } => {
                let sealed = successor.seal(&self.token);
                let expires_at = stored.authorization.refresh_until(self.now.plus(lifetime));
                let fingerprint = successor.fingerprint();
                tokens::rotate(db, stored, &fingerprint, &sealed, expires_at, self.now)?;
                Ok(Some(successor))
            }
            RefreshPolicy::Fixed { lifetime } => {
                let expires_at = stored.authorization.refresh_until(self.now.plus(lifetime));
                tokens::prolong_refresh(db, stored, expires_at)?;
                Ok(Minted::presented(&self.token))
            }
            // The client got the token under an earlier registration; it may use it up.
            RefreshPolicy::None => Ok(None),
        }
    }
}
