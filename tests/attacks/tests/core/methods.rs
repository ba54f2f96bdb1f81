//! What can be called: a13, a14 and a15.

use std::collections::BTreeSet;

use minihost_core::{
    Config, HostMethodDeclaration, HostMethodName, MiniProgramId, Programs, Scope,
};
use minihost_protocol::{
    declaration::{Call, Prompting},
    registry::METHODS,
};
use minihost_testkit::initialize;
use serde_json::json;

use crate::stage::{CINEMA, Stage, TEA};

/// Both are in every fixture's manifest; the second is for the cinema alone.
fn with_methods(config: &mut Config) {
    let method = |name: &str, programs| HostMethodDeclaration {
        name: HostMethodName::new(name).unwrap(),
        params: Vec::new(),
        result: Vec::new(),
        scope: Some(Scope::new("phone")),
        prompting: Prompting::Never,
        programs,
    };
    let cinema = [MiniProgramId::new("cinema")].into();
    config.methods = vec![
        method("acme.print", Programs::AllThatDeclareIt),
        method("acme.locate", Programs::Only(cinema)),
        method("acme.internal", Programs::AllThatDeclareIt),
    ];
}

#[test]
fn a13_no_method_hands_out_what_could_forge_or_redeem() {
    for method in METHODS {
        for member in method.result {
            let name = member.name.to_ascii_lowercase();
            for secret in ["token", "secret", "key", "verifier", "password", "cookie", "credential"]
            {
                assert!(!name.contains(secret), "{} gives {}", method.name, member.name);
            }
        }
        for member in method.params {
            let name = member.name.to_ascii_lowercase();
            for secret in ["token", "secret", "verifier", "password", "credential"] {
                assert!(!name.contains(secret), "{} wants {}", method.name, member.name);
            }
        }
    }
}

#[test]
fn a14_what_is_not_told_cannot_be_called_and_what_is_told_can() {
    let mut stage = Stage::with(with_methods);
    let hello = stage.next_id(initialize);
    let told = stage.send(TEA, hello);
    let told = told.result()["capabilities"]["methods"].as_array().unwrap();
    let told: BTreeSet<&str> = told.iter().map(|name| name.as_str().unwrap()).collect();
    assert!(told.contains("acme.print"));

    let known = METHODS.iter().map(|method| method.name.to_owned());
    let hosts = ["acme.print", "acme.locate", "acme.internal"].map(str::to_owned);
    let guesses = [
        "acme.Print",
        "acme.print ",
        "acme.print\0",
        "ACME.PRINT",
        "acme.*",
        "acme",
        "acme.",
        "acme.print.call",
        "host.exec",
        "host.eval",
        "host.debug",
        "host.listMethods",
        "auth.getToken",
        "auth.getUser",
        "auth.requestCode.silent",
        "auth..requestCode",
        "auth.requestcode",
        "$/debug",
        "$/cancelRequest ",
        "rpc.discover",
        "__proto__",
        "constructor",
        "toString",
        "invoke",
        "",
    ];
    for name in known.chain(hosts).chain(guesses.map(str::to_owned)) {
        let out = stage.call(TEA, &name, json!({}));
        let exists = match &out.replies[..] {
            [(_, _, reply)] => reply["error"]["data"]["reason"] != "unsupported_method",
            // A silent question is answered later, by whatever there is.
            _ => true,
        };
        assert_eq!(exists, told.contains(name.as_str()), "{name:?}");
        assert!(out.calls.is_empty(), "{name:?}: nothing was granted");
    }
    let answered = METHODS.iter().filter(|method| method.call == Call::Request).count();
    assert!(told.len() > answered / 2, "the list is not empty for want of methods");
}

#[test]
fn a15_no_method_of_the_host_runs_without_its_scope() {
    let mut stage = Stage::with(with_methods);
    assert_eq!(stage.call(TEA, "acme.print", json!({})).refusal(), "consent_required");
    // An agreement to something else, and one of another program, do not help.
    stage.grant(TEA, &["openid", "email"]);
    stage.grant(CINEMA, &["phone"]);
    assert_eq!(stage.call(TEA, "acme.print", json!({})).refusal(), "consent_required");
    assert_eq!(stage.call(TEA, "acme.locate", json!({})).refusal(), "unsupported_method");

    stage.grant(TEA, &["phone"]);
    assert_eq!(stage.call(TEA, "acme.print", json!({})).calls.len(), 1);
    stage.call(TEA, "auth.revoke", json!({"scopes": ["phone"]}));
    assert_eq!(stage.call(TEA, "acme.print", json!({})).refusal(), "consent_required");
}
