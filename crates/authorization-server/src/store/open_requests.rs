//! How many requests may wait for their users at once. Anybody can have one made, and each is kept for
//! minutes: no source alone must be able to fill the database with them, or to lock others out.

use std::net::IpAddr;

use ipnet::IpNet;
use rusqlite::types::ToSql;
use rusqlite::{Connection, OptionalExtension as _};

use crate::client::{Client, ClientId, Proof};
use crate::clock::UnixMillis;
use crate::config::OpenRequests;
use crate::http::Problem;
use crate::proxy;

/// How many times as many places a site of many networks has as each of them.
const PER_SITE: u32 = 10;

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

/// Where requests come from. All that come from nobody knows where count together.
pub(crate) struct Source {
    /// What one caller has to itself.
    network: String,
    /// The site that it may be a part of.
    site: Option<String>,
}

impl Source {
    fn of(address: Option<IpAddr>) -> Self {
        let text = |network: IpNet| network.to_string();
        Self {
            network: address.map(proxy::network).map(text).unwrap_or_default(),
            site: address.and_then(proxy::site).map(text),
        }
    }
}

/// For whom a request counts while it waits.
pub(crate) enum Party {
    /// A client that proves who it is with a secret or a key. Its server asks for all of its users from
    /// one address.
    Server(ClientId),
    /// Whoever is at an address, as which client they ask. For that client it does not count: anybody can
    /// ask as it, and would lock its users out.
    Somebody { source: Source, client: Option<ClientId> },
}

/// There is no place for another request.
pub(crate) struct Full {
    /// When the next one is free at the latest.
    until: UnixMillis,
}

impl Party {
    /// A browser.
    pub(crate) fn browser(address: Option<IpAddr>) -> Self {
        Self::Somebody { source: Source::of(address), client: None }
    }

    /// A client. What an attester vouches for is an installation, of which anybody may have one.
    pub(crate) fn client(client: &Client, address: Option<IpAddr>) -> Self {
        let is_server = client.is_confidential() && !matches!(client.proof, Proof::Attested(_));
        let id = client.id.clone();
        match is_server {
            true => Self::Server(id),
            false => Self::Somebody { source: Source::of(address), client: Some(id) },
        }
    }

    /// As which client they ask.
    pub(crate) fn client_id(&self) -> Option<&ClientId> {
        match self {
            Self::Server(client) => Some(client),
            Self::Somebody { client, .. } => client.as_ref(),
        }
    }

    /// The network that the request counts for.
    pub(crate) fn source(&self) -> Option<&str> {
        match self {
            Self::Server(_) => None,
            Self::Somebody { source, .. } => Some(&source.network),
        }
    }

    /// The site that it counts for besides.
    pub(crate) fn site(&self) -> Option<&str> {
        match self {
            Self::Server(_) => None,
            Self::Somebody { source, .. } => source.site.as_deref(),
        }
    }

    /// Whether there is a place for another request of theirs.
    pub(crate) fn check(
        &self,
        db: &Connection,
        kind: Kind,
        limits: OpenRequests,
        now: UnixMillis,
    ) -> rusqlite::Result<Result<(), Full>> {
        let (per_address, per_client) = (limits.per_address.get(), limits.per_client.get());
        let last =
            |column, value: &dyn ToSql, limit| last_place(db, kind, column, value, limit, now);
        let until = match self {
            Self::Server(client) => last("client", client, per_client)?,
            Self::Somebody { source, .. } => {
                let of_network = last("source", &source.network, per_address)?;
                let of_site = match &source.site {
                    Some(site) => last("site", site, per_address.saturating_mul(PER_SITE))?,
                    None => None,
                };
                of_network.max(of_site)
            }
        };
        Ok(until.map_or(Ok(()), |until| Err(Full { until })))
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
    fn places_are_counted_by_an_index() {
        let db = Connection::open_in_memory().unwrap();
        db.execute_batch(schema::CREATE).unwrap();
        for (kind, columns) in [
            (Kind::Device, &["source", "site", "client"][..]),
            (Kind::ExternalLogin, &["source", "site"]),
            (Kind::Pushed, &["source", "site", "client"]),
        ] {
            let (table, waits) = kind.waiting();
            for column in columns {
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
