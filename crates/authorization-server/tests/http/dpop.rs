//! Tokens bound to a key (RFC 9449).

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use minihost_authorization_server::{
    ClientAuthentication, ClientRegistration, GrantType, RefreshPolicy, Requirement, Scopes,
};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::support::browser::{Browser, authorize};
use crate::support::jwt::Change::{Claim, Header, NoClaim, NoHeader, Time};
use crate::support::jwt::{Change, Jwt, Key, jti};
use crate::support::{ACCESS_TOKEN, ALL, Answer, Form, Pkce, WEEK, World, program, redeem_form};

const ALGS: &str = r#"DPoP algs="PS256 ES256 EdDSA""#;

/// A world whose server has run for a while, and the key of a client.
struct Bound {
    world: World,
    key: Key,
}

impl Bound {
    async fn new() -> Self {
        let world = World::new().await;
        world.clock.advance(Duration::from_secs(120));
        Self { world, key: Key::p256() }
    }

    fn proof(&self, method: &str, path: &str) -> Jwt {
        let uri = format!("{}{path}", self.world.base);
        Jwt::dpop(&self.key, method, &uri, self.world.clock.seconds())
    }

    fn at_token(&self) -> String {
        self.proof("POST", "/token").sign(&self.key)
    }

    async fn post(&self, path: &str, client: &str, form: &Form, proof: &str) -> Answer {
        let request = self.world.as_client(path, client, form).header("dpop", proof);
        self.world.send(request).await
    }

    async fn redeem(&self, client: &str, proof: &str) -> Answer {
        let pkce = Pkce::new();
        let code = self.world.code(client, "alice", &pkce).await;
        self.post("/token", client, &redeem_form(client, &code, &pkce), proof).await
    }

    async fn refresh(&self, client: &str, token: &str, proof: &str) -> Answer {
        let form = Form::new(&[("grant_type", "refresh_token"), ("refresh_token", token)]);
        self.post("/token", client, &form, proof).await
    }

    fn at_userinfo(&self, token: &str) -> Jwt {
        let hash = URL_SAFE_NO_PAD.encode(Sha256::digest(token));
        self.proof("GET", "/userinfo").with("ath", hash)
    }

    async fn userinfo(&self, token: &str, proof: &str) -> Answer {
        let request = self.world.request(Method::GET, "/userinfo");
        let request = request.header("authorization", format!("DPoP {token}"));
        self.world.send(request.header("dpop", proof)).await
    }

    async fn userinfo_ok(&self, token: &str) -> Answer {
        self.userinfo(token, &self.at_userinfo(token).sign(&self.key)).await.ok()
    }
}

fn challenges(answer: &Answer) -> Vec<&str> {
    let values = answer.headers.get_all("www-authenticate").iter();
    values.map(|value| value.to_str().unwrap()).collect()
}

#[tokio::test]
async fn t10_a_token_that_comes_with_a_proof_is_good_with_its_key_alone() {
    let bound = Bound::new().await;
    let world = &bound.world;
    for client in ["gallery", "teahouse"] {
        let tokens = bound.redeem(client, &bound.at_token()).await.ok();
        assert_eq!(tokens.text("token_type"), "DPoP");
        let token = tokens.text("access_token");
        let details = bound.userinfo_ok(token).await;
        assert_eq!(details.text("email"), "alice@mail.example");

        let as_bearer = world.userinfo(token).await;
        as_bearer.refused(401, "invalid_token");
        let described = r#"Bearer error="invalid_token", error_description="possession of the key that the access token is bound to is not proven""#;
        assert_eq!(challenges(&as_bearer), [described, ALGS]);

        let thief = Key::p256();
        let proof = bound.at_userinfo(token).with_header("jwk", thief.jwk()).sign(&thief);
        bound.userinfo(token, &proof).await.refused(401, "invalid_token");
        let without = world.request(Method::GET, "/userinfo");
        let without = without.header("authorization", format!("DPoP {token}"));
        let answer = world.send(without).await;
        answer.refused(401, "invalid_dpop_proof");
        let expected = r#"DPoP error="invalid_dpop_proof", error_description="the DPoP proof is missing", algs="PS256 ES256 EdDSA""#;
        assert_eq!(challenges(&answer), [expected]);
    }
}

#[tokio::test]
async fn t10_a_bearer_token_gains_nothing_by_a_proof() {
    let bound = Bound::new().await;
    let tokens = bound.world.tokens("gallery", "alice").await;
    assert_eq!(tokens.text("token_type"), "Bearer");
    let token = tokens.text("access_token");
    let proof = bound.at_userinfo(token).sign(&bound.key);
    let answer = bound.userinfo(token, &proof).await;
    answer.refused(401, "invalid_token");
    assert!(challenges(&answer)[0].starts_with(r#"DPoP error="invalid_token""#));
    bound.world.userinfo(token).await.ok();
}

#[tokio::test]
async fn t7_who_sends_no_token_is_told_of_both_schemes_and_of_no_error() {
    let bound = Bound::new().await;
    let world = &bound.world;
    let answer = world.send(world.request(Method::GET, "/userinfo")).await;
    assert_eq!(answer.status.as_u16(), 401);
    assert_eq!(challenges(&answer), ["Bearer", ALGS]);
    assert_eq!(answer.json, Value::Null);
}

#[tokio::test]
async fn t7_an_expired_bound_token_is_told_so_in_its_own_scheme() {
    let bound = Bound::new().await;
    let tokens = bound.redeem("gallery", &bound.at_token()).await.ok();
    let token = tokens.text("access_token");
    bound.world.clock.advance(Duration::from_secs(60));
    let answer = bound.userinfo(token, &bound.at_userinfo(token).sign(&bound.key)).await;
    answer.refused(401, "invalid_token");
    let expected = r#"DPoP error="invalid_token", error_description="access token expired", algs="PS256 ES256 EdDSA""#;
    assert_eq!(challenges(&answer), [expected]);
}

#[tokio::test]
async fn t10_the_refresh_tokens_of_a_public_client_are_bound_to_its_key() {
    let bound = Bound::new().await;
    let tokens = bound.redeem("gallery", &bound.at_token()).await.ok();
    let refresh = tokens.text("refresh_token");
    let thief = Key::p256();
    let stolen = bound.proof("POST", "/token").with_header("jwk", thief.jwk()).sign(&thief);
    bound.refresh("gallery", refresh, &stolen).await.refused(400, "invalid_grant");
    bound.world.refresh("gallery", refresh).await.refused(400, "invalid_grant");
    let next = bound.refresh("gallery", refresh, &bound.at_token()).await.ok();
    assert_eq!(next.text("token_type"), "DPoP");
    bound.userinfo_ok(next.text("access_token")).await;
    // Even an old one in wrong hands ends nothing.
    bound.world.clock.advance(Duration::from_secs(6));
    bound.world.refresh("gallery", refresh).await.refused(400, "invalid_grant");
    bound.refresh("gallery", next.text("refresh_token"), &bound.at_token()).await.ok();
    bound.refresh("gallery", refresh, &bound.at_token()).await.refused(400, "invalid_grant");
    let token = next.text("access_token");
    let proof = bound.at_userinfo(token).sign(&bound.key);
    bound.userinfo(token, &proof).await.refused(401, "invalid_token");
}

#[tokio::test]
async fn t10_a_client_that_authenticates_may_refresh_with_a_new_key() {
    let mut bound = Bound::new().await;
    let tokens = bound.redeem("teahouse", &bound.at_token()).await.ok();
    bound.key = Key::ed25519();
    let refresh = tokens.text("refresh_token");
    let next = bound.refresh("teahouse", refresh, &bound.at_token()).await.ok();
    bound.userinfo_ok(next.text("access_token")).await;
    let plain = bound.world.refresh("teahouse", refresh).await.ok();
    assert_eq!(plain.text("token_type"), "Bearer");
}

#[tokio::test]
async fn t10_tokens_of_every_grant_are_bound_and_introspection_tells_to_which_key() {
    let Bound { mut world, key } = Bound::new().await;
    let rotating = RefreshPolicy::Rotating { lifetime: WEEK };
    let mut gallery = program("gallery", ClientAuthentication::None, rotating);
    gallery.grants.insert(GrantType::DeviceCode);
    world.put(gallery).await;
    let mut tea = program("teahouse", world.new_secret("teahouse"), RefreshPolicy::None);
    tea.grants.insert(GrantType::ClientCredentials);
    tea.scopes = Scopes::parse(&format!("{ALL} stock")).unwrap();
    world.put(tea).await;
    let bound = Bound { world, key };
    let Bound { world, key } = &bound;

    let credentials = Form::new(&[("grant_type", "client_credentials"), ("scope", "stock")]);
    let for_itself = bound.post("/token", "teahouse", &credentials, &bound.at_token()).await.ok();
    let password = world.password_form("alice");
    let signed_in = bound.post("/token", "bank", &password, &bound.at_token()).await.ok();
    let by_device = by_device(&bound, signed_in.text("access_token")).await;
    assert_eq!(by_device.text("token_type"), "DPoP");
    bound.userinfo_ok(by_device.text("access_token")).await;
    let code = bound.redeem("teahouse", &bound.at_token()).await.ok();
    for (client, tokens) in [("teahouse", for_itself), ("bank", signed_in), ("teahouse", code)] {
        assert_eq!(tokens.text("token_type"), "DPoP");
        let form = Form::new(&[("token", tokens.text("access_token"))]);
        let described = world.post("/introspect", client, &form).await.ok();
        assert_eq!(described.json["cnf"], json!({ "jkt": key.thumbprint() }), "{client}");
        assert_eq!(described.text("token_type"), "DPoP");
    }
    let refresh = by_device.text("refresh_token");
    world.refresh("gallery", refresh).await.refused(400, "invalid_grant");
    bound.refresh("gallery", refresh, &bound.at_token()).await.ok();
}

/// Tokens of Gallery that the user of the host's bound token allowed.
async fn by_device(bound: &Bound, subject: &str) -> Answer {
    let world = &bound.world;
    let asked = world.post("/device_authorization", "gallery", &Form::new(&[])).await.ok();
    let approval = Form::new(&[
        ("user_code", asked.text("user_code")),
        ("decision", "approve"),
        ("subject_token", subject),
        ("subject_token_type", ACCESS_TOKEN),
    ]);
    let unproven = world.post("/device/approval", "bank", &approval).await;
    unproven.refused(403, "insufficient_authorization");
    let proof = bound.proof("POST", "/device/approval").sign(&bound.key);
    bound.post("/device/approval", "bank", &approval, &proof).await.ok();
    let form = Form::new(&[
        ("grant_type", GrantType::DeviceCode.as_str()),
        ("device_code", asked.text("device_code")),
    ]);
    bound.post("/token", "gallery", &form, &bound.at_token()).await.ok()
}

/// What makes a proof one for something else; each is refused as `invalid_dpop_proof`.
fn changes() -> Vec<(&'static str, Change)> {
    let mut private = Key::ed25519().jwk();
    private["d"] = "AAAA".into();
    vec![
        ("another method", Claim("htm", "PUT".into())),
        ("a method in small letters", Claim("htm", "post".into())),
        ("no method", NoClaim("htm")),
        ("a method that is no text", Claim("htm", 1.into())),
        ("another host", Claim("htu", "https://other.example/token".into())),
        ("a path alone", Claim("htu", "/token".into())),
        ("no URI", NoClaim("htu")),
        ("a list of URIs", Claim("htu", json!(["/token"]))),
        ("no jti", NoClaim("jti")),
        ("an empty jti", Claim("jti", "".into())),
        ("a long jti", Claim("jti", "x".repeat(257).into())),
        ("a jti that is no text", Claim("jti", 7.into())),
        ("no time", NoClaim("iat")),
        ("a time that is no number", Claim("iat", "now".into())),
        ("no type", NoHeader("typ")),
        ("the type of any token", Header("typ", "JWT".into())),
        ("no key", NoHeader("jwk")),
        ("a key that is no key", Header("jwk", "key".into())),
        ("another key", Header("jwk", Key::p256().jwk())),
        ("a key of another kind", Header("jwk", Key::ed25519().jwk())),
        ("a private key", Header("jwk", private)),
        ("a symmetric key", Header("jwk", json!({ "kty": "oct", "k": "AAAA" }))),
    ]
}

#[tokio::test]
async fn t10_a_proof_for_anything_else_is_refused_at_the_token_endpoint() {
    let bound = Bound::new().await;
    let form = Form::new(&[("grant_type", "none")]);
    let now = bound.world.clock.seconds();
    for (what, change) in changes() {
        let proof = bound.proof("POST", "/token").changed(&change, now).sign(&bound.key);
        let answer = bound.post("/token", "gallery", &form, &proof).await;
        let seen = (answer.status.as_u16(), answer.json["error"].as_str());
        assert_eq!(seen, (400, Some("invalid_dpop_proof")), "{what}");
        assert!(answer.header("dpop-nonce").is_some(), "{what}");
    }
    for elsewhere in ["/challenge", "/token/", "/userinfo"] {
        let proof = bound.proof("POST", elsewhere).sign(&bound.key);
        let answer = bound.post("/token", "gallery", &form, &proof).await;
        answer.refused(400, "invalid_dpop_proof");
    }
    let uri = format!("{}/token?more#more", bound.world.base);
    let good = bound.proof("POST", "/token").with("htu", uri).sign(&bound.key);
    bound.post("/token", "gallery", &form, &good).await.refused(400, "unsupported_grant_type");
}

#[tokio::test]
async fn t10_a_proof_for_anything_else_is_refused_at_the_resource() {
    let bound = Bound::new().await;
    let tokens = bound.redeem("gallery", &bound.at_token()).await.ok();
    let token = tokens.text("access_token");
    let now = bound.world.clock.seconds();
    let of_the_token = [
        ("no token", NoClaim("ath")),
        ("another token", Claim("ath", URL_SAFE_NO_PAD.encode([0; 32]).into())),
        ("the token itself", Claim("ath", token.into())),
        ("a hash that is no text", Claim("ath", 1.into())),
    ];
    for (what, change) in changes().into_iter().chain(of_the_token) {
        let proof = bound.at_userinfo(token).changed(&change, now).sign(&bound.key);
        let answer = bound.userinfo(token, &proof).await;
        let error = answer.json["error"].as_str();
        assert_eq!((answer.status.as_u16(), error), (401, Some("invalid_dpop_proof")), "{what}");
        assert!(challenges(&answer)[0].starts_with(r#"DPoP error="invalid_dpop_proof""#));
    }
    bound.userinfo_ok(token).await;
}

#[tokio::test]
async fn t9_forged_proofs_are_refused() {
    let bound = Bound::new().await;
    let tokens = bound.redeem("gallery", &bound.at_token()).await.ok();
    let token = tokens.text("access_token");
    for (what, forged) in bound.at_userinfo(token).forgeries(&bound.key) {
        let answer = bound.userinfo(token, &forged).await;
        let error = answer.json["error"].as_str();
        assert_eq!((answer.status.as_u16(), error), (401, Some("invalid_dpop_proof")), "{what}");
    }
}

#[tokio::test]
async fn t10_two_proofs_or_none_in_the_header_are_refused() {
    let bound = Bound::new().await;
    let form = Form::new(&[("grant_type", "none")]);
    let world = &bound.world;
    let request = world.as_client("/token", "gallery", &form);
    let two = request.header("dpop", bound.at_token()).header("dpop", bound.at_token());
    world.send(two).await.refused(400, "invalid_dpop_proof");
    bound.post("/token", "gallery", &form, "").await.refused(400, "invalid_dpop_proof");
}

#[tokio::test]
async fn t10_a_proof_is_good_once() {
    let bound = Bound::new().await;
    let proof = bound.at_token();
    let tokens = bound.redeem("gallery", &proof).await.ok();
    bound.redeem("gallery", &proof).await.refused(400, "invalid_dpop_proof");
    let same_jti = bound.proof("POST", "/token");
    let other_time = same_jti.clone().with("iat", bound.world.clock.seconds() - 1);
    bound.redeem("gallery", &same_jti.sign(&bound.key)).await.ok();
    bound.redeem("gallery", &other_time.sign(&bound.key)).await.refused(400, "invalid_dpop_proof");

    let token = tokens.text("access_token");
    let proof = bound.at_userinfo(token).sign(&bound.key);
    bound.userinfo(token, &proof).await.ok();
    bound.userinfo(token, &proof).await.refused(401, "invalid_dpop_proof");
    bound.world.clock.advance(Duration::from_secs(59));
    bound.userinfo(token, &proof).await.refused(401, "invalid_dpop_proof");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn t10_of_many_uses_of_a_proof_at_once_one_succeeds() {
    let bound = Bound::new().await;
    let tokens = bound.redeem("gallery", &bound.at_token()).await.ok();
    let token = tokens.text("access_token");
    for _ in 0..10 {
        let proof = bound.at_userinfo(token).sign(&bound.key);
        let answers =
            futures_util::future::join_all((0..8).map(|_| bound.userinfo(token, &proof))).await;
        assert_eq!(answers.iter().filter(|answer| answer.status.is_success()).count(), 1);
    }
}

#[tokio::test]
async fn t10_a_proof_that_may_have_been_used_before_a_restart_needs_a_nonce() {
    let bound = Bound::new().await;
    let form = Form::new(&[("grant_type", "none")]);
    let proof = bound.at_token();
    let nonce = bound.post("/token", "gallery", &form, &proof).await;
    let nonce = nonce.header("dpop-nonce").unwrap().to_owned();
    let with_nonce = bound.proof("POST", "/token").with("nonce", nonce).sign(&bound.key);
    let ahead = bound.world.clock.seconds() + 10;
    let ahead = bound.proof("POST", "/token").with("iat", ahead).sign(&bound.key);
    for used in [&with_nonce, &ahead] {
        let answer = bound.post("/token", "gallery", &form, used).await;
        answer.refused(400, "unsupported_grant_type");
    }
    let issuer = bound.world.base.clone();
    let Bound { world, key } = bound;
    let (directory, database, clock) = world.close().await;
    let world = World::reopen(&database, clock, &issuer).await;
    let bound = Bound { world, key };
    for used in [&proof, &with_nonce, &ahead] {
        let answer = bound.post("/token", "gallery", &form, used).await;
        answer.refused(400, "use_dpop_nonce");
    }
    drop(directory);
}

#[tokio::test]
async fn t10_a_wrong_clock_is_healed_by_a_nonce() {
    let bound = Bound::new().await;
    let form = Form::new(&[("grant_type", "none")]);
    let now = bound.world.clock.seconds();
    for seconds in [-3_600, -60, 11, 3_600] {
        let stale = bound.proof("POST", "/token").changed(&Time("iat", seconds), now);
        let answer = bound.post("/token", "gallery", &form, &stale.sign(&bound.key)).await;
        answer.refused(400, "use_dpop_nonce");
        let nonce = answer.header("dpop-nonce").unwrap();
        let fresh = stale.with("nonce", nonce).with("jti", jti()).sign(&bound.key);
        let answer = bound.post("/token", "gallery", &form, &fresh).await;
        answer.refused(400, "unsupported_grant_type");
    }
    for (seconds, error) in [(-59, "unsupported_grant_type"), (10, "unsupported_grant_type")] {
        let proof = bound.proof("POST", "/token").changed(&Time("iat", seconds), now);
        let answer = bound.post("/token", "gallery", &form, &proof.sign(&bound.key)).await;
        answer.refused(400, error);
    }
}

#[tokio::test]
async fn t10_a_nonce_is_good_for_two_minutes_at_most() {
    let bound = Bound::new().await;
    let tokens = bound.redeem("gallery", &bound.at_token()).await.ok();
    let nonce = tokens.header("dpop-nonce").unwrap().to_owned();
    let form = Form::new(&[("grant_type", "none")]);
    let present = async |nonce: &str| {
        let proof = bound.proof("POST", "/token").with("nonce", nonce).sign(&bound.key);
        bound.post("/token", "gallery", &form, &proof).await
    };
    present(&nonce).await.refused(400, "unsupported_grant_type");
    bound.world.clock.advance(Duration::from_secs(60));
    let answer = present(&nonce).await;
    answer.refused(400, "unsupported_grant_type");
    let next = answer.header("dpop-nonce").unwrap();
    assert_ne!(next, nonce, "the next nonce comes before the last one ends");
    bound.world.clock.advance(Duration::from_secs(60));
    present(&nonce).await.refused(400, "use_dpop_nonce");
    present("made-up").await.refused(400, "use_dpop_nonce");
    let number = bound.proof("POST", "/token").with("nonce", 1).sign(&bound.key);
    let answer = bound.post("/token", "gallery", &form, &number).await;
    answer.refused(400, "use_dpop_nonce");

    let tokens = bound.redeem("gallery", &bound.at_token()).await.ok();
    let token = tokens.text("access_token");
    let old = bound.at_userinfo(token).with("nonce", nonce).sign(&bound.key);
    let answer = bound.userinfo(token, &old).await;
    answer.refused(401, "use_dpop_nonce");
    assert!(challenges(&answer)[0].starts_with(r#"DPoP error="use_dpop_nonce""#));
    let nonce = answer.header("dpop-nonce").unwrap();
    let retried = bound.at_userinfo(token).with("nonce", nonce).sign(&bound.key);
    bound.userinfo(token, &retried).await.ok();
}

#[tokio::test]
async fn t10_answers_to_requests_without_a_proof_bring_no_nonce() {
    let world = World::new().await;
    let tokens = world.tokens("gallery", "alice").await;
    assert_eq!(tokens.header("dpop-nonce"), None);
}

#[tokio::test]
async fn t10_a_code_is_bound_by_dpop_jkt() {
    let bound = Bound::new().await;
    let Bound { world, key } = &bound;
    let subject = world.sign_in("bank", "alice").await;
    let code = async |target: &str, pkce: &Pkce| {
        let form = world.code_form(target, &subject, pkce).with("dpop_jkt", key.thumbprint());
        let answer = world.post("/challenge", "bank", &form).await.ok();
        answer.text("authorization_code").to_owned()
    };
    for client in ["gallery", "teahouse"] {
        let pkce = Pkce::new();
        let bound_code = code(client, &pkce).await;
        let form = redeem_form(client, &bound_code, &pkce);
        world.post("/token", client, &form).await.refused(400, "invalid_dpop_proof");
        bound.post("/token", client, &form, &bound.at_token()).await.ok();

        let pkce = Pkce::new();
        let bound_code = code(client, &pkce).await;
        let form = redeem_form(client, &bound_code, &pkce);
        let thief = Key::p256();
        let stolen = bound.proof("POST", "/token").with_header("jwk", thief.jwk()).sign(&thief);
        bound.post("/token", client, &form, &stolen).await.refused(400, "invalid_grant");
        let too_late = bound.post("/token", client, &form, &bound.at_token()).await;
        too_late.refused(400, "invalid_grant");
    }
    let form = world.code_form("gallery", &subject, &Pkce::new());
    for malformed in ["short", &"+".repeat(43), &"a".repeat(44)] {
        let form = form.clone().with("dpop_jkt", malformed);
        world.post("/challenge", "bank", &form).await.refused(400, "invalid_request");
    }
}

#[tokio::test]
async fn h5_a_bound_token_of_the_user_is_good_only_with_the_key_of_the_host() {
    let bound = Bound::new().await;
    let Bound { world, .. } = &bound;
    let form = world.password_form("alice");
    let tokens = bound.post("/token", "bank", &form, &bound.at_token()).await.ok();
    assert_eq!(tokens.text("token_type"), "DPoP");
    let pkce = Pkce::new();
    let form = world.code_form("gallery", tokens.text("access_token"), &pkce);

    let without = world.post("/challenge", "bank", &form).await;
    without.refused(403, "insufficient_authorization");
    let thief = Key::p256();
    let stolen = bound.proof("POST", "/challenge").with_header("jwk", thief.jwk()).sign(&thief);
    let answer = bound.post("/challenge", "bank", &form, &stolen).await;
    answer.refused(403, "insufficient_authorization");
    let elsewhere = bound.at_token();
    let answer = bound.post("/challenge", "bank", &form, &elsewhere).await;
    answer.refused(400, "invalid_dpop_proof");

    let proof = bound.proof("POST", "/challenge").sign(&bound.key);
    let code = bound.post("/challenge", "bank", &form, &proof).await.ok();
    // The host's key is not the mini-program's: its code is bound to nothing.
    let redeemed = world.redeem("gallery", code.text("authorization_code"), &pkce).await.ok();
    assert_eq!(redeemed.text("token_type"), "Bearer");
}

#[tokio::test]
async fn a_client_whose_tokens_must_be_bound_gets_no_others() {
    let bound = Bound::new().await;
    let Bound { world, .. } = &bound;
    let rotating = RefreshPolicy::Rotating { lifetime: WEEK };
    let registration = program("gallery", ClientAuthentication::None, rotating);
    world.put(ClientRegistration { dpop: Requirement::Required, ..registration }).await;
    let pkce = Pkce::new();
    let code = world.code("gallery", "alice", &pkce).await;
    world.redeem("gallery", &code, &pkce).await.refused(400, "invalid_dpop_proof");
    let form = redeem_form("gallery", &code, &pkce);
    let tokens = bound.post("/token", "gallery", &form, &bound.at_token()).await.ok();
    let refresh = tokens.text("refresh_token");
    world.refresh("gallery", refresh).await.refused(400, "invalid_dpop_proof");
    bound.refresh("gallery", refresh, &bound.at_token()).await.ok();
}

#[tokio::test]
async fn the_metadata_names_the_algorithms_of_proofs() {
    let world = World::new().await;
    let path = "/.well-known/oauth-authorization-server";
    let metadata = world.send(world.request(Method::GET, path)).await.ok();
    let algorithms = &metadata.json["dpop_signing_alg_values_supported"];
    assert_eq!(*algorithms, json!(["PS256", "ES256", "EdDSA"]));
}

#[tokio::test]
async fn a6_proofs_of_each_algorithm_are_accepted_and_rs256_is_not() {
    let mut bound = Bound::new().await;
    for key in [Key::p256(), Key::ed25519(), Key::rsa()] {
        bound.key = key;
        let tokens = bound.redeem("gallery", &bound.at_token()).await.ok();
        bound.userinfo_ok(tokens.text("access_token")).await;
    }
    let rs256 = bound.proof("POST", "/token").with_header("alg", "RS256").sign(&bound.key);
    bound.redeem("gallery", &rs256).await.refused(400, "invalid_dpop_proof");
}

/// The code of a request that was pushed with a proof and perhaps `dpop_jkt`.
async fn pushed_code(bound: &Bound, browser: &Browser<'_>, form: &Form, proof: &str) -> String {
    let pushed = bound.post("/par", "gallery", form, proof).await;
    assert_eq!(pushed.status.as_u16(), 201, "{:?}", pushed.json);
    let reference = [("client_id", "gallery"), ("request_uri", pushed.text("request_uri"))];
    let page = browser.visit(&authorize(&Form::new(&reference))).await;
    let page = browser.press(&page.consent_form("allow")).await;
    page.sent_back("code").unwrap()
}

#[tokio::test]
async fn t10_a_code_is_bound_by_the_proof_with_which_its_request_was_pushed() {
    let bound = Bound::new().await;
    let browser = bound.world.browser_of("alice").await;
    let thief = Key::p256();
    let jkt = bound.key.thumbprint();
    for named in [None, Some(jkt.as_str())] {
        let pkce = Pkce::new();
        let form = bound.world.authorization("gallery", &pkce).without("client_id");
        let form = match named {
            Some(jkt) => form.with("dpop_jkt", jkt),
            None => form,
        };
        let proof = bound.proof("POST", "/par").sign(&bound.key);
        let code = pushed_code(&bound, &browser, &form, &proof).await;
        let form = redeem_form("gallery", &code, &pkce);
        let unproven = bound.world.post("/token", "gallery", &form).await;
        unproven.refused(400, "invalid_dpop_proof");
        let tokens = bound.post("/token", "gallery", &form, &bound.at_token()).await.ok();
        bound.userinfo_ok(tokens.text("access_token")).await;
    }
    let form = bound.world.authorization("gallery", &Pkce::new()).without("client_id");
    let other = form.with("dpop_jkt", thief.thumbprint());
    let proof = bound.proof("POST", "/par").sign(&bound.key);
    bound.post("/par", "gallery", &other, &proof).await.refused(400, "invalid_dpop_proof");
}
