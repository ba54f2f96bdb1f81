//! Manifests, unsigned and signed.

use std::collections::BTreeSet;

use minihost_core::{
    Build, Locale, Manifest, Origin, PublicKey, PublisherId, Severity, TrustedKey, VerifySignature,
    lint,
};

/// A manifest that is accepted keeps every rule. One that is not signed by a trusted key is never
/// accepted as signed, and in release builds nothing goes over plain HTTP.
pub(crate) fn check(bytes: &[u8]) {
    let unsigned = Manifest::unsigned_for_development(bytes);
    let findings = lint(bytes, Build::Development);
    match &unsigned {
        Ok(manifest) => check_rules(manifest),
        Err(_) => assert!(findings.iter().any(|found| found.severity == Severity::Error)),
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let keys = [TrustedKey {
        publisher: PublisherId::new("acme"),
        kid: "k1".into(),
        key: PublicKey::Ed25519([1; 32]),
    }];
    assert!(Manifest::signed(text, &keys, &Verdict(false), Build::Development).is_err());
    assert!(Manifest::signed(text, &[], &Verdict(true), Build::Development).is_err());
    if let Ok(manifest) = Manifest::signed(text, &keys, &Verdict(true), Build::Release) {
        check_rules(&manifest);
        assert_eq!(manifest.publisher.id.as_str(), "acme");
        assert_eq!(manifest.start_url.scheme(), "https");
        assert!(manifest.origins.iter().all(|origin| origin.as_str().starts_with("https://")));
    }
}

/// What every signature is said to be.
struct Verdict(bool);

impl VerifySignature for Verdict {
    fn is_valid(&self, _: &PublicKey, _: &[u8], _: &[u8; 64]) -> bool {
        self.0
    }
}

fn check_rules(manifest: &Manifest) {
    let id = manifest.id.as_str();
    assert!((1..=63).contains(&id.len()) && !id.starts_with('-') && !id.ends_with('-'));
    assert!(id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'));
    let start = Origin::of(&manifest.start_url).expect("the start URL has an origin");
    assert!(manifest.origins.contains(&start));
    for origin in &manifest.origins {
        assert_eq!(Origin::parse(origin.as_str()).as_ref(), Some(origin));
    }
    assert!(!manifest.redirect_uris.is_empty());
    let names: BTreeSet<_> = manifest.scopes.iter().map(|scope| &scope.name).collect();
    assert_eq!(names.len(), manifest.scopes.len());
    assert!(1 <= manifest.bridge.min.0 && manifest.bridge.min <= manifest.bridge.max);
    if let Some(icon) = &manifest.icon {
        assert!(Origin::of(icon).is_some_and(|origin| manifest.origins.contains(&origin)));
    }
    for locale in ["en", "zh-Hans", ""] {
        assert!(manifest.name.pick(&Locale::new(locale)).chars().count() <= 121);
    }
}
