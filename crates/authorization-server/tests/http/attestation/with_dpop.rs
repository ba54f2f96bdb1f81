//! A DPoP proof in the place of the attestation's own, or beside it.

use std::time::Duration;

use reqwest::Method;

use super::{Attested, CLIENT, refresh_form};
use crate::support::jwt::{Jwt, Key};
use crate::support::{Answer, Form, Pkce, redeem_form};

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
