//! The mini-programs that this host app offers.

use minihost::{
    Locale, Manifest, ManifestError, MiniProgramId,
    manifest::{Build, verify},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::protocol::Tile;
use crate::{
    node_program::{INSTALL, MANIFEST, POSTCARDS},
    publishers::Published,
};

/// A mini-program by its manifest.
pub(crate) struct Program {
    manifest: Manifest,
    unsigned: Manifest,
    lookalike: Manifest,
}

/// Which of a program's manifests is opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Variant {
    /// The one that its publisher signed.
    #[default]
    Published,
    /// The same, signed by nobody.
    Unsigned,
    /// One that nobody signed, and that calls the program nearly as the host is called.
    Lookalike,
}

/// The host's name with a Cyrillic letter in it.
const LOOKALIKE: &str = "Harb\u{43e}ur";

impl Program {
    /// Reads the manifest that was published, and makes of its text what testers want to see.
    pub(crate) fn read(text: &Value, published: &Published) -> Result<Self, ManifestError> {
        let keys = std::slice::from_ref(&published.key);
        let manifest = verify(&published.jws, keys, Build::Development)?;
        let unsigned = Manifest::unsigned_for_development(text.to_string().as_bytes())?;
        let mut renamed = text.clone();
        renamed["name"] = json!({"en": LOOKALIKE});
        let lookalike = Manifest::unsigned_for_development(renamed.to_string().as_bytes())?;
        Ok(Self { manifest, unsigned, lookalike })
    }

    pub(crate) fn id(&self) -> &MiniProgramId {
        &self.manifest.id
    }

    pub(crate) fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    pub(crate) fn variant(&self, variant: Variant) -> &Manifest {
        match variant {
            Variant::Published => &self.manifest,
            Variant::Unsigned => &self.unsigned,
            Variant::Lookalike => &self.lookalike,
        }
    }

    /// Where its documents come from, ASCII serialised: the start URL's origin.
    pub(crate) fn origin(&self) -> String {
        self.manifest.start_url.origin().ascii_serialization()
    }

    pub(crate) fn tile(&self, locale: &Locale) -> Tile {
        Tile {
            id: self.id().to_string(),
            name: self.manifest.name.pick(locale),
            publisher: self.manifest.publisher.name.pick(locale),
            icon: self.manifest.icon.as_ref().map(ToString::to_string),
            install: None,
        }
    }
}

/// A program that is not installed on this machine: no more than a tile.
pub(crate) struct NotInstalled {
    id: &'static str,
    name: Value,
    publisher: Value,
    install: &'static str,
}

impl NotInstalled {
    /// The one with a backend in Node.
    pub(crate) fn postcards() -> Self {
        let manifest: Value = serde_json::from_str(MANIFEST).expect("a test reads the same file");
        let (name, publisher) = (manifest["name"].clone(), manifest["publisher"]["name"].clone());
        Self { id: POSTCARDS, name, publisher, install: INSTALL }
    }

    pub(crate) fn tile(&self, locale: &Locale) -> Tile {
        let say = |texts: &Value| {
            let text = texts[locale.as_str()].as_str().or_else(|| texts["en"].as_str());
            text.unwrap_or(self.id).to_owned()
        };
        Tile {
            id: self.id.to_owned(),
            name: say(&self.name),
            publisher: say(&self.publisher),
            icon: None,
            install: Some(self.install),
        }
    }
}

#[cfg(test)]
mod tests {
    use minihost::Trust;

    use super::*;
    use crate::publishers::publish;

    fn manifest(icon: &str) -> Value {
        json!({
            "manifestVersion": 1, "id": "teahouse", "version": "1.0.0", "icon": icon,
            "name": {"en": "Tea House", "zh-Hans": "茶馆"},
            "publisher": {"id": "acme", "name": {"en": "Acme Ltd"}},
            "startUrl": "http://teahouse.sim.localhost:1/start",
            "origins": ["http://teahouse.sim.localhost:1"], "clientId": "teahouse",
            "redirectUris": ["http://teahouse.sim.localhost:1/callback"], "scopes": []
        })
    }

    fn read(icon: &str) -> Program {
        let (directory, manifest) = (tempfile::tempdir().unwrap(), manifest(icon));
        let published = publish(directory.path(), &manifest).unwrap();
        Program::read(&manifest, &published).unwrap()
    }

    #[test]
    fn the_published_manifest_is_the_signed_one() {
        let program = read("");
        let trust = |variant| program.variant(variant).trust.clone();
        assert!(matches!(trust(Variant::Published), Trust::Signed { .. }));
        assert_eq!(trust(Variant::Unsigned), Trust::UnsignedDevelopment);
        assert_eq!(trust(Variant::Lookalike), Trust::UnsignedDevelopment);
        assert_ne!(LOOKALIKE, "Harbour");
    }

    #[test]
    fn a_tile_speaks_the_users_language() {
        let program = read("http://teahouse.sim.localhost:1/icon.svg");
        let tile = program.tile(&Locale::new("zh-Hans"));
        assert_eq!((tile.name.as_str(), tile.publisher.as_str()), ("茶馆", "Acme Ltd"));
        assert_eq!(tile.icon.as_deref(), Some("http://teahouse.sim.localhost:1/icon.svg"));
        assert_eq!(program.origin(), "http://teahouse.sim.localhost:1");
    }

    #[test]
    fn what_is_not_installed_has_a_tile_that_says_how() {
        let tile = |locale| NotInstalled::postcards().tile(&Locale::new(locale));
        assert_eq!(tile("zh-Hans").name, "明信片铺");
        assert_eq!(
            (tile("en").name.as_str(), tile("en").install),
            ("Postcard Shop", Some(INSTALL))
        );
        assert_eq!(tile("en").publisher, "Bright Quay Cards");
    }

    #[test]
    fn an_icon_from_elsewhere_is_left_out() {
        for icon in ["http://tracker.example/x.png", "data:image/png,x", "javascript:1", "/icon"] {
            let program = read(icon);
            assert_eq!(program.tile(&Locale::new("en")).icon, None, "{icon}");
        }
    }
}
