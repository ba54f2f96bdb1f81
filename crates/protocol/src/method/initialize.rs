//! `host.initialize`: the first message of every document.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{ParamsResult, params::invalid};
use crate::{BridgeVersion, VersionRange, limits::Limits};

/// The method's name.
pub const METHOD: &str = "host.initialize";

/// The bridge versions the page speaks. The page's `client` name and version are for the host's
/// log only and are not read here.
pub fn versions(params: &Map<String, Value>) -> ParamsResult<VersionRange> {
    let wrong = || invalid("`versions` must be {\"min\":integer,\"max\":integer}.");
    let value = params.get("versions").ok_or_else(wrong)?;
    VersionRange::deserialize(value).map_err(|_| wrong())
}

/// What the page learns.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Initialized<'a> {
    /// The version that both sides will speak.
    pub version: BridgeVersion,
    /// Whom the host takes the page for.
    pub mini_program: MiniProgram<'a>,
    /// Who the host is.
    pub host: Host<'a>,
    /// The user's language, BCP 47.
    pub locale: &'a str,
    /// How the program was opened; untrusted input for the program.
    pub launch: &'a Launch,
    /// What can be called, heard and sent.
    pub capabilities: Capabilities<'a>,
}

/// A mini-program as its manifest names it.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct MiniProgram<'a> {
    /// The manifest's `id`.
    pub id: &'a str,
    /// The manifest's `version`.
    pub version: &'a str,
}

/// A host as it names itself.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Host<'a> {
    /// The host app's name.
    pub name: &'a str,
    /// The host app's version.
    pub version: &'a str,
    /// Such as `android`, `ios`, `simulator`.
    pub platform: &'a str,
}

/// How a program was opened, as the host asserts it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Launch {
    /// A path within the program.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// A query string without its question mark.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// Where the user came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// What a page can call, hear and send.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Capabilities<'a> {
    /// Methods that this session may call.
    pub methods: &'a [&'a str],
    /// Events that it may hear.
    pub events: &'a [&'a str],
    /// How large a message may be.
    pub limits: Limits,
}
