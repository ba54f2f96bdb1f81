//! The people, programs and messages that tests speak of.

use std::time::Duration;

use minihost_core::{
    CallContext, Capability, DocumentId, Frame, Manifest, ReplyToken, User, UserId, Visibility,
};
use serde_json::{Value, json};

/// The S256 challenge of RFC 7636 appendix B.
pub const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// A user.
pub fn alice() -> User {
    User { id: UserId::new("u-alice"), display_name: "alice".into(), epoch: 1 }
}

/// Another user.
pub fn bob() -> User {
    User { id: UserId::new("u-bob"), display_name: "bob".into(), epoch: 2 }
}

/// The manifest of a program `<id>` at `https://<id>.example`, which may ask for
/// `openid profile email phone` and call `acme.print` and `acme.locate`.
pub fn manifest(id: &str) -> Manifest {
    let origin = format!("https://{id}.example");
    let json = json!({
        "manifestVersion": 1,
        "id": id,
        "version": "1.2.0",
        "name": {"en": format!("The {id}"), "zh-Hans": format!("{id}小程序")},
        "icon": format!("{origin}/icon.svg"),
        "publisher": {"id": "acme", "name": {"en": "Acme Ltd"}},
        "startUrl": format!("{origin}/"),
        "origins": [origin],
        "clientId": id,
        "redirectUris": [format!("{origin}/callback")],
        "audiences": ["https://api.example"],
        "methods": ["acme.print", "acme.locate"],
        "scopes": [
            {"name": "openid"},
            {"name": "profile", "reason": {"en": "To greet you."}},
            {"name": "email", "reason": {"en": "To send your receipt."}},
            {"name": "phone"},
        ],
    });
    Manifest::unsigned_for_development(json.to_string().as_bytes())
        .expect("the fixture is a manifest")
}

/// What a container says of a message from the visible, just touched main frame of program `<id>`.
pub fn call(id: &str, document: DocumentId, reply_token: ReplyToken) -> CallContext {
    CallContext {
        document,
        reply_token,
        origin: Some(format!("https://{id}.example")),
        frame: Frame::Main,
        capability: Capability::NotHeld,
        visibility: Visibility::Visible,
        gesture_age: Some(Duration::ZERO),
    }
}

/// A `host.initialize` message.
pub fn initialize(id: u64) -> Value {
    json!({
        "jsonrpc": "2.0",
        "id": id,
        "method": "host.initialize",
        "params": {"versions": {"min": 1, "max": 1}},
    })
}

/// An `auth.requestCode` message.
pub fn request_code(id: u64, scopes: &[&str]) -> Value {
    json!({
        "jsonrpc": "2.0",
        "id": id,
        "method": "auth.requestCode",
        "params": {
            "scopes": scopes,
            "codeChallenge": CHALLENGE,
            "codeChallengeMethod": "S256",
            "state": format!("state-{id}"),
        },
    })
}
