//! The device authorization endpoint (RFC 8628 §3.1, §3.2).

use std::net::IpAddr;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::USER_AGENT;
use axum::response::Response;
use serde::Serialize;
use url::form_urlencoded;

use super::{INTERVAL, LIFETIME, UserCode, VERIFICATION_PATH};
use crate::audit::AUDIT;
use crate::client::{Client, GrantType};
use crate::http::{Caller, ErrorCode, Form, Problem, audience, authenticate, unstored};
use crate::resource::Audience;
use crate::scope::Scopes;
use crate::secret::{Device, Minted};
use crate::server::Server;
use crate::store::device_requests::{self, NewRequest};
use crate::store::open_requests::{Kind, Party};

/// As much of it as helps a person to know their browser again.
const MAX_USER_AGENT: usize = 256;
/// An open code that is made a second time is this many times replaced; each time is one in 10⁸
/// where a hundred codes are open.
const TRIES: usize = 3;

/// Gives an authenticated client a device code and a user code.
pub(crate) async fn answer(
    State(server): State<Server>,
    caller: Caller,
    headers: HeaderMap,
    form: Form,
) -> Result<Response, Problem> {
    let client = authenticate(&server, &caller, &form).await?;
    if !client.may_use(GrantType::DeviceCode) {
        return Err(Problem::new(
            ErrorCode::UnauthorizedClient,
            "this client may not use device codes",
        ));
    }
    let asking = Asking {
        party: Party::client(&client, caller.address),
        scopes: scopes(&client, &form)?,
        audience: audience(&server, &client, &form)?,
        address: caller.address,
        user_agent: user_agent(&headers),
    };
    let codes = ask(&server, asking).await?;
    tracing::info!(target: AUDIT, client = %client.id, "device code issued");
    let verification_uri = server.issuer.endpoint(VERIFICATION_PATH);
    let user_code = codes.user.grouped();
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("user_code", &user_code)
        .finish();
    Ok(unstored(Answer {
        device_code: codes.device.expose(),
        verification_uri_complete: format!("{verification_uri}?{query}"),
        verification_uri,
        user_code,
        expires_in: LIFETIME.as_secs(),
        interval: INTERVAL.as_secs(),
    }))
}

/// Who asks, and for what.
pub(crate) struct Asking {
    /// Without a client where this server's own sign-in page asks.
    pub(crate) party: Party,
    pub(crate) scopes: Scopes,
    pub(crate) audience: Audience,
    pub(crate) address: Option<IpAddr>,
    pub(crate) user_agent: Option<String>,
}

/// The two codes of a request that was stored. Has no `Debug`.
pub(crate) struct Codes {
    pub(crate) device: Minted<Device>,
    pub(crate) user: UserCode,
}

/// Stores the request under new codes, if there is a place for it.
pub(crate) async fn ask(server: &Server, asking: Asking) -> Result<Codes, Problem> {
    let device = Minted::new()?;
    let candidates = (0..TRIES)
        .map(|_| UserCode::generate())
        .collect::<Result<Vec<_>, _>>()?
        .into_iter()
        .map(|code| (code.hash(&server.seal), code))
        .collect::<Vec<_>>();
    let now = server.clock.now();
    let limits = server.open_requests;
    let stored = server.store.write(move |db| {
        if let Err(full) = asking.party.check(db, Kind::Device, limits, now)? {
            return Ok(Err(full.into_problem(now)));
        }
        for (hash, user) in candidates {
            let new = NewRequest {
                device: &device.fingerprint(),
                user_code: &hash,
                party: &asking.party,
                scopes: &asking.scopes,
                audience: &asking.audience,
                address: asking.address,
                user_agent: asking.user_agent.as_deref(),
                interval: INTERVAL,
                expires_at: now.plus(LIFETIME),
            };
            if device_requests::insert(db, &new, now)? {
                return Ok(Ok(Codes { device, user }));
            }
        }
        let description = "no code is free; try again";
        Ok(Err(Problem::new(ErrorCode::TemporarilyUnavailable, description)))
    });
    stored.await?
}

/// What the request's `User-Agent` says, as far as it is text.
pub(crate) fn user_agent(headers: &HeaderMap) -> Option<String> {
    let text = headers.get(USER_AGENT)?.to_str().ok()?;
    Some(text.chars().take(MAX_USER_AGENT).collect())
}

/// What was asked for, as far as the client may have it; without `scope` its default scopes.
fn scopes(client: &Client, form: &Form) -> Result<Scopes, Problem> {
    let invalid = |description| Problem::new(ErrorCode::InvalidScope, description);
    let scopes = match form.get("scope")? {
        Some(asked) => client
            .read_scopes(asked)
            .map_err(|_| invalid("scope is malformed"))?
            .intersection(&client.scopes),
        None => client.default_scopes.clone(),
    };
    // Who confirms a code allows it to a device that they see; the right to act for them in a host
    // is given by signing in there.
    let scopes = scopes.without_mediate();
    if scopes.is_empty() {
        return Err(invalid("none of the scopes can be granted"));
    }
    Ok(scopes)
}

/// RFC 8628 §3.2.
#[derive(Serialize)]
struct Answer<'a> {
    device_code: &'a str,
    user_code: String,
    verification_uri: String,
    verification_uri_complete: String,
    /// Seconds.
    expires_in: u64,
    /// Seconds.
    interval: u64,
}
