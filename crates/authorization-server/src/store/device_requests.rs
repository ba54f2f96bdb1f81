//! Requests that a user confirms on another device (RFC 8628).

use std::net::IpAddr;
use std::time::Duration;

use rusqlite::{Connection, OptionalExtension as _, Row, named_params};

use crate::client::ClientId;
use crate::clock::UnixMillis;
use crate::device::UserCodeHash;
use crate::resource::Audience;
use crate::scope::Scopes;
use crate::secret::{Device, Fingerprint};
use crate::store::browser_sessions::BrowserSessionId;
use crate::store::grants::GrantId;
use crate::store::open_requests::Party;
use crate::user::UserId;

/// A request to store.
pub(crate) struct NewRequest<'a> {
    pub(crate) device: &'a Fingerprint<Device>,
    pub(crate) user_code: &'a UserCodeHash,
    /// Without a client where this server's own sign-in page asks.
    pub(crate) party: &'a Party,
    pub(crate) scopes: &'a Scopes,
    pub(crate) audience: &'a Audience,
    pub(crate) address: Option<IpAddr>,
    pub(crate) user_agent: Option<&'a str>,
    pub(crate) interval: Duration,
    pub(crate) expires_at: UnixMillis,
}

/// Stores a new request; `false` when its user code is taken.
pub(crate) fn insert(
    db: &Connection,
    new: &NewRequest<'_>,
    now: UnixMillis,
) -> rusqlite::Result<bool> {
    let stored = db
        .prepare_cached(
            "INSERT INTO device_requests (hash, user_code_hash, client, source, site, scopes, audience, address,
                 user_agent, interval, created_at, expires_at)
             VALUES (:hash, :user_code, :client, :source, :site, :scopes, :audience, :address, :user_agent,
                 :interval, :now, :expires_at)
             ON CONFLICT (user_code_hash) DO NOTHING",
        )?
        .execute(named_params! {
            ":hash": new.device,
            ":user_code": new.user_code,
            ":client": new.party.client_id(),
            ":source": new.party.source(),
            ":site": new.party.site(),
            ":scopes": new.scopes,
            ":audience": new.audience,
            ":address": new.address.map(|address| address.to_string()),
            ":user_agent": new.user_agent,
            ":interval": seconds(new.interval),
            ":now": now,
            ":expires_at": new.expires_at,
        })?;
    Ok(stored == 1)
}

/// What asks, and where from.
pub(crate) struct Asked {
    /// `None` where this server's own sign-in page asks.
    pub(crate) client: Option<String>,
    pub(crate) scopes: Scopes,
    pub(crate) audience: Audience,
    pub(crate) address: Option<String>,
    pub(crate) user_agent: Option<String>,
    pub(crate) created_at: UnixMillis,
    pub(crate) expires_at: UnixMillis,
}

impl Asked {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            client: row.get("client")?,
            scopes: row.get("scopes")?,
            audience: row.get("audience")?,
            address: row.get("address")?,
            user_agent: row.get("user_agent")?,
            created_at: row.get("created_at")?,
            expires_at: row.get("expires_at")?,
        })
    }
}

/// A request that waits for its user. Deciding it consumes it.
pub(crate) struct OpenRequest {
    device: Fingerprint<Device>,
    pub(crate) asked: Asked,
}

/// Who decides, where, and since when they are signed in there.
pub(crate) struct Decider<'a> {
    pub(crate) user: &'a UserId,
    pub(crate) place: Place<'a>,
    pub(crate) authenticated_at: UnixMillis,
}

/// Where a user decides. What is allowed there ends, until it is redeemed, with what it rests on.
#[derive(Clone, Copy)]
pub(crate) enum Place<'a> {
    App(&'a ClientId),
    Browser(BrowserSessionId),
}

/// What a user answers.
pub(crate) enum Verdict<'a> {
    Denied,
    /// That it is they who sign in to this server itself.
    SignedIn,
    /// That the client may have this, by a grant that is in force.
    Granted {
        scopes: &'a Scopes,
        grant: &'a GrantId,
    },
}

/// The request of this user code that waits for an answer and can still be answered.
pub(crate) fn find_open(
    db: &Connection,
    code: &UserCodeHash,
    now: UnixMillis,
) -> rusqlite::Result<Option<OpenRequest>> {
    db.prepare_cached(
        "SELECT * FROM device_requests
         WHERE user_code_hash = ?1 AND decided_at IS NULL AND expires_at > ?2",
    )?
    .query_row((code, now), |row| {
        Ok(OpenRequest { device: row.get("hash")?, asked: Asked::read(row)? })
    })
    .optional()
}

impl OpenRequest {
    /// Writes the user's answer down.
    pub(crate) fn decide(
        self,
        db: &Connection,
        decider: &Decider<'_>,
        verdict: &Verdict<'_>,
        now: UnixMillis,
    ) -> rusqlite::Result<()> {
        let nothing = Scopes::default();
        let (approved, grant) = match verdict {
            Verdict::Denied => (None, None),
            Verdict::SignedIn => (Some(&nothing), None),
            Verdict::Granted { scopes, grant } => (Some(*scopes), Some(&grant.0)),
        };
        let (host, session) = match decider.place {
            Place::App(host) => (Some(host), None),
            Place::Browser(session) => (None, Some(session)),
        };
        db.prepare_cached(
            "UPDATE device_requests SET decided_at = :now, user = :user, host = :host,
                 session_id = :session, approved_scopes = :approved, grant_id = :grant,
                 authenticated_at = :authenticated_at
             WHERE hash = :hash AND decided_at IS NULL",
        )?
        .execute(named_params! {
            ":now": now,
            ":user": decider.user,
            ":host": host,
            ":session": session,
            ":approved": approved,
            ":grant": grant,
            ":authenticated_at": decider.authenticated_at,
            ":hash": self.device,
        })?;
        Ok(())
    }
}

/// Uses up what this user has allowed and nobody has redeemed.
pub(crate) fn end_of_user(db: &Connection, user: &UserId, now: UnixMillis) -> rusqlite::Result<()> {
    db.prepare_cached(
        "UPDATE device_requests SET used_at = ?2
         WHERE user = ?1 AND approved_scopes IS NOT NULL AND used_at IS NULL",
    )?
    .execute((user, now))?;
    Ok(())
}

/// Uses up what was allowed in this browser session and nobody has redeemed.
pub(crate) fn end_of_session(
    db: &Connection,
    session: BrowserSessionId,
    now: UnixMillis,
) -> rusqlite::Result<()> {
    db.prepare_cached(
        "UPDATE device_requests SET used_at = ?2
         WHERE session_id = ?1 AND approved_scopes IS NOT NULL AND used_at IS NULL",
    )?
    .execute((session, now))?;
    Ok(())
}

/// What became of a request.
pub(crate) enum Outcome {
    Pending { interval: Duration, polled_at: Option<UnixMillis> },
    Denied,
    Approved(Approval),
}

/// A user's yes.
pub(crate) struct Approval {
    pub(crate) user: UserId,
    pub(crate) scopes: Scopes,
    /// `None` where this server's own sign-in page asked.
    pub(crate) grant: Option<GrantId>,
    pub(crate) host: Option<ClientId>,
    pub(crate) authenticated_at: UnixMillis,
}

/// A stored request as the one who holds its device code sees it.
pub(crate) struct StoredRequest {
    device: Fingerprint<Device>,
    pub(crate) asked: Asked,
    pub(crate) outcome: Outcome,
    pub(crate) used_at: Option<UnixMillis>,
}

/// The request of this device code.
pub(crate) fn find(
    db: &Connection,
    device: &Fingerprint<Device>,
) -> rusqlite::Result<Option<StoredRequest>> {
    db.prepare_cached("SELECT * FROM device_requests WHERE hash = ?1")?
        .query_row([device], |row| {
            let decided_at: Option<UnixMillis> = row.get("decided_at")?;
            let approved: Option<Scopes> = row.get("approved_scopes")?;
            let outcome = match (decided_at, approved) {
                (None, _) => Outcome::Pending {
                    interval: Duration::from_secs(u64::from(row.get::<_, u32>("interval")?)),
                    polled_at: row.get("polled_at")?,
                },
                (Some(_), None) => Outcome::Denied,
                (Some(_), Some(scopes)) => Outcome::Approved(Approval {
                    user: row.get("user")?,
                    scopes,
                    grant: row.get::<_, Option<String>>("grant_id")?.map(GrantId),
                    host: row.get("host")?,
                    authenticated_at: row.get("authenticated_at")?,
                }),
            };
            Ok(StoredRequest {
                device: row.get("hash")?,
                asked: Asked::read(row)?,
                outcome,
                used_at: row.get("used_at")?,
            })
        })
        .optional()
}

impl StoredRequest {
    /// Notes that the client asked, and how long it must wait from now on.
    pub(crate) fn polled(
        &self,
        db: &Connection,
        interval: Duration,
        now: UnixMillis,
    ) -> rusqlite::Result<()> {
        db.prepare_cached(
            "UPDATE device_requests SET polled_at = ?2, interval = ?3 WHERE hash = ?1",
        )?
        .execute((&self.device, now, seconds(interval)))?;
        Ok(())
    }

    /// Uses the code up, for good. `false` when it was used before.
    pub(crate) fn use_up(&self, db: &Connection, now: UnixMillis) -> rusqlite::Result<bool> {
        let used = db
            .prepare_cached(
                "UPDATE device_requests SET used_at = ?2 WHERE hash = ?1 AND used_at IS NULL",
            )?
            .execute((&self.device, now))?;
        Ok(used == 1)
    }
}

fn seconds(span: Duration) -> u32 {
    u32::try_from(span.as_secs()).unwrap_or(u32::MAX)
}
