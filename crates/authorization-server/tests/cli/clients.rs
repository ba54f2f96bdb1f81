use std::fs;

use serde_json::Value;

use crate::support::{Place, add_program, within_moments};

#[tokio::test]
async fn a_running_server_sees_clients_come_change_and_go() {
    let place = Place::new();
    let server = place.serve();
    let secret = add_program(&place, "teahouse");
    within_moments(async || server.knows("teahouse", &secret).await).await;

    let next =
        place.secret(&["client", "rotate-secret", "teahouse", "--overlap", "3600", "--json"]);
    within_moments(async || server.knows("teahouse", &next).await).await;
    assert!(server.knows("teahouse", &secret).await, "both are taken for an hour");
    let last = place.secret(&["client", "rotate-secret", "teahouse", "--json"]);
    within_moments(async || !server.knows("teahouse", &next).await).await;
    assert!(server.knows("teahouse", &last).await);

    let said = place.ok(&["client", "remove", "teahouse"]);
    assert_eq!(said, "The client teahouse is removed.\n");
    within_moments(async || !server.knows("teahouse", &last).await).await;
    let sentence = place.refused(&["client", "remove", "teahouse"], 1);
    assert_eq!(sentence, "there is no client teahouse");
}

#[test]
fn every_choice_of_a_registration_can_be_made_and_is_listed_without_a_secret() {
    let place = Place::new();
    let secret = place.secret(&[
        "client",
        "add",
        "harbour",
        "--kind=host",
        "--name=Harbour",
        "--name-in=zh-Hans=海港",
        "--publisher=Harbour Ltd",
        "--scope=openid email mediate",
        "--default-scope=openid",
        "--grant=authorization-code",
        "--grant=password",
        "--grant=client-credentials",
        "--redirect-uri=https://harbour.example/a",
        "--redirect-uri=http://127.0.0.1/b",
        "--resource=https://api.example",
        "--may-mediate-for=teahouse",
        "--consent-evidence=required",
        "--tenant=north",
        "--refresh=rotating",
        "--refresh-lifetime=86400",
        "--access-lifetime=900",
        "--id-token-algorithm=EdDSA",
        "--pkce=optional",
        "--pushed-requests=required",
        "--dpop=required",
        "--assertions=strict",
        "--dialect=open-platform",
        "--json",
    ]);
    let listed = place.ok(&["client", "list", "--json"]);
    assert!(!listed.contains(&secret) && !listed.contains("sha256"));
    let listed: Value = serde_json::from_str(&listed).unwrap();
    let [client] = listed.as_array().unwrap().as_slice() else { panic!("{listed}") };
    let expected = serde_json::json!({
        "id": "harbour",
        "names": {"default": "Harbour", "localized": {"zh-Hans": "海港"}},
        "publisher": {"default": "Harbour Ltd"},
        "application": "web",
        "authentication": "secret",
        "kind": {"host": {"may_mediate_for": ["teahouse"], "consent_evidence": "required"}},
        "grants": ["authorization_code", "password", "client_credentials"],
        "redirect_uris": ["https://harbour.example/a", "http://127.0.0.1/b"],
        "origins": [],
        "scopes": "email mediate openid",
        "default_scopes": "openid",
        "resources": ["https://api.example"],
        "access_token_lifetime": 900,
        "refresh": {"policy": "rotating", "lifetime": 86400},
        "id_token_algorithm": "EdDSA",
        "pkce": "optional",
        "pushed_requests": "required",
        "dpop": "required",
        "assertions": "strict",
        "dialect": "open_platform",
        "accounts": {"tenants": ["north"]},
    });
    for (member, value) in expected.as_object().unwrap() {
        assert_eq!(&client[member], value, "{member}");
    }
    let lines = place.ok(&["client", "list"]);
    assert!(lines.starts_with("harbour  host             secret  "), "{lines}");
    assert!(!lines.contains(&secret));
}

#[test]
fn each_kind_of_client_and_of_proof_can_be_registered() {
    let place = Place::new();
    let page = ["--public", "--origin=https://cinema.example"];
    let program = ["--kind=mini-program", "--scope=openid", "--id-token-algorithm=ES256"];
    let mut cinema = vec!["client", "add", "cinema"];
    cinema.extend(program);
    cinema.extend(page);
    cinema.extend(["--redirect-uri=https://cinema.example/back", "--json"]);
    assert_eq!(place.json(&cinema), serde_json::json!({ "client_id": "cinema" }));

    let jwks = r#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;
    fs::write(place.path("jwks.json"), jwks).unwrap();
    let jwks = format!("--jwks={}", place.path("jwks.json").display());
    let mut gallery = vec!["client", "add", "gallery", "--redirect-uri=https://g.example/back"];
    gallery.extend(program);
    gallery.push(&jwks);
    assert_eq!(place.ok(&gallery), "The client gallery is registered.\n");

    let attester = jwks.replace("--jwks", "--attester-jwks");
    let mut phone = vec!["client", "add", "phone", "--redirect-uri=https://p.example/back"];
    phone.extend(program);
    phone.push(&attester);
    assert_eq!(place.ok(&phone), "The client phone is registered.\n");

    let api = ["client", "add", "api", "--kind=resource-server", "--resource=https://api.example"];
    let said = place.ok(&api);
    assert!(said.contains("not shown again: "), "{said}");

    let listed = place.json(&["client", "list", "--json"]);
    let proofs: Vec<_> = listed.as_array().unwrap().iter().map(|c| &c["authentication"]).collect();
    assert_eq!(proofs, ["secret", "none", "keys", "attested"]);
}

#[test]
fn a_client_is_replaced_only_when_that_is_said() {
    let place = Place::new();
    let first = add_program(&place, "teahouse");
    let mut again =
        vec!["client", "add", "teahouse", "--kind", "mini-program", "--scope", "openid"];
    again.extend(["--redirect-uri", "https://tea.example/other", "--id-token-algorithm", "ES256"]);
    let sentence = place.refused(&again, 1);
    assert!(sentence.contains("--replace"), "{sentence}");
    again.extend(["--replace", "--json"]);
    assert_ne!(place.secret(&again), first);
    let listed = place.json(&["client", "list", "--json"]);
    assert_eq!(listed[0]["redirect_uris"], serde_json::json!(["https://tea.example/other"]));
}

#[test]
fn a_name_that_looks_like_one_of_another_publisher_is_refused_in_one_sentence() {
    let place = Place::new();
    let add = |id, name, publisher| {
        let mut add = vec!["client", "add", id, "--kind=mini-program", "--scope=openid"];
        add.extend(["--redirect-uri=https://tea.example/back", "--id-token-algorithm=ES256"]);
        add.extend(["--name", name, "--publisher", publisher]);
        add
    };
    place.ok(&add("teahouse", "Tea House", "Acme"));
    let sentence = place.refused(&add("evil", "T\u{435}a House", "Evil"), 1);
    assert!(sentence.contains("must not mix scripts"), "{sentence}");
    let sentence = place.refused(&add("evil", "Tea  H0use", "Evil"), 1);
    assert_eq!(
        sentence,
        "people might take this client for teahouse: give it another name, or both one publisher"
    );
    place.ok(&add("tearoom", "Tea House", "Acme"));
    place.ok(&add("coffee", "Coffee House", "Evil"));
    let listed = place.json(&["client", "list", "--json"]);
    let ids: Vec<_> = listed.as_array().unwrap().iter().map(|client| &client["id"]).collect();
    assert_eq!(ids, ["coffee", "teahouse", "tearoom"]);
}
