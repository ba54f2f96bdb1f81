//! Attested clients (draft-ietf-oauth-attestation-based-client-auth-11).

mod evidence;
mod freshness;
mod with_dpop;

use std::time::Duration;

use minihost_authorization_server::{ClientAuthentication, PublicKeys, RefreshPolicy};
use reqwest::Method;
use serde_json::json;

use crate::support::jwt::{Jwt, Key, jti};
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
        Self::in_world(World::new().await).await
    }

    async fn in_world(world: World) -> Self {
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

/// An installation signs its user in and refreshes. What it proves itself with counts as secret.
pub(crate) async fn story(world: World) -> World {
    let attested = Attested::in_world(world).await;
    let attestation = attested.attestation().sign(&attested.attester);
    let pkce = Pkce::new();
    let code = attested.world.code(CLIENT, "alice", &pkce).await;
    let mut form = redeem_form(CLIENT, &code, &pkce);
    for _ in 0..2 {
        let pop = attested.pop().await.sign(&attested.instance);
        let tokens = attested.send(&form, &attestation, &pop).await.ok();
        attested.world.userinfo(tokens.text("access_token")).await.ok();
        attested.world.remember(&pop);
        form = refresh_form(&tokens);
    }
    attested.world.remember(&attestation);
    attested.world
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
