//! The manifest itself, whoever vouches for it.

use std::collections::BTreeSet;

use minihost_protocol::{
    BridgeVersion, VersionRange,
    method::request_code::is_scope_token,
    registry::is_host_method_name,
    strict::{self, Bounds},
};
use semver::Version;
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use url::Url;

use super::{Build, DeclaredScope, Manifest, ManifestError, Publisher, Trust};
use crate::{
    Audience, ClientId, MiniProgramId, Origin, RedirectUri, Scope, encoding::base64url,
    origin::is_secure_transport, text::Localised,
};

/// How large a manifest may be.
const BOUNDS: Bounds = Bounds { bytes: 192 * 1024, depth: 16, members: 4096 };

/// The longest resource that fits on a consent prompt, in characters.
const AUDIENCE: usize = 255;

/// The longest address of an icon, in characters.
const ICON: usize = 2048;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Payload {
    manifest_version: u32,
    id: String,
    version: Version,
    name: Localised,
    publisher: Publisher,
    start_url: Url,
    origins: Vec<String>,
    client_id: ClientId,
    redirect_uris: Vec<RedirectUri>,
    #[serde(default)]
    audiences: Vec<Audience>,
    scopes: Vec<DeclaredScope>,
    #[serde(default)]
    methods: BTreeSet<String>,
    #[serde(default = "first_version")]
    bridge: VersionRange,
    icon: Option<String>,
    privacy_policy_url: Option<Url>,
}

fn first_version() -> VersionRange {
    VersionRange { min: BridgeVersion(1), max: BridgeVersion(1) }
}

/// Reads JSON in which no object has two members of one name.
pub(super) fn parse(json: &[u8]) -> Result<Value, ManifestError> {
    strict::read(json, BOUNDS).map_err(|fault| ManifestError::Malformed(fault.to_string()))
}

impl Manifest {
    pub(super) fn read(json: &[u8], trust: Trust, build: Build) -> Result<Self, ManifestError> {
        let payload = Payload::deserialize(parse(json)?)
            .map_err(|error| ManifestError::Malformed(error.to_string()))?;
        let origins = payload.check(build)?;
        let icon = payload.own_icon(&origins);
        Ok(Self {
            id: MiniProgramId::new(payload.id),
            version: payload.version,
            name: payload.name,
            publisher: payload.publisher,
            start_url: payload.start_url,
            origins,
            client_id: payload.client_id,
            redirect_uris: payload.redirect_uris,
            audiences: payload.audiences,
            scopes: payload.scopes,
            methods: payload.methods,
            bridge: payload.bridge,
            icon,
            privacy_policy_url: payload.privacy_policy_url,
            trust,
            build,
            hash: base64url(&Sha256::digest(json)),
        })
    }
}

impl Payload {
    /// The icon, where it is the program's own and its address no longer than addresses are: one from
    /// elsewhere would tell a stranger who looks at it, and when.
    fn own_icon(&self, origins: &BTreeSet<Origin>) -> Option<Url> {
        let icon = Url::parse(self.icon.as_deref().filter(|icon| icon.len() <= ICON)?).ok()?;
        Origin::of(&icon).is_some_and(|origin| origins.contains(&origin)).then_some(icon)
    }

    /// Checks every member, and gives the origins.
    fn check(&self, build: Build) -> Result<BTreeSet<Origin>, ManifestError> {
        if self.manifest_version != 1 {
            return refuse("manifestVersion", "only version 1 is known");
        }
        if !is_dns_label(&self.id) {
            return refuse("id", "it must be a DNS label of at most 63 characters");
        }
        if self.name.has_blank() || self.publisher.name.has_blank() {
            let problem = "the program and its publisher need a visible name in each language";
            return refuse("name", problem);
        }
        if !is_acceptable(&self.start_url, build) {
            return refuse("startUrl", "it must be https, or http on this machine in development");
        }
        if self.privacy_policy_url.as_ref().is_some_and(|url| !is_acceptable(url, build)) {
            let problem = "it must be https, or http on this machine in development";
            return refuse("privacyPolicyUrl", problem);
        }
        let origins = read_origins(&self.origins, build)?;
        if !Origin::of(&self.start_url).is_some_and(|origin| origins.contains(&origin)) {
            return refuse("origins", "the start URL's origin must be among them");
        }
        check_redirect_uris(&self.redirect_uris, build)?;
        if self.audiences.iter().any(|audience| !is_plain_uri(audience.as_str())) {
            return refuse("audiences", "each must be an absolute URI in ASCII without a fragment");
        }
        if self.audiences.iter().any(|audience| audience.as_str().len() > AUDIENCE) {
            return refuse(
                "audiences",
                "each must be of at most 255 characters, to be shown whole",
            );
        }
        if self.scopes.iter().any(|scope| !is_scope_token(scope.name.as_str())) {
            return refuse("scopes", "a name is not a scope token of at most 128 characters");
        }
        let names: BTreeSet<&Scope> = self.scopes.iter().map(|scope| &scope.name).collect();
        if names.len() != self.scopes.len() {
            return refuse("scopes", "a scope is named twice");
        }
        if !self.methods.iter().all(|method| is_host_method_name(method)) {
            return refuse("methods", "each must be a host's own method, `vendor.name`");
        }
        if self.bridge.min > self.bridge.max || self.bridge.min < BridgeVersion(1) {
            return refuse("bridge", "`min` must be at least 1 and no more than `max`");
        }
        Ok(origins)
    }
}

/// Whether traffic to a URL is safe enough for this build.
fn is_acceptable(url: &Url, build: Build) -> bool {
    is_secure_transport(url) && (url.scheme() == "https" || build == Build::Development)
}

fn read_origins(texts: &[String], build: Build) -> Result<BTreeSet<Origin>, ManifestError> {
    let mut origins = BTreeSet::new();
    for text in texts {
        let Some(origin) = Origin::parse(text) else {
            return refuse("origins", "each must be an origin: scheme, host and port only");
        };
        if !Url::parse(text).is_ok_and(|url| is_acceptable(&url, build)) {
            return refuse("origins", "each must be https, or http on this machine");
        }
        origins.insert(origin);
    }
    Ok(origins)
}

/// A code goes to one of them in the end, so that each must be where nobody else reads it.
fn check_redirect_uris(uris: &[RedirectUri], build: Build) -> Result<(), ManifestError> {
    if uris.is_empty() {
        return refuse("redirectUris", "at least one is needed");
    }
    for uri in uris {
        if !is_plain_uri(uri.as_str()) {
            let problem = "each must be an absolute URI in ASCII without a fragment";
            return refuse("redirectUris", problem);
        }
        if !Url::parse(uri.as_str()).is_ok_and(|url| is_acceptable(&url, build)) {
            let problem = "each must be https, or http on this machine in development";
            return refuse("redirectUris", problem);
        }
    }
    Ok(())
}

/// An absolute URI that looks like what it is wherever it is shown.
fn is_plain_uri(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_graphic())
        && Url::parse(text).is_ok_and(|url| url.fragment().is_none())
}

fn is_dns_label(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=63).contains(&text.len())
        && text.bytes().all(inner)
        && !text.starts_with('-')
        && !text.ends_with('-')
}

fn refuse<T>(member: &'static str, problem: &'static str) -> Result<T, ManifestError> {
    Err(ManifestError::Unacceptable { member, problem })
}
