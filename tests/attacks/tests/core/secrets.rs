//! Where codes and secrets must not be: a11, a12 and f9.

use minihost_core::{Build, Remember, Severity, lint};
use minihost_protocol::{declaration::Form, registry::METHODS};
use serde_json::json;

use crate::stage::{Stage, TEA};

const CANARY: &str = "canary-code-3f9a";

#[test]
fn a11_a_code_is_in_the_one_answer_and_nowhere_else() {
    let mut stage = Stage::new();
    let view = stage.ask(TEA, &["openid"]).prompt();
    let request = stage.allow(&view, Remember::UntilRevoked).code_request();
    assert!(!format!("{request:?}").contains("verifier"));
    let out = stage.issue(&request, |issued| {
        issued.code = minihost_core::AuthorizationCode::new(CANARY);
    });
    assert_eq!(out.texts.iter().filter(|text| text.contains(CANARY)).count(), 1);
    assert_eq!(out.audits.len(), 1);
    assert!(!format!("{:?}", out.audits).contains(CANARY), "what is written down has no code");
    assert!(out.told.iter().all(|told| !told.text.contains(CANARY)));
    let kept = format!("{:?}", stage.machine.mediator.grants(stage.machine.now()));
    assert!(!kept.contains(CANARY));
}

#[test]
fn a11_a_request_without_a_challenge_that_hides_its_verifier_is_refused() {
    type Change = fn(&mut serde_json::Value);
    let weaker: [Change; 6] = [
        |params| drop(params.as_object_mut().unwrap().remove("codeChallenge")),
        |params| drop(params.as_object_mut().unwrap().remove("codeChallengeMethod")),
        |params| params["codeChallengeMethod"] = json!("plain"),
        |params| params["codeChallengeMethod"] = json!("s256"),
        |params| params["codeChallenge"] = json!(""),
        |params| params["codeChallenge"] = json!("a-verifier-in-clear-is-no-challenge-0123456789"),
    ];
    for change in weaker {
        let mut stage = Stage::new();
        assert_eq!(stage.ask_with(TEA, &["openid"], change).refusal(), "invalid_request");
    }
}

#[test]
fn a12_a_manifest_with_a_secret_in_it_is_not_signed() {
    let manifest = json!({
        "manifestVersion": 1, "id": "teahouse", "version": "1.0.0",
        "name": {"en": "Tea House"}, "publisher": {"id": "acme", "name": {"en": "Acme Ltd"}},
        "startUrl": "https://teahouse.example/", "origins": ["https://teahouse.example"],
        "clientId": "teahouse", "redirectUris": ["https://teahouse.example/callback"],
        "scopes": [{"name": "openid"}],
    });
    let (key, _) =
        minihost::manifest::SigningKey::generate(minihost::manifest::Algorithm::EdDsa).unwrap();
    key.sign(manifest.to_string().as_bytes(), Build::Release).expect("it has no secret");
    for (member, value) in [
        ("clientSecret", json!("x")),
        ("appSecret", json!("0123456789abcdef0123456789abcdef")),
        ("oauth", json!({"client_secret": "hunter2"})),
        ("config", json!(["-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIA=="])),
        ("privacyPolicyUrl", json!("https://user:password@teahouse.example/privacy")),
        ("extra", json!({"jwk": {"kty": "oct", "k": "c2VjcmV0"}})),
        ("clientSecret", json!(["hunter2"])),
        ("clientSecret", json!({"value": "hunter2"})),
        ("clientSecret", json!(12_345_678)),
        ("token", json!("hunter2")),
        ("note", json!("my key is AKIAIOSFODNN7EXAMPLE")),
        ("repository", json!("https://ghp_hunter2@teahouse.example/")),
        ("cache", json!({"eyJhbGciOiJIUzI1NiJ9.e30.ZRrHA1JJJW8opsbCGfG_HACGpVUMN_a9": true})),
    ] {
        let mut leaking = manifest.clone();
        leaking[member] = value;
        let text = leaking.to_string();
        let found = lint(text.as_bytes(), Build::Release);
        assert!(found.iter().any(|one| one.severity == Severity::Error), "{member}");
        assert!(key.sign(text.as_bytes(), Build::Release).is_err(), "{member}");
    }
}

#[test]
fn f9_the_bridge_takes_a_challenge_of_exactly_one_length_and_has_no_place_for_a_verifier() {
    let request = METHODS.iter().find(|method| method.name == "auth.requestCode").unwrap();
    assert!(!request.params.iter().any(|member| member.name.contains("erifier")));
    assert!(!request.params.iter().any(|member| member.name.contains("ecret")));
    let challenge = request.params.iter().find(|member| member.name == "codeChallenge").unwrap();
    assert!(matches!(challenge.form, Form::Challenge), "not any text: {:?}", challenge.form);
}
