//! Who vouches for a program: a21 and f7. Signatures are real ones.

use minihost::manifest::{Algorithm, SigningKey, verify};
use minihost_core::{
    Build, CallContext, Capability, Config, Frame, HostInfo, Issuer, Locale, Manifest,
    ManifestError, NotOpened, PublisherId, SessionId, Trust, TrustedKey,
};
use minihost_testkit::request_code;
use serde_json::{Value, json};

use crate::stage::{Stage, TEA};

struct Publisher {
    key: SigningKey,
    trusted: Vec<TrustedKey>,
}

impl Publisher {
    fn new() -> Self {
        let (key, _) = SigningKey::generate(Algorithm::EdDsa).unwrap();
        let jwk = key.public_jwk();
        let trusted = vec![TrustedKey::from_jwk(PublisherId::new("acme"), &jwk).unwrap()];
        Self { key, trusted }
    }

    fn sign(&self, change: impl FnOnce(&mut Value)) -> String {
        let mut json = manifest();
        change(&mut json);
        self.key.sign(json.to_string().as_bytes(), Build::Release).unwrap()
    }

    fn read(&self, jws: &str) -> Result<Manifest, ManifestError> {
        verify(jws, &self.trusted, Build::Release)
    }
}

fn manifest() -> Value {
    json!({
        "manifestVersion": 1, "id": "teahouse", "version": "1.2.0",
        "name": {"en": "Tea House"}, "publisher": {"id": "acme", "name": {"en": "Acme Ltd"}},
        "startUrl": "https://teahouse.example/", "origins": ["https://teahouse.example"],
        "clientId": "teahouse", "redirectUris": ["https://teahouse.example/callback"],
        "scopes": [{"name": "openid"}],
    })
}

#[test]
fn a21_a_changed_manifest_is_noticed_wherever_it_was_changed() {
    let acme = Publisher::new();
    let jws = acme.sign(|_| {});
    acme.read(&jws).expect("it is good as it was signed");
    for at in 0..jws.len() {
        let mut flipped = jws.clone().into_bytes();
        flipped[at] = if flipped[at] == b'A' { b'B' } else { b'A' };
        if let Ok(flipped) = String::from_utf8(flipped)
            && flipped != jws
        {
            assert!(acme.read(&flipped).is_err(), "character {at}");
        }
    }
    for end in 0..jws.len() {
        assert!(acme.read(&jws[..end]).is_err(), "cut at {end}");
    }
}

#[test]
fn a21_parts_of_two_good_manifests_make_no_third() {
    let acme = Publisher::new();
    let (one, two) = (acme.sign(|_| {}), acme.sign(|json| json["clientId"] = json!("other")));
    let part = |jws: &str, at: usize| jws.split('.').nth(at).unwrap().to_owned();
    let mixed = format!("{}.{}.{}", part(&one, 0), part(&two, 1), part(&one, 2));
    assert!(matches!(acme.read(&mixed), Err(ManifestError::BadSignature)));
}

#[test]
fn a21_no_other_key_and_no_other_publishers_name_will_do() {
    let (acme, evil) = (Publisher::new(), Publisher::new());
    let theirs = evil.sign(|_| {});
    assert!(matches!(acme.read(&theirs), Err(ManifestError::UnknownKey { .. })));
    // A key that the host trusts for its own programs speaks for no others.
    let renamed = acme.sign(|json| json["publisher"]["id"] = json!("bank"));
    assert!(matches!(acme.read(&renamed), Err(ManifestError::OtherPublisher { .. })));
    assert!(matches!(
        verify(&acme.sign(|_| {}), &[], Build::Release),
        Err(ManifestError::UnknownKey { .. })
    ));
}

#[test]
fn a21_a_release_from_before_is_refused_for_as_long_as_the_host_remembers() {
    let acme = Publisher::new();
    let mut stage = Stage::new();
    let new = acme.read(&acme.sign(|json| json["version"] = json!("2.0.0"))).unwrap();
    let old = acme.read(&acme.sign(|json| json["version"] = json!("1.9.9"))).unwrap();
    let before = acme.read(&acme.sign(|json| json["version"] = json!("2.0.0-rc.1"))).unwrap();
    assert!(stage.machine.mediator.check_open(&old).is_ok(), "nothing was seen yet");
    stage.open(SessionId(9), new.clone());
    for rolled_back in [&old, &before] {
        assert!(stage.machine.mediator.check_open(rolled_back).is_err());
    }
    assert!(stage.machine.mediator.check_open(&new).is_ok());
    assert_eq!(new.trust, Trust::Signed { key: acme.trusted[0].key.thumbprint() });
}

#[test]
fn f7_what_is_missing_counts_against_the_sender() {
    // No evidence at all.
    let mut stage = Stage::new();
    let silent = CallContext {
        origin: None,
        frame: Frame::Unknown,
        capability: Capability::NotHeld,
        ..stage.context(TEA)
    };
    let message = request_code(9, &["openid"]).to_string();
    assert_eq!(stage.receive(TEA, silent.clone(), &message).refusal(), "untrusted_origin");
    // Each half alone.
    let origin_only =
        CallContext { origin: Some("https://teahouse.example".into()), ..silent.clone() };
    let frame_only = CallContext { frame: Frame::Main, ..silent };
    for half in [origin_only, frame_only] {
        assert_eq!(stage.receive(TEA, half, &message).refusal(), "untrusted_origin");
    }
}

#[test]
fn f7_unsigned_empty_and_unverifiable_manifests_are_not_accepted_as_signed() {
    let acme = Publisher::new();
    let plain = manifest().to_string();
    let unsigned_header = "eyJhbGciOiJub25lIn0";
    for text in
        ["", ".", "..", &plain, &format!("{unsigned_header}.e30."), "a.b.c", "....", "=.=.="]
    {
        assert!(acme.read(text).is_err(), "{text:.30}");
    }
    // A hash of nothing is not the hash of nothing else: an empty payload is no manifest.
    assert!(acme.key.sign(b"", Build::Release).is_err());
    assert!(acme.key.sign(b"{}", Build::Release).is_err());
}

#[test]
fn f7_what_users_get_opens_no_manifest_that_nobody_signed_or_that_was_checked_loosely() {
    let acme = Publisher::new();
    let jws = acme.sign(|_| {});
    let released = acme.read(&jws).unwrap();
    let loosely = verify(&jws, &acme.trusted, Build::Development).unwrap();
    let unsigned = Manifest::unsigned_for_development(manifest().to_string().as_bytes()).unwrap();
    let for_users = Stage::with(|config| config.build = Build::Release).machine.mediator;
    for refused in [&loosely, &unsigned] {
        let why = for_users.check_open(refused).unwrap_err();
        assert!(matches!(why, NotOpened::DevelopmentOnly { .. }), "{why}");
    }
    assert_eq!(for_users.check_open(&released), Ok(()));
    let for_developers = Stage::new().machine.mediator;
    for accepted in [&released, &loosely, &unsigned] {
        assert_eq!(for_developers.check_open(accepted), Ok(()));
    }
    // Who forgets to say what is built gets what users get.
    assert_eq!(fresh_config().build, Build::Release);
}

fn fresh_config() -> Config {
    let info = HostInfo { name: "T".into(), version: "1".into(), platform: "test".into() };
    Config::new(Issuer::new("https://as.example"), info, Locale::new("en"))
}

#[test]
fn f7_a_manifest_without_origins_clients_or_redirect_uris_opens_nothing() {
    for member in ["origins", "redirectUris"] {
        let mut json = manifest();
        json[member] = json!([]);
        assert!(
            Manifest::unsigned_for_development(json.to_string().as_bytes()).is_err(),
            "{member}"
        );
    }
    for member in [
        "id",
        "version",
        "name",
        "publisher",
        "startUrl",
        "origins",
        "clientId",
        "redirectUris",
        "scopes",
    ] {
        let mut json = manifest();
        json.as_object_mut().unwrap().remove(member);
        assert!(
            Manifest::unsigned_for_development(json.to_string().as_bytes()).is_err(),
            "{member}"
        );
    }
}
