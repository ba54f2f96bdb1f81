//! `host.initialize`: the page introduces itself, and both agree on a bridge version.

use minihost_protocol::{
    BridgeVersion, Failure, Reason, VersionRange, limits,
    method::initialize::{self, Capabilities, Host, Initialized, MiniProgram},
};
use serde_json::{Map, Value, json};

use super::{
    CallContext, Effect, Mediator, message::not_open, registry::EVENTS, responder::Responder,
};
use crate::Moment;

impl Mediator {
    pub(super) fn initialize(
        &mut self,
        now: Moment,
        context: &CallContext,
        responder: Responder,
        params: &Map<String, Value>,
    ) -> Effect {
        let session = responder.session;
        let Some(opened) = self.sessions.get_mut(&session) else {
            return responder.fail(&not_open());
        };
        let manifest = opened.manifest.clone();
        let offered = initialize::versions(params);
        let agreed = opened.current(context.document).map(|document| document.version);
        let negotiated = offered
            .and_then(|offered| negotiate(manifest.bridge, offered, agreed.unwrap_or_default()));
        let version = match negotiated {
            Ok(version) => version,
            Err(failure) => return responder.fail(&failure),
        };
        let known = self.knowable(now, session);
        let Some(opened) = self.sessions.get_mut(&session) else {
            return responder.fail(&not_open());
        };
        if let Some(document) = opened.current(context.document) {
            document.version = Some(version);
            document.known = Some(known);
        }
        let Some(opened) = self.sessions.get(&session) else {
            return responder.fail(&not_open());
        };
        let host = &self.config.host;
        let release = manifest.version.to_string();
        responder.succeed(&Initialized {
            version,
            mini_program: MiniProgram { id: manifest.id.as_str(), version: &release },
            host: Host { name: &host.name, version: &host.version, platform: &host.platform },
            locale: self.config.locale.as_str(),
            launch: &opened.launch,
            capabilities: Capabilities {
                methods: &self.method_names(&manifest),
                events: EVENTS,
                limits: limits::LIMITS,
            },
        })
    }
}

/// Agrees on the newest version that host, manifest and page speak. A document that has agreed
/// already stays with that: a weaker one must not be talked into it later.
fn negotiate(
    manifest: VersionRange,
    offered: VersionRange,
    agreed: Option<BridgeVersion>,
) -> Result<BridgeVersion, Failure> {
    let refused = |message| {
        Failure::new(Reason::UnsupportedVersion, message)
            .detail("versions", json!(VersionRange::SUPPORTED))
    };
    let common = VersionRange::SUPPORTED.overlap(offered);
    let common = common
        .ok_or_else(|| refused("This host and this page have no bridge version in common."))?;
    let version = common.overlap(manifest).map(|range| range.max).ok_or_else(|| {
        refused("The manifest does not allow a bridge version that this page and this host speak.")
    })?;
    if agreed.is_some_and(|agreed| agreed != version) {
        return Err(refused("This page has agreed on another bridge version before."));
    }
    Ok(version)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(min: u32, max: u32) -> VersionRange {
        VersionRange { min: BridgeVersion(min), max: BridgeVersion(max) }
    }

    #[test]
    fn a_version_is_agreed_within_the_window_of_host_manifest_and_page() {
        assert_eq!(negotiate(range(1, 1), range(1, 9), None), Ok(BridgeVersion(1)));
        assert_eq!(
            negotiate(range(1, 3), range(1, 1), Some(BridgeVersion(1))),
            Ok(BridgeVersion(1))
        );
    }

    #[test]
    fn a_downgrade_is_an_error() {
        let refused =
            |manifest, offered, agreed| negotiate(manifest, offered, agreed).unwrap_err().reason;
        let unsupported = Reason::UnsupportedVersion;
        assert_eq!(refused(range(1, 1), range(2, 3), None), unsupported);
        assert_eq!(refused(range(2, 3), range(1, 3), None), unsupported, "below the manifest's");
        assert_eq!(refused(range(1, 2), range(1, 2), Some(BridgeVersion(2))), unsupported);
    }
}
