//! What a mini-program says of itself, as far as a host believes it.

use std::collections::BTreeSet;

use minihost_protocol::{
    BridgeVersion, VersionRange, method::request_code::is_scope_token,
    registry::is_host_method_name,
};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use url::Url;

use crate::{
    Audience, ClientId, MiniProgramId, Origin, PublisherId, PublisherKey, RedirectUri, Scope,
    encoding::base64url, origin::is_secure_transport, text::Localised,
};

/// A manifest that was checked.
#[derive(Clone, Debug)]
pub struct Manifest {
    /// The program's name for machines: a DNS label of at most 63 characters.
    pub id: MiniProgramId,
    /// As the manifest has it.
    pub version: String,
    /// The program's name for people.
    pub name: Localised,
    /// Who publishes it.
    pub publisher: Publisher,
    /// Where the container starts.
    pub start_url: Url,
    /// Where its documents may come from. Not empty; the start URL's origin is among them.
    pub origins: BTreeSet<Origin>,
    /// The OAuth client that redeems its codes.
    pub client_id: ClientId,
    /// Where its codes may be redeemed to. Not empty.
    pub redirect_uris: Vec<RedirectUri>,
    /// Resources it may name.
    pub audiences: Vec<Audience>,
    /// What it may ask for, in the order in which it is shown.
    pub scopes: Vec<DeclaredScope>,
    /// The host's own methods that it may call, where the host allows it.
    pub methods: BTreeSet<String>,
    /// The bridge versions that its pages speak.
    pub bridge: VersionRange,
    /// Who vouches for all this.
    pub trust: Trust,
    /// SHA-256 of the manifest's bytes, base64url.
    pub hash: String,
}

/// Who publishes a mini-program.
#[derive(Clone, Debug, Deserialize)]
pub struct Publisher {
    /// For machines.
    pub id: PublisherId,
    /// For people.
    pub name: Localised,
}

/// A scope and why the program wants it.
#[derive(Clone, Debug, Deserialize)]
pub struct DeclaredScope {
    /// The scope token.
    pub name: Scope,
    /// The program's own words, shown as such.
    #[serde(default)]
    pub reason: Localised,
}

/// Who vouches for a manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trust {
    /// Nobody: only for development, and the user is told.
    UnsignedDevelopment,
}

impl Trust {
    /// The key that a grant is bound to. A program that comes to be signed asks again.
    pub fn publisher_key(&self) -> PublisherKey {
        match self {
            Self::UnsignedDevelopment => PublisherKey::new("unsigned"),
        }
    }
}

/// Why a manifest is not accepted.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// Not JSON, or a member is missing or of the wrong type.
    #[error("the manifest cannot be read: {0}")]
    Malformed(#[from] serde_json::Error),
    /// A member has a value that it must not have.
    #[error("the manifest's `{member}` is not acceptable: {problem}")]
    Unacceptable {
        /// Which member.
        member: &'static str,
        /// What is wrong with it.
        problem: &'static str,
    },
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Payload {
    manifest_version: u32,
    id: String,
    version: String,
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
}

fn first_version() -> VersionRange {
    VersionRange { min: BridgeVersion(1), max: BridgeVersion(1) }
}

impl Manifest {
    /// Reads a manifest that nobody signed: for development builds, where the host shows a banner.
    /// `http` is accepted for this machine only.
    ///
    /// # Errors
    /// [`ManifestError`], naming the member to mend.
    pub fn unsigned_for_development(json: &[u8]) -> Result<Self, ManifestError> {
        let payload: Payload = serde_json::from_slice(json)?;
        if payload.manifest_version != 1 {
            return refuse("manifestVersion", "only version 1 is known");
        }
        if !is_dns_label(&payload.id) {
            return refuse("id", "it must be a DNS label of at most 63 characters");
        }
        if payload.name.is_blank() || payload.publisher.name.is_blank() {
            return refuse("name", "the program and its publisher need a visible name");
        }
        if !is_secure_transport(&payload.start_url) {
            return refuse("startUrl", "it must be https, or http on this machine");
        }
        let origins = read_origins(&payload.origins)?;
        if !Origin::of(&payload.start_url).is_some_and(|origin| origins.contains(&origin)) {
            return refuse("origins", "the start URL's origin must be among them");
        }
        check_redirect_uris(&payload.redirect_uris)?;
        if payload.audiences.iter().any(|audience| !is_plain_uri(audience.as_str())) {
            return refuse("audiences", "each must be an absolute URI in ASCII without a fragment");
        }
        if payload.scopes.iter().any(|scope| !is_scope_token(scope.name.as_str())) {
            return refuse("scopes", "a name is not a scope token of at most 128 characters");
        }
        let names: BTreeSet<&Scope> = payload.scopes.iter().map(|scope| &scope.name).collect();
        if names.len() != payload.scopes.len() {
            return refuse("scopes", "a scope is named twice");
        }
        if !payload.methods.iter().all(|method| is_host_method_name(method)) {
            return refuse("methods", "each must be a host's own method, `vendor.name`");
        }
        if payload.bridge.min > payload.bridge.max || payload.bridge.min < BridgeVersion(1) {
            return refuse("bridge", "`min` must be at least 1 and no more than `max`");
        }
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
            trust: Trust::UnsignedDevelopment,
            hash: base64url(&Sha256::digest(json)),
        })
    }

    /// The scope's declaration, where there is one.
    pub fn declared(&self, scope: &Scope) -> Option<&DeclaredScope> {
        self.scopes.iter().find(|declared| declared.name == *scope)
    }
}

fn read_origins(texts: &[String]) -> Result<BTreeSet<Origin>, ManifestError> {
    let mut origins = BTreeSet::new();
    for text in texts {
        let Some(origin) = Origin::parse(text) else {
            return refuse("origins", "each must be an origin: scheme, host and port only");
        };
        if !Url::parse(text).is_ok_and(|url| is_secure_transport(&url)) {
            return refuse("origins", "each must be https, or http on this machine");
        }
        origins.insert(origin);
    }
    Ok(origins)
}

fn check_redirect_uris(uris: &[RedirectUri]) -> Result<(), ManifestError> {
    if uris.is_empty() {
        return refuse("redirectUris", "at least one is needed");
    }
    for uri in uris {
        if !is_plain_uri(uri.as_str()) {
            let problem = "each must be an absolute URI in ASCII without a fragment";
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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(change: impl FnOnce(&mut Value)) -> Result<Manifest, ManifestError> {
        let mut manifest = json!({
            "manifestVersion": 1, "id": "teahouse", "version": "1.2.0",
            "name": {"en": "Tea House"}, "publisher": {"id": "acme", "name": {"en": "Acme Ltd"}},
            "startUrl": "https://tea.example/", "origins": ["https://tea.example"],
            "clientId": "teahouse", "redirectUris": ["https://tea.example/callback"],
            "scopes": [{"name": "openid"}], "methods": [], "bridge": {"min": 1, "max": 1},
            "unknownMember": true
        });
        change(&mut manifest);
        Manifest::unsigned_for_development(manifest.to_string().as_bytes())
    }

    #[test]
    fn a_plain_manifest_is_read() {
        let manifest = read(|_| {}).unwrap();
        assert_eq!(manifest.id.as_str(), "teahouse");
        assert!(manifest.declared(&Scope::new("openid")).is_some());
        assert!(manifest.declared(&Scope::new("email")).is_none());
    }

    #[test]
    fn each_unacceptable_member_is_named() {
        let cases = [
            ("manifestVersion", json!(2)),
            ("id", json!("Tea")),
            ("id", json!("-tea")),
            ("id", json!("a".repeat(64))),
            ("name", json!({"en": "\u{200b}"})),
            ("startUrl", json!("http://tea.example/")),
            ("origins", json!([])),
            ("origins", json!(["https://tea.example/"])),
            ("origins", json!(["https://tea.example", "http://other.example"])),
            ("origins", json!(["null"])),
            ("redirectUris", json!([])),
            ("redirectUris", json!(["https://tea.example/#f"])),
            ("redirectUris", json!(["/callback"])),
            ("audiences", json!(["api"])),
            ("audiences", json!(["https://api.example/\u{202e}"])),
            ("scopes", json!([{"name": "openid"}, {"name": "openid"}])),
            ("scopes", json!([{"name": "two words"}])),
            ("scopes", json!([{"name": "x".repeat(129)}])),
            ("methods", json!(["auth.requestCode"])),
            ("methods", json!(["print"])),
            ("bridge", json!({"min": 2, "max": 1})),
            ("bridge", json!({"min": 0, "max": 1})),
        ];
        for (member, value) in cases {
            let error = read(|manifest| manifest[member] = value.clone()).unwrap_err();
            assert!(error.to_string().contains(member), "{member}: {error}");
        }
    }

    #[test]
    fn plain_http_is_accepted_for_this_machine() {
        let local = read(|manifest| {
            manifest["startUrl"] = json!("http://teahouse.sim.localhost:8001/");
            manifest["origins"] = json!(["http://teahouse.sim.localhost:8001"]);
        });
        assert!(local.is_ok());
    }
}
