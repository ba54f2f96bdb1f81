//! Attested clients (draft-ietf-oauth-attestation-based-client-auth-11).

use std::time::Duration;

use minihost_authorization_server::{ClientAuthentication, PublicKeys, RefreshPolicy};
use reqwest::Method;
use serde_json::json;

use crate::support::jwt::Change::{Claim, Header, NoClaim, NoHeader, Time};
use crate::support::jwt::{Change, Jwt, Key, jti};
use crate::support::{Answer, Form, Pkce, WEEK, World, program, redeem_form};

const CLIENT: &str = "gallery";
const KIND: &str = "oauth-client-attestation+jwt";
const POP_KIND: &str = "oauth-client-attestation-pop+jwt";

/// A world in which each installation of `gallery` has a key of its own.
struct Attested {
    world: World,
    attester: Key,
    /// The key of the installation.
    instance: Key,
}

impl Attested {
    async fn new() -> Self {
        let world = World::new().await;
        let (attester, instance) = (Key::p256(), Key::ed25519());
        let keys = json!({ "keys": [attester.named_jwk("attester")] }).to_string();
        let authentication = ClientAuthentication::Attested(PublicKeys::from_json(&keys).unwrap());
        let rotating = RefreshPolicy::Rotating { lifetime: WEEK };
        world.put(program(CLIENT, authentication, rotating)).await;
        Self { world, attester, instance }
    }

    fn attestation(&self) -> Jwt {
        let now = self.world.clock.seconds();
        let claims = json!({
            "sub": CLIENT, "iat": now - 60, "exp": now + 3_600,
            "cnf": { "jwk": self.instance.jwk() },
        });
        Jwt::new(&self.attester, KIND, claims)
    }

    async fn challenge(&self) -> String {
        let request = self.world.request(Method::POST, "/attestation_challenge");
        let answer = self.world.send(request).await.ok();
        answer.text("attestation_challenge").to_owned()
    }

    async fn pop(&self) -> Jwt {
        let claims = json!({
            "aud": self.world.base, "jti": jti(), "iat": self.world.clock.seconds(),
            "challenge": self.challenge().await,
        });
        Jwt::new(&self.instance, POP_KIND, claims)
    }

    async fn send(&self, form: &Form, attestation: &str, pop: &str) -> Answer {
        let request = self.world.request(Method::POST, "/token").form(&form.0);
        let request = request.header("oauth-client-attestation", attestation);
        self.world.send(request.header("oauth-client-attestation-pop", pop)).await
    }

    /// A good request with this form.
    async fn post(&self, form: &Form) -> Answer {
        let attestation = self.attestation().sign(&self.attester);
        let pop = self.pop().await.sign(&self.instance);
        self.send(form, &attestation, &pop).await
    }

    async fn redeem(&self) -> Answer {
        let pkce = Pkce::new();
        let code = self.world.code(CLIENT, "alice", &pkce).await;
        self.post(&redeem_form(CLIENT, &code, &pkce)).await
    }

    /// A request that fails for want of a grant type once the client is authenticated.
    async fn present(&self, attestation: &str, pop: &str) -> Answer {
        self.send(&Form::new(&[("grant_type", "none")]), attestation, pop).await
    }

    async fn refused(&self, what: &str, attestation: &str, pop: &str) {
        let answer = self.present(attestation, pop).await;
        let seen = (answer.status.as_u16(), answer.json["error"].as_str());
        assert_eq!(seen, (401, Some("invalid_client")), "{what}");
        assert!(answer.header("oauth-client-attestation-challenge").is_some(), "{what}");
        // Further failures within a minute would be throttled.
        self.world.clock.advance(Duration::from_secs(3));
    }

    async fn accepted(&self, attestation: &str, pop: &str) {
        self.present(attestation, pop).await.refused(400, "unsupported_grant_type");
    }
}

fn refresh_form(tokens: &Answer) -> Form {
    let token = tokens.text("refresh_token");
    Form::new(&[("grant_type", "refresh_token"), ("refresh_token", token), ("client_id", CLIENT)])
}

#[tokio::test]
async fn a7_an_attested_installation_redeems_refreshes_and_reads_user_details() {
    let attested = Attested::new().await;
    let tokens = attested.redeem().await.ok();
    attested.world.userinfo(tokens.text("access_token")).await.ok();
    let next = attested.post(&refresh_form(&tokens)).await.ok();
    attested.world.userinfo(next.text("access_token")).await.ok();
}

#[tokio::test]
async fn a7_the_refresh_token_of_one_installation_is_useless_to_another() {
    let mut attested = Attested::new().await;
    let tokens = attested.redeem().await.ok();
    let own = std::mem::replace(&mut attested.instance, Key::p256());
    attested.post(&refresh_form(&tokens)).await.refused(400, "invalid_grant");
    attested.instance = own;
    let next = attested.post(&refresh_form(&tokens)).await.ok();
    attested.instance = Key::p256();
    attested.post(&refresh_form(&next)).await.refused(400, "invalid_grant");
}

#[tokio::test]
async fn a7_a_client_that_is_attested_must_always_be() {
    let attested = Attested::new().await;
    let world = &attested.world;
    let alone = Form::new(&[("grant_type", "none"), ("client_id", CLIENT)]);
    world.post_unauthenticated("/token", &alone).await.refused(401, "invalid_client");
    let secret = alone.with("client_secret", "a secret that it does not have");
    world.post_unauthenticated("/token", &secret).await.refused(401, "invalid_client");
    let pop = attested.pop().await.sign(&attested.instance);
    for claimed in ["teahouse", "cinema", "nobody"] {
        let foreign = attested.attestation().with("sub", claimed).sign(&attested.attester);
        attested.refused(claimed, &foreign, &pop).await;
    }
}

#[tokio::test]
async fn a7_an_attestation_of_or_for_anything_else_is_refused() {
    let attested = Attested::new().await;
    let Attested { world, attester, instance } = &attested;
    let stranger = Key::p256();
    let mut private = Key::ed25519().jwk();
    private["d"] = "AAAA".into();
    let changes: Vec<(&str, Change)> = vec![
        ("no subject", NoClaim("sub")),
        ("another subject", Claim("sub", "gallery2".into())),
        ("no expiry", NoClaim("exp")),
        ("an expiry that is no number", Claim("exp", "4000000000".into())),
        ("no making", NoClaim("iat")),
        ("made eleven seconds from now", Time("iat", 11)),
        ("not yet valid", Time("nbf", 11)),
        ("no key", NoClaim("cnf")),
        ("no key in it", Claim("cnf", json!({}))),
        ("another key", Claim("cnf", json!({ "jwk": stranger.jwk() }))),
        ("a thumbprint for a key", Claim("cnf", json!({ "jkt": instance.thumbprint() }))),
        ("a private key", Claim("cnf", json!({ "jwk": private }))),
        ("another type", Header("typ", POP_KIND.into())),
        ("no type", NoHeader("typ")),
        ("another attester", Header("kid", "another".into())),
    ];
    for (what, change) in changes {
        let now = world.clock.seconds();
        let attestation = attested.attestation().changed(&change, now).sign(attester);
        attested.refused(what, &attestation, &attested.pop().await.sign(instance)).await;
    }
    let own_word = attested.attestation().sign(instance);
    attested.refused("its own word", &own_word, &attested.pop().await.sign(instance)).await;
    let good = attested.attestation().with_header("kid", "attester").sign(attester);
    attested.accepted(&good, &attested.pop().await.sign(instance)).await;
}

#[tokio::test]
async fn a7_a_proof_for_anything_else_is_refused() {
    let attested = Attested::new().await;
    let Attested { world, attester, instance } = &attested;
    let issuer = &world.base;
    let changes: Vec<(&str, Change)> = vec![
        ("no audience", NoClaim("aud")),
        ("the token endpoint", Claim("aud", format!("{issuer}/token").into())),
        ("a list of audiences", Claim("aud", json!([issuer]))),
        ("another server", Claim("aud", "https://other.example".into())),
        ("no jti", NoClaim("jti")),
        ("an empty jti", Claim("jti", "".into())),
        ("a long jti", Claim("jti", "x".repeat(257).into())),
        ("a jti that is no text", Claim("jti", 1.into())),
        ("no making", NoClaim("iat")),
        ("a making that is no number", Claim("iat", "now".into())),
        ("not yet valid", Time("nbf", 11)),
        ("expired", Time("exp", 0)),
        ("another type", Header("typ", "dpop+jwt".into())),
        ("the type of the attestation", Header("typ", KIND.into())),
        ("no type", NoHeader("typ")),
    ];
    let attestation = || attested.attestation().sign(attester);
    for (what, change) in changes {
        let pop = attested.pop().await.changed(&change, world.clock.seconds()).sign(instance);
        attested.refused(what, &attestation(), &pop).await;
    }
    let stranger = Key::p256();
    let stolen = attested.pop().await.with_header("alg", "ES256").sign(&stranger);
    attested.refused("another key", &attestation(), &stolen).await;
    attested.accepted(&attestation(), &attested.pop().await.sign(instance)).await;
}

#[tokio::test]
async fn t9_forged_attestations_and_proofs_are_refused() {
    let attested = Attested::new().await;
    let Attested { attester, instance, .. } = &attested;
    for (what, forged) in attested.attestation().forgeries(attester) {
        attested.refused(what, &forged, &attested.pop().await.sign(instance)).await;
    }
    let number = attested.pop().await.forgeries(instance).len();
    for index in 0..number {
        let (what, forged) = attested.pop().await.forgeries(instance).swap_remove(index);
        let attestation = attested.attestation().sign(attester);
        attested.refused(what, &attestation, &forged).await;
    }
}

#[tokio::test]
async fn a7_an_attestation_serves_many_requests_and_a_proof_one() {
    let attested = Attested::new().await;
    let Attested { attester, instance, .. } = &attested;
    let attestation = attested.attestation().sign(attester);
    let pop = attested.pop().await;
    attested.accepted(&attestation, &pop.sign(instance)).await;
    attested.refused("again", &attestation, &pop.sign(instance)).await;
    attested.accepted(&attestation, &pop.with("jti", jti()).sign(instance)).await;
}

#[tokio::test]
async fn a7_a_proof_without_a_challenge_of_the_last_minutes_is_told_the_next_one() {
    let attested = Attested::new().await;
    let Attested { world, attester, instance } = &attested;
    let attestation = attested.attestation().sign(attester);
    let stale = attested.pop().await;
    world.clock.advance(Duration::from_secs(120));
    for pop in [
        stale.clone(),
        stale.clone().without("challenge"),
        stale.clone().with("challenge", "made-up"),
        stale.clone().with("challenge", 1),
    ] {
        let answer = attested.present(&attestation, &pop.sign(instance)).await;
        answer.refused(400, "use_attestation_challenge");
        let challenge = answer.header("oauth-client-attestation-challenge").unwrap();
        let retried = pop.with("challenge", challenge).with("jti", jti());
        attested.accepted(&attestation, &retried.sign(instance)).await;
    }
    // For thirty more, none of which counts as a failed attempt.
    for _ in 0..30 {
        let answer = attested.present(&attestation, &stale.sign(instance)).await;
        answer.refused(400, "use_attestation_challenge");
    }
}

#[tokio::test]
async fn a7_what_was_used_before_a_restart_needs_another_challenge() {
    let attested = Attested::new().await;
    let attestation = attested.attestation().sign(&attested.attester);
    let pop = attested.pop().await.sign(&attested.instance);
    attested.accepted(&attestation, &pop).await;
    let issuer = attested.world.base.clone();
    let Attested { world, attester, instance } = attested;
    let (directory, database, clock) = world.close().await;
    let world = World::reopen(&database, clock, &issuer).await;
    let attested = Attested { world, attester, instance };
    attested.present(&attestation, &pop).await.refused(400, "use_attestation_challenge");
    drop(directory);
}

#[tokio::test]
async fn a7_an_attestation_that_is_over_or_a_day_old_must_be_replaced() {
    let attested = Attested::new().await;
    let Attested { world, attester, instance } = &attested;
    let now = world.clock.seconds();
    for change in [Time("exp", 0), Time("exp", -1), Time("iat", -86_401)] {
        let old = attested.attestation().changed(&change, now).sign(attester);
        let answer = attested.present(&old, &attested.pop().await.sign(instance)).await;
        answer.refused(400, "use_fresh_attestation");
    }
    let of_yesterday = attested.attestation().with("iat", now - 86_400).sign(attester);
    attested.accepted(&of_yesterday, &attested.pop().await.sign(instance)).await;
}

#[tokio::test]
async fn a1_an_attestation_beside_another_method_or_twice_is_refused() {
    let attested = Attested::new().await;
    let Attested { world, attester, instance } = &attested;
    let attestation = attested.attestation().sign(attester);
    let pop = attested.pop().await.sign(instance);
    let form = Form::new(&[("grant_type", "none")]);
    let with_headers = |request: reqwest::RequestBuilder| {
        request
            .header("oauth-client-attestation", &attestation)
            .header("oauth-client-attestation-pop", &pop)
    };
    let basic = with_headers(world.as_client("/token", "teahouse", &form));
    world.send(basic).await.refused(400, "invalid_request");
    let secret = form.clone().with("client_secret", "secret");
    attested.send(&secret, &attestation, &pop).await.refused(400, "invalid_request");
    let twice = world.request(Method::POST, "/token").form(&form.0);
    let twice = with_headers(with_headers(twice));
    world.send(twice).await.refused(400, "invalid_request");
    let alone = world.request(Method::POST, "/token").form(&form.0);
    let alone = alone.header("oauth-client-attestation-pop", &pop);
    world.send(alone).await.refused(400, "invalid_request");
    let other = form.with("client_id", "teahouse");
    attested.send(&other, &attestation, &pop).await.refused(400, "invalid_request");
    attested.accepted(&attestation, &pop).await;
}

/// The combined mode (§5.2).
impl Attested {
    async fn nonce(&self) -> String {
        let request = self.world.request(Method::POST, "/attestation_challenge");
        let answer = self.world.send(request).await.ok();
        answer.header("dpop-nonce").unwrap().to_owned()
    }

    async fn with_dpop(&self, form: &Form, proof: &str) -> Answer {
        let attestation = self.attestation().sign(&self.attester);
        let request = self.world.request(Method::POST, "/token").form(&form.0);
        let request = request.header("oauth-client-attestation", attestation);
        self.world.send(request.header("dpop", proof)).await
    }

    async fn proof(&self, key: &Key) -> Jwt {
        let uri = format!("{}/token", self.world.base);
        let proof = Jwt::dpop(key, "POST", &uri, self.world.clock.seconds());
        proof.with("nonce", self.nonce().await)
    }
}

#[tokio::test]
async fn a7_one_dpop_proof_proves_the_installation_and_binds_the_tokens() {
    let attested = Attested::new().await;
    let Attested { world, instance, .. } = &attested;
    world.clock.advance(Duration::from_secs(120));
    let pkce = Pkce::new();
    let code = world.code(CLIENT, "alice", &pkce).await;
    let form = redeem_form(CLIENT, &code, &pkce);
    let stranger = Key::p256();
    let stolen = attested.proof(&stranger).await.sign(&stranger);
    attested.with_dpop(&form, &stolen).await.refused(401, "invalid_client");
    let dated = attested.proof(instance).await.without("nonce").sign(instance);
    attested.with_dpop(&form, &dated).await.refused(400, "use_dpop_nonce");
    let attestation = attested.attestation().sign(&attested.attester);
    let unproven = world.request(Method::POST, "/token").form(&form.0);
    let unproven = unproven.header("oauth-client-attestation", attestation);
    world.send(unproven).await.refused(401, "invalid_client");

    let proof = attested.proof(instance).await.sign(instance);
    let tokens = attested.with_dpop(&form, &proof).await.ok();
    assert_eq!(tokens.text("token_type"), "DPoP");
    attested.with_dpop(&form, &proof).await.refused(400, "invalid_dpop_proof");
    let refreshed = attested
        .with_dpop(&refresh_form(&tokens), &attested.proof(instance).await.sign(instance))
        .await
        .ok();
    assert_eq!(refreshed.text("token_type"), "DPoP");
}

#[tokio::test]
async fn a7_a_dpop_proof_beside_a_proof_of_its_own_may_have_another_key() {
    let attested = Attested::new().await;
    let Attested { world, attester, instance } = &attested;
    let pkce = Pkce::new();
    let code = world.code(CLIENT, "alice", &pkce).await;
    let key = Key::p256();
    let request = world.request(Method::POST, "/token").form(&redeem_form(CLIENT, &code, &pkce).0);
    let request = request
        .header("oauth-client-attestation", attested.attestation().sign(attester))
        .header("oauth-client-attestation-pop", attested.pop().await.sign(instance))
        .header("dpop", attested.proof(&key).await.sign(&key));
    let tokens = world.send(request).await.ok();
    assert_eq!(tokens.text("token_type"), "DPoP");
    // What the refresh token is bound to is the installation.
    let next = attested.post(&refresh_form(&tokens)).await.ok();
    assert_eq!(next.text("token_type"), "Bearer");
}

#[tokio::test]
async fn a7_challenges_are_never_stored_and_named_in_the_metadata_with_the_methods() {
    const PATH: &str = "/.well-known/oauth-authorization-server";
    let attested = Attested::new().await;
    let world = &attested.world;
    let answer = world.send(world.request(Method::POST, "/attestation_challenge")).await.ok();
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert!(answer.header("dpop-nonce").is_some());
    let metadata = world.send(world.request(Method::GET, PATH)).await.ok().json;
    let endpoint = format!("{}/attestation_challenge", world.base);
    assert_eq!(metadata["challenge_endpoint"], endpoint);
    let methods = metadata["token_endpoint_auth_methods_supported"].as_array().unwrap();
    for method in ["attest_jwt_client_auth", "attest_jwt_client_auth_dpop"] {
        assert!(methods.contains(&json!(method)), "{method}");
    }
    for member in [
        "client_attestation_signing_alg_values_supported",
        "client_attestation_pop_signing_alg_values_supported",
    ] {
        assert_eq!(metadata[member], json!(["PS256", "ES256", "EdDSA"]), "{member}");
    }
    let without = World::new().await;
    let metadata = without.send(without.request(Method::GET, PATH)).await.ok().json;
    assert!(metadata.get("challenge_endpoint").is_none());
}
