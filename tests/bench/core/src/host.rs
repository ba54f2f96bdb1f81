//! A machine with programs open in it, as a driver would have it.

use std::{sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use minihost_core::{
    Build, CallContext, Capability, Config, DocumentId, Effect, Frame, HostInfo, Input, Issuer,
    Locale, Manifest, Mediator, Moment, ReplyToken, SessionId, User, UserId, Visibility,
};
use minihost_protocol::method::initialize::Launch;
use serde_json::json;

/// How far apart messages are: as much as one program may send.
const STEP: Duration = Duration::from_millis(50);

/// The machine and its clock, which moves by itself.
pub(crate) struct Host {
    mediator: Mediator,
    uptime: Duration,
    last_token: u64,
}

impl Host {
    /// Nothing is open yet; a user is signed in.
    pub(crate) fn new() -> Self {
        let info =
            HostInfo { name: "Bench".into(), version: "1.0.0".into(), platform: "bench".into() };
        let mut config = Config::new(Issuer::new("https://as.example"), info, Locale::new("en"));
        config.build = Build::Development;
        let mut last = 0;
        let ids = move || {
            last += 1;
            last
        };
        let mediator = Mediator::new(config, Box::new(ids));
        let mut host = Self { mediator, uptime: Duration::ZERO, last_token: 0 };
        let user = User { id: UserId::new("u-alice"), display_name: "alice".into(), epoch: 1 };
        host.feed(Input::UserChanged(Some(user)));
        host
    }

    /// Opens a program whose first document has introduced itself.
    pub(crate) fn open(&mut self, session: SessionId, manifest: &Arc<Manifest>) {
        let launch = Launch::default();
        self.feed(Input::Opened { session, manifest: manifest.clone(), launch });
        let document = document_of(session);
        self.feed(Input::DocumentStarted { session, document });
        let hello = json!({"jsonrpc": "2.0", "id": 0, "method": "host.initialize",
            "params": {"versions": {"min": 1, "max": 1}}});
        let origin = manifest.origins.first().expect("a manifest has an origin").as_str();
        let answered = self.receive(session, origin, hello.to_string().as_bytes());
        assert!(replied(&answered).is_some_and(|text| text.contains("capabilities")));
    }

    /// One message of a session's document.
    pub(crate) fn receive(&mut self, session: SessionId, origin: &str, text: &[u8]) -> Vec<Effect> {
        self.last_token += 1;
        let context = CallContext {
            document: document_of(session),
            reply_token: ReplyToken(self.last_token),
            origin: Some(origin.to_owned()),
            frame: Frame::Main,
            capability: Capability::NotHeld,
            visibility: Visibility::Visible,
            gesture_age: Some(Duration::ZERO),
        };
        self.feed(Input::Message { session, context, text })
    }

    /// How many requests wait for their answer.
    pub(crate) fn pending(&self) -> usize {
        self.mediator.pending_requests()
    }

    fn feed(&mut self, input: Input<'_>) -> Vec<Effect> {
        self.uptime += STEP;
        let passed = SignedDuration::try_from(self.uptime).expect("no benchmark lasts that long");
        let now = Moment { uptime: self.uptime, time: Timestamp::UNIX_EPOCH + passed };
        self.mediator.handle(now, input)
    }
}

fn document_of(session: SessionId) -> DocumentId {
    DocumentId(session.0)
}

/// The text of the one reply among effects.
pub(crate) fn replied(effects: &[Effect]) -> Option<&str> {
    effects.iter().find_map(|effect| match effect {
        Effect::Reply(reply) => Some(reply.text.as_str()),
        _ => None,
    })
}

/// A program of an ordinary size.
pub(crate) fn manifest(number: usize) -> Arc<Manifest> {
    let origin = format!("https://program-{number}.example");
    let json = json!({
        "manifestVersion": 1, "id": format!("program-{number}"), "version": "1.2.0",
        "name": {"en": format!("Program {number}"), "zh-Hans": format!("小程序 {number}")},
        "publisher": {"id": "acme", "name": {"en": "Acme Ltd"}},
        "startUrl": format!("{origin}/"), "origins": [origin],
        "clientId": format!("program-{number}"),
        "redirectUris": [format!("https://program-{number}.example/callback")],
        "scopes": [
            {"name": "openid"},
            {"name": "profile", "reason": {"en": "To greet you.", "zh-Hans": "为了问候您。"}},
            {"name": "email", "reason": {"en": "To send your receipt.", "zh-Hans": "用于发送收据。"}},
        ],
    });
    let read = Manifest::unsigned_for_development(json.to_string().as_bytes());
    Arc::new(read.expect("the manifest is acceptable"))
}
