//! Clients that authenticate with signed assertions (RFC 7523, OpenID Connect Core §9).

mod assertions;

use std::time::Duration;

use minihost_authorization_server::{
    AssertionRules, ClientAuthentication, ClientRegistration, PublicKeys, RefreshPolicy,
};
use reqwest::Method;
use serde_json::{Value, json};

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
