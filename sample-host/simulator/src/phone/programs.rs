//! The mini-programs that this host app offers.

use std::collections::BTreeSet;

use minihost::{Locale, Manifest, ManifestError, MiniProgramId};
use serde_json::Value;
use url::Url;

use super::protocol::Tile;

/// A mini-program by its manifest.
pub(crate) struct Program {
    manifest: Manifest,
    icon: Option<Url>,
}

impl Program {
    /// Reads a manifest that nobody signed, which is what the sample programs have.
    pub(crate) fn read(manifest: &Value) -> Result<Self, ManifestError> {
        let icon = manifest["icon"].as_str().and_then(|icon| Url::parse(icon).ok());
        let manifest = Manifest::unsigned_for_development(manifest.to_string().as_bytes())?;
        let own: BTreeSet<&str> = manifest.origins.iter().map(|origin| origin.as_str()).collect();
        // An icon from elsewhere would tell a stranger who looks at the home screen, and when.
        let icon = icon.filter(|icon| own.contains(icon.origin().ascii_serialization().as_str()));
        Ok(Self { manifest, icon })
    }

    pub(crate) fn id(&self) -> &MiniProgramId {
        &self.manifest.id
    }

    pub(crate) fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    pub(crate) fn name(&self, locale: &Locale) -> String {
        self.manifest.name.pick(locale)
    }

    /// Where its documents come from, ASCII serialised: the start URL's origin.
    pub(crate) fn origin(&self) -> String {
        self.manifest.start_url.origin().ascii_serialization()
    }

    pub(crate) fn tile(&self, locale: &Locale) -> Tile {
        Tile {
            id: self.id().to_string(),
            name: self.name(locale),
            publisher: self.manifest.publisher.name.pick(locale),
            icon: self.icon.as_ref().map(ToString::to_string),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

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

    #[test]
    fn a_tile_speaks_the_users_language() {
        let program = Program::read(&manifest("http://teahouse.sim.localhost:1/icon.svg")).unwrap();
        let tile = program.tile(&Locale::new("zh-Hans"));
        assert_eq!((tile.name.as_str(), tile.publisher.as_str()), ("茶馆", "Acme Ltd"));
        assert_eq!(tile.icon.as_deref(), Some("http://teahouse.sim.localhost:1/icon.svg"));
        assert_eq!(program.origin(), "http://teahouse.sim.localhost:1");
    }

    #[test]
    fn an_icon_from_elsewhere_is_left_out() {
        for icon in ["http://tracker.example/x.png", "data:image/png,x", "javascript:1", "/icon"] {
            let program = Program::read(&manifest(icon)).unwrap();
            assert_eq!(program.tile(&Locale::new("en")).icon, None, "{icon}");
        }
    }
}
