//! How many requests may wait for their users at once. Anybody can have one made, and each is kept for
//! minutes: no source and no client alone must be able to fill the database with them.

use std::net::{IpAddr, Ipv6Addr};

use rusqlite::types::{ToSql, ToSqlOutput};
use rusqlite::{Connection, OptionalExtension as _};

use crate::client::{Client, ClientId, Proof};
use crate::clock::UnixMillis;
use crate::config::OpenRequests;
use crate::http::Problem;

/// What waits. Each kind has places of its own.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Device,
    ExternalLogin,
    Pushed,
}

impl Kind {
    /// The table, and the condition for its rows that wait, word for word as in the indexes.
    fn waiting(self) -> (&'static str, &'static str) {
        match self {
            Self::Device => ("device_requests", "decided_at IS NULL"),
            Self::ExternalLogin => ("external_logins", "used_at IS NULL"),
            Self::Pushed => ("pushed_requests", "used_at IS NULL"),
        }
    }
}

/// Where requests come from: an IPv4 address, or the network of 64 bits that the smallest IPv6 site has
/// to itself (RFC 6177 §2). All that come from nobody knows where count together.
pub(crate) struct Source(String);

impl Source {
    fn of(address: Option<IpAddr>) -> Self {
        Self(match address.map(|address| address.to_canonical()) {
            None => String::new(),
            Some(IpAddr::V4(address)) => address.to_string(),
            Some(IpAddr::V6(address)) => {
                let network = u128::from(address) & !u128::from(u64::MAX);
                format!("{}/64", Ipv6Addr::from(network))
            }
        })
    }
}

impl ToSql for Source {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        self.0.to_sql()
    }
}

/// For whom a request counts while it waits.
pub(crate) struct Party {
    pub(crate) source: Option<Source>,
    pub(crate) client: Option<ClientId>,
}

/// There is no place for another request.
pub(crate) struct Full {
    /// When the next one is free at the latest.
    until: UnixMillis,
}

impl Party {
    /// A browser, and the client that it comes from, where it says so.
    pub(crate) fn browser(address: Option<IpAddr>, client: Option<ClientId>) -> Self {
        Self { source: Some(Source::of(address)), client }
    }

    /// A client. One that proves who it is with a secret or a key counts for itself alone: its server
    /// asks for all of its users from one address.
    pub(crate) fn client(client: &Client, address: Option<IpAddr>) -> Self {
        let is_server = client.is_confidential() && !matches!(client.proof, Proof::Attested(_));
        let source = (!is_server).then(|| Source::of(address));
        Self { source, client: Some(client.id.clone()) }
    }

    /// Whether there is a place for another request of theirs.
    pub(crate) fn check(
        &self,
        db: &Connection,
        kind: Kind,
        limits: OpenRequests,
        now: UnixMillis,
    ) -> rusqlite::Result<Result<(), Full>> {
        let (per_source, per_client) = (limits.per_address.get(), limits.per_client.get());
        let of_source = match &self.source {
            Some(source) => last_place(db, kind, "source", source, per_source, now)?,
            None => None,
        };
        let of_client = match &self.client {
            Some(client) => last_place(db, kind, "client", client, per_client, now)?,
            None => None,
        };
        Ok(of_source.max(of_client).map_or(Ok(()), |until| Err(Full { until })))
    }
}

impl Full {
    /// For the answer.
    pub(crate) fn into_problem(self, now: UnixMillis) -> Problem {
        Problem::too_many_open(self.until.since(now))
    }
}

/// When the request expires that takes the last of `limit` places; `None` when that one is free.
fn last_place(
    db: &Connection,
    kind: Kind,
    column: &'static str,
    value: &dyn ToSql,
    limit: u32,
    now: UnixMillis,
) -> rusqlite::Result<Option<UnixMillis>> {
    let (table, waits) = kind.waiting();
    db.prepare_cached(&format!(
        "SELECT expires_at FROM {table} WHERE {column} = ?1 AND {waits} AND expires_at > ?2
         ORDER BY expires_at DESC LIMIT 1 OFFSET ?3 - 1"
    ))?
    .query_row((value, now, limit), |row| row.get(0))
    .optional()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::schema;

    #[test]
    fn a_site_with_a_network_to_itself_is_one_source() {
        let source = |address: &str| Source::of(Some(address.parse().unwrap())).0;
        assert_eq!(source("192.0.2.7"), "192.0.2.7");
        assert_eq!(source("::ffff:192.0.2.7"), "192.0.2.7");
        assert_eq!(source("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
        assert_eq!(source("2001:db8:1:2::9"), source("2001:db8:1:2:ffff::"));
        assert_ne!(source("2001:db8:1:3::9"), source("2001:db8:1:2::9"));
        assert_eq!(Source::of(None).0, "");
    }

    #[test]
    fn places_are_counted_by_an_index() {
        let db = Connection::open_in_memory().unwrap();
        db.execute_batch(schema::CREATE).unwrap();
        for kind in [Kind::Device, Kind::ExternalLogin, Kind::Pushed] {
            let (table, waits) = kind.waiting();
            for column in ["source", "client"] {
                let plan: String = db
                    .query_row(
                        &format!(
                            "EXPLAIN QUERY PLAN SELECT expires_at FROM {table}
                             WHERE {column} = 'a' AND {waits} AND expires_at > 0
                             ORDER BY expires_at DESC LIMIT 1 OFFSET 8"
                        ),
                        (),
                        |row| row.get("detail"),
                    )
                    .unwrap();
                assert!(plan.contains("USING COVERING INDEX"), "{table} {column}: {plan}");
            }
        }
    }
}
