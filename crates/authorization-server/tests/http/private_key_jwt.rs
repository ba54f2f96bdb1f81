//! Clients that authenticate with signed assertions (RFC 7523, OpenID Connect Core §9).

use std::time::Duration;

use minihost_authorization_server::{
    AssertionRules, ClientAuthentication, ClientRegistration, PublicKeys, RefreshPolicy,
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::jwt::Change::{Claim, Header, NoClaim, Time};
use crate::support::jwt::{Jwt, Key, jti};
use crate::support::{Answer, Form, Pkce, WEEK, World, program, redeem_form};

const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const CLIENT: &str = "library";

/// A world in which `library` has one key of each kind, and `bank` may ask for it.
struct Signing {
    world: World,
    p256: Key,
    ed25519: Key,
    rsa: Key,
}

pub(crate) fn key_set(keys: Vec<Value>) -> PublicKeys {
    PublicKeys::from_json(&json!({ "keys": keys }).to_string()).unwrap()
}

impl Signing {
    async fn new() -> Self {
        Self::held_to(AssertionRules::Standard).await
    }

    async fn held_to(rules: AssertionRules) -> Self {
        let mut world = World::new().await;
        let (p256, ed25519, rsa) = (Key::p256(), Key::ed25519(), Key::rsa());
        let keys = vec![p256.named_jwk("first"), ed25519.named_jwk("second"), rsa.jwk()];
        let keys = ClientAuthentication::Keys(key_set(keys));
        let mut client = program(CLIENT, keys, RefreshPolicy::Fixed { lifetime: WEEK });
        client.assertions = rules;
        world.put(client).await;
        let bank = world.host("bank", "teahouse cinema gallery library");
        world.put(bank).await;
        Self { world, p256, ed25519, rsa }
    }

    fn assertion(&self, key: &Key) -> Jwt {
        let now = self.world.clock.seconds();
        let claims = json!({
            "iss": CLIENT, "sub": CLIENT, "aud": self.world.base, "jti": jti(),
            "iat": now, "exp": now + 60,
        });
        Jwt::new(key, "JWT", claims)
    }

    /// A request that fails for want of a grant type once the client is authenticated.
    async fn present(&self, assertion: &str) -> Answer {
        self.post("/token", &Form::new(&[("grant_type", "none")]), assertion).await
    }

    async fn post(&self, path: &str, form: &Form, assertion: &str) -> Answer {
        let form =
            form.clone().with("client_assertion_type", TYPE).with("client_assertion", assertion);
        self.world.post_unauthenticated(path, &form).await
    }

    #[track_caller]
    fn accepted(answer: &Answer, what: &str) {
        let error = answer.json["error"].as_str();
        assert_eq!(error, Some("unsupported_grant_type"), "{what}");
    }

    async fn refused(&self, what: &str, assertion: &str) {
        let answer = self.present(assertion).await;
        let seen = (answer.status.as_u16(), answer.json["error"].as_str());
        assert_eq!(seen, (401, Some("invalid_client")), "{what}");
        // Further failures within a minute would be throttled.
        self.world.clock.advance(Duration::from_secs(3));
    }
}

#[tokio::test]
async fn a6_es256_eddsa_and_ps256_are_accepted_and_rs256_is_not() {
    let signing = Signing::new().await;
    for key in [&signing.p256, &signing.ed25519, &signing.rsa] {
        let answer = signing.present(&signing.assertion(key).sign(key)).await;
        Signing::accepted(&answer, key.algorithm());
    }
    let rs256 = signing.assertion(&signing.rsa).with_header("alg", "RS256").sign(&signing.rsa);
    signing.refused("RS256", &rs256).await;
}

#[tokio::test]
async fn a_code_is_redeemed_refreshed_and_used_with_assertions() {
    let signing = Signing::new().await;
    let Signing { world, p256, .. } = &signing;
    let pkce = Pkce::new();
    let code = world.code(CLIENT, "alice", &pkce).await;
    let form = redeem_form(CLIENT, &code, &pkce).without("client_id");
    let assertion = signing.assertion(p256).sign(p256);
    let tokens = signing.post("/token", &form, &assertion).await.ok();
    world.userinfo(tokens.text("access_token")).await.ok();
    let form = Form::new(&[
        ("grant_type", "refresh_token"),
        ("refresh_token", tokens.text("refresh_token")),
        ("client_id", CLIENT),
    ]);
    let assertion = signing.assertion(p256).sign(p256);
    signing.post("/token", &form, &assertion).await.ok();
}

#[tokio::test]
async fn a_host_asks_for_codes_with_an_assertion() {
    let signing = Signing::new().await;
    let mut world = signing.world;
    let key = Key::ed25519();
    let host = world.host("bank", "teahouse");
    let authentication = ClientAuthentication::Keys(key_set(vec![key.jwk()]));
    world.put(ClientRegistration { authentication, ..host }).await;
    let now = world.clock.seconds();
    let assertion = || {
        let claims = json!({
            "iss": "bank", "sub": "bank", "aud": world.base, "jti": jti(), "exp": now + 60,
        });
        Jwt::new(&key, "client-authentication+jwt", claims).sign(&key)
    };
    let with_assertion = async |path: &str, form: Form| {
        let form = form.with("client_assertion_type", TYPE).with("client_assertion", assertion());
        world.post_unauthenticated(path, &form).await.ok()
    };
    let signed_in = with_assertion("/token", world.password_form("alice")).await;
    let form = world.code_form("teahouse", signed_in.text("access_token"), &Pkce::new());
    let code = with_assertion("/challenge", form).await;
    assert_eq!(code.text("client_id"), "teahouse");
}

#[tokio::test]
async fn a5_an_assertion_names_this_server_in_any_way_of_the_rfcs_and_no_other_server() {
    let signing = Signing::new().await;
    let key = &signing.p256;
    let issuer = signing.world.base.clone();
    let at = |path: &str| format!("{issuer}{path}");
    let to = |audience: Value| signing.assertion(key).with("aud", audience).sign(key);
    for audience in
        [json!(issuer), json!(at("/token")), json!([issuer]), json!([at("/token"), issuer])]
    {
        Signing::accepted(&signing.present(&to(audience.clone())).await, &audience.to_string());
    }
    let form = Form::new(&[("token", "x")]);
    let answer = signing.post("/revoke", &form, &to(json!(at("/revoke")))).await;
    assert_eq!(answer.status.as_u16(), 200, "the endpoint that it is sent to");
    for audience in [
        json!(at("/")),
        json!(at("/revoke")),
        json!("https://other.example"),
        json!([issuer, "https://other.example"]),
        json!([]),
        json!([[issuer]]),
        json!({}),
    ] {
        signing.refused(&audience.to_string(), &to(audience.clone())).await;
    }
    let expiring = |seconds: i64| {
        let at = signing.world.clock.seconds() + seconds;
        signing.assertion(key).with("exp", at).sign(key)
    };
    Signing::accepted(&signing.present(&expiring(3_600)).await, "expiring in an hour");
    signing.refused("expiring too far ahead", &expiring(3_611)).await;
}

#[tokio::test]
async fn a5_a_strict_assertion_for_anybody_or_anything_else_or_another_time_is_refused() {
    let signing = Signing::held_to(AssertionRules::Strict).await;
    let key = &signing.p256;
    let issuer = signing.world.base.clone();
    let fresh = || signing.assertion(key);
    Signing::accepted(&signing.present(&fresh().sign(key)).await, "the good one");
    let now = || signing.world.clock.seconds();
    for (what, change) in [
        ("the token endpoint", Claim("aud", format!("{issuer}/token").into())),
        ("a trailing slash", Claim("aud", format!("{issuer}/").into())),
        ("another server", Claim("aud", "https://other.example".into())),
        ("a list of one", Claim("aud", json!([issuer]))),
        ("a longer list", Claim("aud", json!([issuer, format!("{issuer}/token")]))),
        ("no audience", NoClaim("aud")),
        ("another issuer", Claim("iss", "teahouse".into())),
        ("no issuer", NoClaim("iss")),
        ("another subject", Claim("sub", "teahouse".into())),
        ("no subject", NoClaim("sub")),
        ("a subject that is no text", Claim("sub", json!([CLIENT]))),
        ("expiring now", Time("exp", 0)),
        ("expired", Time("exp", -1)),
        ("expiring too far ahead", Time("exp", 71)),
        ("expiring in an hour", Time("exp", 3_600)),
        ("no expiry", NoClaim("exp")),
        ("an expiry that is no number", Claim("exp", "4000000000".into())),
        ("made a minute from now", Time("iat", 60)),
        ("made eleven seconds from now", Time("iat", 11)),
        ("a making that is no number", Claim("iat", "now".into())),
        ("not yet valid", Time("nbf", 11)),
        ("no jti", NoClaim("jti")),
        ("an empty jti", Claim("jti", "".into())),
        ("a long jti", Claim("jti", "x".repeat(257).into())),
        ("a jti that is no text", Claim("jti", 1.into())),
        ("the type of a proof of possession", Header("typ", "dpop+jwt".into())),
    ] {
        signing.refused(what, &fresh().changed(&change, now()).sign(key)).await;
    }
    let skewed = fresh().with("iat", now() + 10).with("nbf", now() + 10).with("exp", now() + 70);
    Signing::accepted(&signing.present(&skewed.sign(key)).await, "a clock ten seconds ahead");
    let untyped = fresh().without_header("typ").without("iat").sign(key);
    Signing::accepted(&signing.present(&untyped).await, "only what must be there");
}

#[tokio::test]
async fn t9_forged_assertions_are_refused() {
    let signing = Signing::new().await;
    let key = &signing.p256;
    for (what, forged) in signing.assertion(key).forgeries(key) {
        signing.refused(what, &forged).await;
    }
    let good = signing.assertion(key);
    for path in ["../../../../dev/null", "/etc/passwd", "first' OR '1'='1", "", "second", "third"] {
        let jwt = good.clone().with("jti", jti()).with_header("kid", path).sign(key);
        signing.refused(path, &jwt).await;
    }
    let elsewhere = good.with("jti", jti()).with_header("jku", "https://evil.example").sign(key);
    Signing::accepted(&signing.present(&elsewhere).await, "jku is not looked at");
}

#[tokio::test]
async fn a_kid_chooses_the_key_and_without_one_any_key_will_do() {
    let signing = Signing::new().await;
    let Signing { p256, ed25519, rsa, .. } = &signing;
    for (key, id) in [(p256, "first"), (ed25519, "second"), (rsa, "a key without one")] {
        let named = signing.assertion(key).with_header("kid", id).sign(key);
        Signing::accepted(&signing.present(&named).await, id);
        let unnamed = signing.assertion(key).sign(key);
        Signing::accepted(&signing.present(&unnamed).await, id);
    }
}

#[tokio::test]
async fn a5_an_assertion_works_once_even_when_the_server_was_restarted_between() {
    let signing = Signing::new().await;
    let key = &signing.p256;
    let assertion = signing.assertion(key).sign(key);
    let later = signing.assertion(key).sign(key);
    Signing::accepted(&signing.present(&assertion).await, "once");
    signing.refused("twice", &assertion).await;

    let base = signing.world.base.clone();
    let Signing { world, p256, ed25519, rsa } = signing;
    let (directory, database, clock) = world.close().await;
    let world = World::reopen(&database, clock, &base).await;
    let restarted = Signing { world, p256, ed25519, rsa };
    restarted.refused("after a restart", &assertion).await;
    Signing::accepted(&restarted.present(&later).await, "one that was not used");
    drop(directory);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a5_of_many_uses_at_once_one_succeeds() {
    let signing = Signing::new().await;
    for _ in 0..5 {
        let assertion = signing.assertion(&signing.p256).sign(&signing.p256);
        let answers =
            futures_util::future::join_all((0..8).map(|_| signing.present(&assertion))).await;
        let accepted = answers.iter().filter(|answer| answer.status.as_u16() == 400).count();
        assert_eq!(accepted, 1);
        signing.world.clock.advance(Duration::from_secs(60));
    }
}

#[tokio::test]
async fn a1_an_assertion_beside_another_method_is_refused() {
    let signing = Signing::new().await;
    let key = &signing.p256;
    let assertion = || signing.assertion(key).sign(key);
    let form = || {
        Form::new(&[("grant_type", "none"), ("client_assertion_type", TYPE)])
            .with("client_assertion", assertion())
    };
    let world = &signing.world;
    world.post("/token", "teahouse", &form()).await.refused(400, "invalid_request");
    let with_secret = form().with("client_secret", "secret");
    world.post_unauthenticated("/token", &with_secret).await.refused(400, "invalid_request");
    for form in [
        form().without("client_assertion"),
        form().without("client_assertion_type"),
        form().with("client_assertion_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
        form().with("client_id", "teahouse"),
    ] {
        world.post_unauthenticated("/token", &form).await.refused(400, "invalid_request");
    }
    let same = form().with("client_id", CLIENT);
    Signing::accepted(&world.post_unauthenticated("/token", &same).await, "its own client_id");
}

#[tokio::test]
async fn a_method_that_the_client_is_not_registered_for_proves_nothing() {
    let signing = Signing::new().await;
    let (world, key) = (&signing.world, &signing.p256);
    for claimed in ["teahouse", "gallery", "nobody"] {
        let jwt = signing.assertion(key).with("iss", claimed).with("sub", claimed);
        signing.refused(claimed, &jwt.sign(key)).await;
    }
    let alone = Form::new(&[("grant_type", "none"), ("client_id", CLIENT)]);
    world.post_unauthenticated("/token", &alone).await.refused(401, "invalid_client");
    let secret = alone.with("client_secret", "a secret that it does not have");
    world.post_unauthenticated("/token", &secret).await.refused(401, "invalid_client");
}

#[tokio::test]
async fn a4_bad_assertions_are_throttled_and_the_client_itself_is_not() {
    let signing = Signing::new().await;
    let (bad, key) = (Key::p256(), &signing.p256);
    for _ in 0..20 {
        let answer = signing.present(&signing.assertion(&bad).sign(&bad)).await;
        answer.refused(401, "invalid_client");
    }
    let answer = signing.present(&signing.assertion(&bad).sign(&bad)).await;
    answer.refused(429, "temporarily_unavailable");
    Signing::accepted(&signing.present(&signing.assertion(key).sign(key)).await, "the client");
}

#[tokio::test]
async fn the_metadata_names_the_method_and_its_algorithms_once_a_client_uses_it() {
    const PATH: &str = "/.well-known/oauth-authorization-server";
    const ALGORITHMS: &str = "token_endpoint_auth_signing_alg_values_supported";
    let methods = |metadata: &Answer| {
        let listed = metadata.json["token_endpoint_auth_methods_supported"].clone();
        listed.as_array().unwrap().contains(&json!("private_key_jwt"))
    };
    let without = World::new().await;
    let metadata = without.send(without.request(Method::GET, PATH)).await.ok();
    assert!(!methods(&metadata) && metadata.json.get(ALGORITHMS).is_none());
    let Signing { world, .. } = Signing::new().await;
    let metadata = world.send(world.request(Method::GET, PATH)).await.ok();
    assert!(methods(&metadata));
    assert_eq!(metadata.json[ALGORITHMS], json!(["PS256", "ES256", "EdDSA"]));
}

#[test]
fn a6_weak_keys_and_private_ones_cannot_be_registered() {
    let refused =
        |keys: Value| PublicKeys::from_json(&json!({ "keys": keys }).to_string()).is_err();
    let mut private = Key::ed25519().jwk();
    private["d"] = "AAAA".into();
    let short = "A".repeat(171);
    for keys in [
        json!([private]),
        json!([{ "kty": "RSA", "e": "AQAB", "n": format!("_{short}") }]),
        json!([{ "kty": "oct", "k": "AAAA" }]),
        json!([]),
        json!([Key::p256().jwk(), { "kty": "EC", "crv": "P-192", "x": "AA", "y": "AA" }]),
    ] {
        assert!(refused(keys.clone()), "{keys}");
    }
}
