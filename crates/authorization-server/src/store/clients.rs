//! Registered clients.

use std::time::Duration;

use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension as _, Row, named_params};

use crate::client::{Client, ClientId, ClientKind, RefreshPolicy};
use crate::error::InvalidRegistration;
use crate::redirect_uri::RedirectUri;

/// Creates the client, or replaces the one of this id.
pub(crate) fn put(db: &Connection, client: &Client) -> rusqlite::Result<()> {
    let (kind, may_mediate_for, redirect_uris, require_consent, password_grant) = match &client.kind
    {
        ClientKind::Host { may_mediate_for, require_consent, password_grant } => {
            let targets = may_mediate_for.iter().map(ClientId::as_str);
            ("host", joined(targets), String::new(), *require_consent, *password_grant)
        }
        ClientKind::MiniProgram { redirect_uris } => {
            let uris = redirect_uris.iter().map(RedirectUri::as_str);
            ("mini_program", String::new(), joined(uris), false, false)
        }
    };
    let refresh_policy = match client.refresh {
        RefreshPolicy::None => "none",
        RefreshPolicy::Rotating { .. } => "rotating",
        RefreshPolicy::Fixed { .. } => "fixed",
    };
    db.prepare_cached(
        "INSERT INTO clients
         VALUES (:id, :kind, :secret_hash, :scopes, :access_token_lifetime, :refresh_policy,
                 :refresh_token_lifetime, :may_mediate_for, :require_consent, :password_grant,
                 :redirect_uris)
         ON CONFLICT (id) DO UPDATE SET
             kind = excluded.kind, secret_hash = excluded.secret_hash, scopes = excluded.scopes,
             access_token_lifetime = excluded.access_token_lifetime,
             refresh_policy = excluded.refresh_policy,
             refresh_token_lifetime = excluded.refresh_token_lifetime,
             may_mediate_for = excluded.may_mediate_for,
             require_consent = excluded.require_consent, password_grant = excluded.password_grant,
             redirect_uris = excluded.redirect_uris",
    )?
    .execute(named_params! {
        ":id": client.id,
        ":kind": kind,
        ":secret_hash": client.secret,
        ":scopes": client.scopes,
        ":access_token_lifetime": seconds(client.access_token_lifetime),
        ":refresh_policy": refresh_policy,
        ":refresh_token_lifetime": seconds(client.refresh.lifetime().unwrap_or_default()),
        ":may_mediate_for": may_mediate_for,
        ":require_consent": require_consent,
        ":password_grant": password_grant,
        ":redirect_uris": redirect_uris,
    })?;
    Ok(())
}

/// The client of this id.
pub(crate) fn find(db: &Connection, id: &ClientId) -> rusqlite::Result<Option<Client>> {
    db.prepare_cached("SELECT * FROM clients WHERE id = ?1")?.query_row([id], client).optional()
}

/// Whether any host may use the password grant.
pub(crate) fn any_password_grant(db: &Connection) -> rusqlite::Result<bool> {
    db.prepare_cached("SELECT EXISTS (SELECT 1 FROM clients WHERE password_grant)")?
        .query_row((), |row| row.get(0))
}

fn client(row: &Row<'_>) -> rusqlite::Result<Client> {
    let list = |column: &str| -> rusqlite::Result<Vec<String>> {
        let text: String = row.get(column)?;
        Ok(text.split_ascii_whitespace().map(str::to_owned).collect())
    };
    let kind: String = row.get("kind")?;
    let kind = match kind.as_str() {
        "host" => ClientKind::Host {
            may_mediate_for: each(list("may_mediate_for")?, ClientId::new)?,
            require_consent: row.get("require_consent")?,
            password_grant: row.get("password_grant")?,
        },
        _ => ClientKind::MiniProgram {
            redirect_uris: each(list("redirect_uris")?, RedirectUri::new)?,
        },
    };
    let span = |column: &str| -> rusqlite::Result<Duration> {
        Ok(Duration::from_secs(u64::from(row.get::<_, u32>(column)?)))
    };
    let lifetime = span("refresh_token_lifetime")?;
    let refresh_policy: String = row.get("refresh_policy")?;
    let id: String = row.get("id")?;
    Ok(Client {
        id: ClientId::new(id).map_err(unreadable)?,
        kind,
        secret: row.get("secret_hash")?,
        scopes: row.get("scopes")?,
        access_token_lifetime: span("access_token_lifetime")?,
        refresh: match refresh_policy.as_str() {
            "rotating" => RefreshPolicy::Rotating { lifetime },
            "fixed" => RefreshPolicy::Fixed { lifetime },
            _ => RefreshPolicy::None,
        },
    })
}

/// A registered lifetime is a year at most, so it always fits.
fn seconds(lifetime: Duration) -> u32 {
    u32::try_from(lifetime.as_secs()).unwrap_or(u32::MAX)
}

fn each<T>(
    texts: Vec<String>,
    read: impl Fn(String) -> Result<T, InvalidRegistration>,
) -> rusqlite::Result<Vec<T>> {
    texts.into_iter().map(|text| read(text).map_err(unreadable)).collect()
}

fn unreadable(error: InvalidRegistration) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(0, Type::Text, Box::new(error))
}

fn joined<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    texts.collect::<Vec<_>>().join(" ")
}
