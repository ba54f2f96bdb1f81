//! What a mini-program says of itself, as far as a host believes it.

mod key;
mod lint;
mod payload;
mod secrets;
mod signed;

pub use key::{KeyError, PublicKey, TrustedKey};
pub use lint::{Finding, Severity, lint};
pub use signed::{MANIFEST_TYPE, VerifySignature};

use std::{collections::BTreeSet, sync::LazyLock};

use minihost_protocol::VersionRange;
use semver::Version;
use serde::Deserialize;
use url::Url;

use crate::{
    Audience, ClientId, MiniProgramId, Origin, PublisherId, PublisherKey, RedirectUri, Scope,
    text::Localised,
};

/// A manifest that was checked.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Manifest {
    /// The program's name for machines: a DNS label of at most 63 characters.
    pub id: MiniProgramId,
    /// Which release it is. A host does not go back to an older one.
    pub version: Version,
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
    /// A picture for people, from one of the origins.
    pub icon: Option<Url>,
    /// What the publisher says of its handling of data.
    pub privacy_policy_url: Option<Url>,
    /// Who vouches for all this.
    pub trust: Trust,
    /// By whose rules it was checked.
    pub build: Build,
    /// SHA-256 of the payload's bytes, base64url.
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
    /// A publisher, by a key that the host pinned.
    Signed {
        /// The key's thumbprint (RFC 7638).
        key: PublisherKey,
    },
}

static UNSIGNED: LazyLock<PublisherKey> = LazyLock::new(|| PublisherKey::new("unsigned"));

impl Trust {
    /// The key that a grant is bound to. A program that comes to be signed, or by another key, asks
    /// again.
    pub fn publisher_key(&self) -> PublisherKey {
        match self {
            Self::UnsignedDevelopment => UNSIGNED.clone(),
            Self::Signed { key } => key.clone(),
        }
    }
}

/// Which manifests a build of the host accepts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Build {
    /// What users get: signed manifests, and `https` only.
    #[default]
    Release,
    /// For developers: also unsigned manifests, and `http` on this machine.
    Development,
}

/// Why a manifest is not accepted.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// Not JSON, a member twice, or a member is missing or of the wrong type.
    #[error("the manifest cannot be read: {0}")]
    Malformed(String),
    /// A member has a value that it must not have.
    #[error("the manifest's `{member}` is not acceptable: {problem}")]
    Unacceptable {
        /// Which member.
        member: &'static str,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// Larger than any manifest may be.
    #[error("the manifest is too large: 256 KiB are allowed")]
    TooLarge,
    /// Not a JWS in compact serialisation.
    #[error(
        "this is no signed manifest: a JWS in compact serialisation is expected; sign it with `manifest sign`"
    )]
    NotSigned,
    /// The JWS header is not what a manifest has.
    #[error("the signed manifest's header is not acceptable: {problem}")]
    Header {
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The host has not pinned the key that the manifest names.
    #[error("the manifest is signed with the key {kid:?}, which this host does not trust")]
    UnknownKey {
        /// Which.
        kid: String,
    },
    /// The key's owner did not sign these bytes.
    #[error(
        "the manifest's signature is not its key's: it was changed, or signed with another key"
    )]
    BadSignature,
    /// The key is another publisher's.
    #[error("the manifest names the publisher {named}, but the key that signed it is {trusted}'s")]
    OtherPublisher {
        /// Whom the manifest names.
        named: PublisherId,
        /// Whose key it is.
        trusted: PublisherId,
    },
}

impl Manifest {
    /// Reads a manifest that nobody signed: for development builds, where the host shows a banner.
    /// `http` is accepted for this machine only.
    ///
    /// # Errors
    /// [`ManifestError`], naming the member to mend.
    pub fn unsigned_for_development(json: &[u8]) -> Result<Self, ManifestError> {
        Self::read(json, Trust::UnsignedDevelopment, Build::Development)
    }

    /// Whether a build of the host may open it.
    pub fn is_for(&self, build: Build) -> bool {
        let is_vouched_for = self.trust != Trust::UnsignedDevelopment;
        build == Build::Development || (is_vouched_for && self.build == Build::Release)
    }

    /// The scope's declaration, where there is one.
    pub fn declared(&self, scope: &Scope) -> Option<&DeclaredScope> {
        self.scopes.iter().find(|declared| declared.name == *scope)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use serde_json::{Value, json};

    use super::*;

    pub(in crate::manifest) fn plain() -> Value {
        json!({
            "manifestVersion": 1, "id": "teahouse", "version": "1.2.0",
            "name": {"en": "Tea House"}, "publisher": {"id": "acme", "name": {"en": "Acme Ltd"}},
            "startUrl": "https://tea.example/", "origins": ["https://tea.example"],
            "clientId": "teahouse", "redirectUris": ["https://tea.example/callback"],
            "scopes": [{"name": "openid"}], "methods": [], "bridge": {"min": 1, "max": 1},
            "unknownMember": true
        })
    }

    fn read(change: impl FnOnce(&mut Value)) -> Result<Manifest, ManifestError> {
        let mut manifest = plain();
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
    fn a_long_manifest_is_read_and_an_endless_one_is_not() {
        assert!(read(|m| m["unknown"] = json!("x".repeat(150 * 1024))).is_ok());
        let endless = read(|m| m["unknown"] = json!("x".repeat(200 * 1024)));
        assert!(matches!(endless, Err(ManifestError::Malformed(_))));
    }

    #[test]
    fn each_unacceptable_member_is_named() {
        let cases = [
            ("manifestVersion", json!(2)),
            ("version", json!("1.2")),
            ("version", json!("01.2.0")),
            ("privacyPolicyUrl", json!("http://tea.example/privacy")),
            ("id", json!("Tea")),
            ("id", json!("-tea")),
            ("id", json!("tea-")),
            ("id", json!("")),
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
            ("redirectUris", json!(["javascript:alert(1)"])),
            ("redirectUris", json!(["data:text/html,x"])),
            ("redirectUris", json!(["http://tea.example/callback"])),
            ("redirectUris", json!(["https://tea.example/cb", "http://tea.example/cb"])),
            ("audiences", json!(["api"])),
            ("audiences", json!(["https://api.example/\u{202e}"])),
            ("audiences", json!([format!("https://api.example/{}", "x".repeat(236))])),
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
    fn what_is_as_long_as_can_be_is_read() {
        assert!(read(|m| m["id"] = json!("a".repeat(63))).is_ok());
        let audience = format!("https://api.example/{}", "x".repeat(235));
        assert_eq!(audience.len(), 255);
        assert!(read(|m| m["audiences"] = json!([audience])).is_ok());
    }

    #[test]
    fn a_build_for_users_opens_what_was_signed_and_read_for_users() {
        let signed = |build| {
            let trust = Trust::Signed { key: PublisherKey::new("k") };
            Manifest::read(plain().to_string().as_bytes(), trust, build).unwrap()
        };
        for (manifest, is_for_users) in [
            (signed(Build::Release), true),
            (signed(Build::Development), false),
            (read(|_| {}).unwrap(), false),
        ] {
            assert_eq!(manifest.is_for(Build::Release), is_for_users, "{:?}", manifest.trust);
            assert!(manifest.is_for(Build::Development));
        }
        let unsigned = Trust::UnsignedDevelopment;
        let read =
            Manifest::read(plain().to_string().as_bytes(), unsigned, Build::Release).unwrap();
        assert!(!read.is_for(Build::Release));
    }

    #[test]
    fn plain_http_is_accepted_for_this_machine() {
        let local = read(|manifest| {
            manifest["startUrl"] = json!("http://teahouse.sim.localhost:8001/");
            manifest["origins"] = json!(["http://teahouse.sim.localhost:8001"]);
            manifest["redirectUris"] = json!(["http://teahouse.sim.localhost:8001/callback"]);
        });
        assert!(local.is_ok());
    }

    #[test]
    fn a_release_goes_over_https_alone() {
        let read = |member: &str, value: Value| {
            let mut manifest = plain();
            manifest[member] = value;
            let trust = Trust::Signed { key: PublisherKey::new("k") };
            Manifest::read(manifest.to_string().as_bytes(), trust, Build::Release)
        };
        assert!(read("id", json!("teahouse")).is_ok_and(|read| read.is_for(Build::Release)));
        let local = "http://tea.localhost";
        for (member, value) in [
            ("startUrl", json!(local)),
            ("origins", json!(["https://tea.example", local])),
            ("redirectUris", json!([format!("{local}/callback")])),
            ("privacyPolicyUrl", json!(local)),
        ] {
            let error = read(member, value).unwrap_err().to_string();
            assert!(error.contains(member), "{member}: {error}");
        }
    }
}
