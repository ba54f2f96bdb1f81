//! What the file may hold.

use std::net::SocketAddr;
use std::num::NonZero;
use std::path::PathBuf;
use std::time::Duration;

use minihost_authorization_server::{KeyRotation, ProxyHeader, TrustedProxies};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use url::Url;

use super::super::logging::Logging;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Contents {
    pub(super) issuer: Url,
    pub(super) database: PathBuf,
    pub(super) listen: SocketAddr,
    #[serde(default)]
    pub(super) hosts: Vec<String>,
    #[serde(default, deserialize_with = "proxies")]
    pub(super) trusted_proxies: Vec<String>,
    #[serde(default)]
    pub(super) proxy_header: Header,
    pub(super) tls: Option<TlsFiles>,
    #[serde(default)]
    pub(super) lifetimes: LifetimesTable,
    #[serde(default)]
    pub(super) keys: KeysTable,
    #[serde(default)]
    pub(super) limits: LimitsTable,
    #[serde(default)]
    pub(super) log: Logging,
    pub(super) accounts: Option<Accounts>,
    pub(super) login: Option<Login>,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Header {
    #[default]
    XForwardedFor,
    Forwarded,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TlsFiles {
    pub(super) certificate: PathBuf,
    pub(super) key: PathBuf,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct LifetimesTable {
    pub(super) code_seconds: Option<u64>,
    pub(super) refresh_grace_seconds: Option<u64>,
    pub(super) consent_prompt_seconds: Option<u64>,
    pub(super) session_idle_seconds: Option<u64>,
    pub(super) session_seconds: Option<u64>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct KeysTable {
    #[serde(deserialize_with = "lead")]
    pub(super) lead_seconds: Option<u64>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct LimitsTable {
    pub(super) connections: Option<NonZero<usize>>,
    pub(super) head_seconds: Option<u64>,
    pub(super) request_seconds: Option<u64>,
    pub(super) keep_alive_seconds: Option<u64>,
    pub(super) drain_seconds: Option<u64>,
    pub(super) open_requests_per_address: Option<NonZero<u32>>,
    pub(super) open_requests_per_client: Option<NonZero<u32>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Accounts {
    pub(super) url: Url,
    pub(super) token_file: Option<PathBuf>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Login {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) url: Url,
    pub(super) keys_file: PathBuf,
    #[serde(default)]
    pub(super) own_page: bool,
}

/// Refuses what is no proxy while the line is known.
fn proxies<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    let given = Vec::<String>::deserialize(from)?;
    TrustedProxies::new(&given, ProxyHeader::default()).map_err(D::Error::custom)?;
    Ok(given)
}

/// The same for a lead of keys that `keys rotate` would not take.
fn lead<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u64>, D::Error> {
    let given = u64::deserialize(from)?;
    KeyRotation::Ahead(Duration::from_secs(given)).check().map_err(D::Error::custom)?;
    Ok(Some(given))
}
