//! Bringing a file of an earlier schema up to today's. Users, grants and tokens stay.

use std::time::Duration;

use rusqlite::types::Type;
use rusqlite::{Connection, Row};

use super::schema;
use crate::client::{
    Client, ClientAuthentication, ClientId, ClientKind, ClientRegistration, GrantType, KeptSecret,
    Proof, RefreshPolicy, Requirement,
};
use crate::error::InvalidRegistration;
use crate::redirect_uri::RedirectUri;

/// Migrates within the open transaction, with foreign keys off. `from` is an earlier version.
pub(super) fn migrate(db: &Connection, from: i64) -> rusqlite::Result<()> {
    if from < 2 {
        from_first(db)?;
    }
    db.pragma_update(None, "user_version", schema::VERSION)
}

/// The first schema had a column for each setting of a client, and neither sign-in pages nor keys. When
/// a user signed in it knew of hosts alone, whose authorizations begin with it and rest on no grant.
fn from_first(db: &Connection) -> rusqlite::Result<()> {
    const TABLES: [&str; 8] = [
        "server",
        "clients",
        "users",
        "grants",
        "authorizations",
        "codes",
        "access_tokens",
        "refresh_tokens",
    ];
    let clients = first_clients(db)?;
    for table in TABLES.into_iter().chain(["consent_evidence"]) {
        db.execute_batch(&format!(
            "CREATE TEMP TABLE first_{table} AS SELECT * FROM main.{table}; DROP TABLE main.{table};"
        ))?;
    }
    db.execute_batch(schema::CREATE)?;
    for client in clients {
        super::clients::put(db, &client)?;
    }
    db.execute_batch(
        "INSERT INTO server (only_row, pairwise_salt) SELECT only_row, pairwise_salt FROM first_server;
         INSERT INTO users (id, username, password_hash, preferred_username, email, email_verified,
             phone_number)
             SELECT id, username, password_hash, preferred_username, email, email_verified,
             phone_number FROM first_users;
         INSERT INTO grants (id, user, client, scopes, created_at, updated_at)
             SELECT id, user, client, scopes, created_at, updated_at FROM first_grants;
         INSERT INTO authorizations (id, user, client, grant_id, scopes, authenticated_at,
             created_at, revoked_at, code_hash, code_challenge, code_expires_at, code_spent_at,
             redirect_uri, redirect_uri_was_given)
             SELECT a.id, a.user, a.client, a.grant_id, a.scopes,
             CASE WHEN a.grant_id IS NULL THEN a.created_at END, a.created_at, a.revoked_at, c.hash,
             c.code_challenge, c.expires_at, c.spent_at, c.redirect_uri,
             CASE WHEN c.hash IS NOT NULL THEN 1 END
             FROM first_authorizations AS a
             LEFT JOIN first_codes AS c ON c.authorization_id = a.id;
         INSERT INTO access_tokens (hash, authorization_id, scopes, issued_at, expires_at)
             SELECT t.hash, t.authorization_id, t.scopes, a.created_at, t.expires_at
             FROM first_access_tokens AS t JOIN first_authorizations AS a ON a.id = t.authorization_id;
         INSERT INTO refresh_tokens SELECT * FROM first_refresh_tokens;
         INSERT INTO consent_evidence SELECT * FROM first_consent_evidence;",
    )?;
    for table in TABLES.into_iter().chain(["consent_evidence"]) {
        db.execute_batch(&format!("DROP TABLE temp.first_{table};"))?;
    }
    Ok(())
}

fn first_clients(db: &Connection) -> rusqlite::Result<Vec<Client>> {
    let mut find = db.prepare("SELECT * FROM clients")?;
    let clients = find.query_map((), first_client)?;
    clients.collect()
}

fn first_client(row: &Row<'_>) -> rusqlite::Result<Client> {
    let list = |column: &str| -> rusqlite::Result<Vec<String>> {
        let text: String = row.get(column)?;
        Ok(text.split_ascii_whitespace().map(str::to_owned).collect())
    };
    let seconds = |column: &str| -> rusqlite::Result<Duration> {
        Ok(Duration::from_secs(u64::from(row.get::<_, u32>(column)?)))
    };
    let is_host = row.get::<_, String>("kind")? == "host";
    let kind = if is_host {
        let targets = list("may_mediate_for")?.into_iter().map(ClientId::new);
        ClientKind::Host {
            may_mediate_for: targets.collect::<Result<_, _>>().map_err(unreadable)?,
            consent_evidence: match row.get("require_consent")? {
                true => Requirement::Required,
                false => Requirement::Optional,
            },
        }
    } else {
        ClientKind::MiniProgram
    };
    let mut registration = ClientRegistration::new(
        ClientId::new(row.get::<_, String>("id")?).map_err(unreadable)?,
        kind,
        ClientAuthentication::None,
        row.get("scopes")?,
    );
    let uris = list("redirect_uris")?.into_iter().map(RedirectUri::new);
    registration.redirect_uris = uris.collect::<Result<_, _>>().map_err(unreadable)?;
    registration.access_token_lifetime = seconds("access_token_lifetime")?;
    let lifetime = seconds("refresh_token_lifetime")?;
    registration.refresh = match row.get::<_, String>("refresh_policy")?.as_str() {
        "rotating" => RefreshPolicy::Rotating { lifetime },
        "fixed" => RefreshPolicy::Fixed { lifetime },
        _ => RefreshPolicy::None,
    };
    if row.get("password_grant")? {
        registration.grants.insert(GrantType::Password);
    }
    let proof = match row.get("secret_hash")? {
        Some(hash) => Proof::Secret(KeptSecret::new(hash)),
        None => Proof::None,
    };
    Ok(Client { proof, ..registration.unchecked() })
}

fn unreadable(error: InvalidRegistration) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(0, Type::Text, Box::new(error))
}

#[cfg(test)]
mod tests {
    use super::super::{clients, open, users};
    use super::*;
    use crate::user::UserId;

    /// A file as the first schema had it, with one of everything.
    const FIRST: &str = include_str!("../../tests/fixtures/first_schema.sql");

    #[test]
    fn a_file_of_the_first_schema_keeps_its_clients_users_grants_and_tokens() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.sqlite");
        let first = Connection::open(&path).unwrap();
        first.execute_batch(FIRST).unwrap();
        let signed_in =
            "INSERT INTO authorizations VALUES (2, 'u', 'bank', NULL, 'mediate', 5, NULL)";
        first.execute_batch(signed_in).unwrap();
        first.pragma_update(None, "application_id", schema::APPLICATION_ID).unwrap();
        first.pragma_update(None, "user_version", 1).unwrap();
        drop(first);

        let (db, salt) = open::writable(&path).unwrap();
        assert_eq!(salt.0, [7; 32]);
        let found = clients::all(&db).unwrap();
        let [host, program] = found.as_slice() else { panic!("two clients were stored") };
        assert!(host.may_use(GrantType::Password) && host.is_confidential());
        let targets = vec![program.id.clone()];
        let required = Requirement::Required;
        let kind = ClientKind::Host { may_mediate_for: targets, consent_evidence: required };
        assert_eq!(host.kind, kind);
        assert_eq!(program.redirect_uris.len(), 2);
        assert_eq!(program.refresh.lifetime(), Some(Duration::from_secs(60)));
        assert!(users::credentials(&db, "alice").unwrap().is_some());
        let details = users::details(&db, &UserId("u".to_owned())).unwrap().unwrap();
        assert_eq!(details.email.as_deref(), Some("alice@mail.example"));
        let code = "SELECT count(*) FROM authorizations
                    WHERE code_hash = zeroblob(32) AND code_challenge = zeroblob(32)
                    AND code_expires_at = 9000000000000 AND code_spent_at IS NULL
                    AND redirect_uri = 'https://tea.example/a' AND redirect_uri_was_given";
        assert_eq!(db.query_row(code, (), |row| row.get(0)), Ok(1));
        for table in ["grants", "access_tokens", "refresh_tokens", "consent_evidence"] {
            let count = format!("SELECT count(*) FROM {table}");
            assert_eq!(db.query_row(&count, (), |row| row.get(0)), Ok(1), "{table}");
        }
        let mut find =
            db.prepare("SELECT authenticated_at FROM authorizations ORDER BY id").unwrap();
        let times: Result<Vec<Option<i64>>, _> =
            find.query_map((), |row| row.get(0)).unwrap().collect();
        assert_eq!(times, Ok(vec![None, Some(5)]), "a code does not tell when its user signed in");
        drop(find);
        let broken = db.prepare("PRAGMA foreign_key_check").unwrap().exists(()).unwrap();
        assert!(!broken);
        drop(db);
        assert!(open::writable(&path).is_ok(), "it opens as today's schema from then on");
    }
}
