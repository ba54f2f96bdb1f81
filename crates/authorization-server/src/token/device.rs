//! Asking whether a device code was confirmed, and redeeming it (RFC 8628 §3.4, §3.5).

use rusqlite::Connection;

use super::issue::{self, Blank, Reach, Stored, TokenAnswer};
use crate::audit::AUDIT;
use crate::client::{ClientId, GrantType};
use crate::clock::UnixMillis;
use crate::device::SLOW_DOWN;
use crate::http::{Authenticated, ErrorCode, Form, Problem};
use crate::secret::{Device, Fingerprint};
use crate::server::Server;
use crate::store::authorizations::{self, NewAuthorization};
use crate::store::device_requests::{self, Approval, Outcome, StoredRequest};
use crate::store::grants;

/// Issues the tokens once the user has confirmed, and says until then what the client waits for.
///
/// A device code of another client is left as it is.
pub(super) async fn redeem(
    server: &Server,
    client: &Authenticated,
    form: &Form,
) -> Result<TokenAnswer, Problem> {
    if !client.may_use(GrantType::DeviceCode) {
        return Err(Problem::new(
            ErrorCode::UnauthorizedClient,
            "this client may not use device codes",
        ));
    }
    let code = Fingerprint::of(form.require("device_code", "device_code is missing")?);
    let polling = Polling { code, client: client.clone() };
    let blank = Blank::new()?;
    let now = server.clock.now();
    let outcome = server.store.write(move |db| polling.carry_out(db, blank, now)).await?;
    if outcome.is_ok() {
        tracing::info!(target: AUDIT, client = %client.id, "device code redeemed");
    }
    outcome?.into_answer(server, client, now).await
}

struct Polling {
    code: Fingerprint<Device>,
    client: Authenticated,
}

impl Polling {
    // The inner result is committed either way: a question that comes too early lengthens the wait.
    fn carry_out(
        &self,
        db: &Connection,
        blank: Blank,
        now: UnixMillis,
    ) -> rusqlite::Result<Result<Stored, Problem>> {
        let refuse = |code, description| Ok(Err(Problem::new(code, description)));
        let is_own = |request: &StoredRequest| {
            request.asked.client.as_deref() == Some(self.client.id.as_str())
        };
        let Some(request) = device_requests::find(db, &self.code)?.filter(is_own) else {
            return refuse(ErrorCode::InvalidGrant, "the device code is unknown");
        };
        if request.used_at.is_some() {
            return refuse(ErrorCode::InvalidGrant, "the device code was used before");
        }
        if request.asked.expires_at <= now {
            return refuse(ErrorCode::ExpiredToken, "the device code has expired");
        }
        match &request.outcome {
            Outcome::Denied => refuse(ErrorCode::AccessDenied, "the user said no"),
            Outcome::Pending { interval, polled_at } => {
                let is_early = polled_at.is_some_and(|at| now.since(at) < *interval);
                let interval = if is_early { *interval + SLOW_DOWN } else { *interval };
                request.polled(db, interval, now)?;
                if is_early {
                    refuse(ErrorCode::SlowDown, "wait five seconds longer between two requests")
                } else {
                    refuse(ErrorCode::AuthorizationPending, "the user has not answered yet")
                }
            }
            Outcome::Approved(approval) => {
                if !request.use_up(db, now)? {
                    return refuse(ErrorCode::InvalidGrant, "the device code was used before");
                }
                self.issue(db, &request, approval, blank, now)
            }
        }
    }

    fn issue(
        &self,
        db: &Connection,
        request: &StoredRequest,
        approval: &Approval,
        blank: Blank,
        now: UnixMillis,
    ) -> rusqlite::Result<Result<Stored, Problem>> {
        let Approval { user, scopes, grant, host, authenticated_at } = approval;
        let given = match grant {
            Some(grant) => grants::find(db, grant)?,
            None => None,
        };
        if given.is_none() {
            let description = "the user took back what they had allowed";
            return Ok(Err(Problem::new(ErrorCode::AccessDenied, description)));
        }
        // The registration may have changed while the user was thinking.
        let scopes = scopes.intersection(&self.client.scopes);
        if scopes.is_empty() {
            let description = "none of the scopes can be granted";
            return Ok(Err(Problem::new(ErrorCode::InvalidScope, description)));
        }
        let client: &ClientId = &self.client.id;
        let new = NewAuthorization {
            user: Some(user),
            client,
            grant: grant.as_ref(),
            mediator: host.as_ref(),
            session: None,
            scopes: &scopes,
            audience: &request.asked.audience,
            nonce: None,
            key: None,
            authenticated_at: Some(*authenticated_at),
            ends_at: None,
            code: None,
        };
        let authorization = authorizations::begin(db, &new, now)?;
        let reach = Reach {
            scopes: &scopes,
            audience: &authorization.audience,
            key: self.client.key.as_ref(),
        };
        issue::first(db, &self.client, &authorization, &reach, blank, now).map(Ok)
    }
}
