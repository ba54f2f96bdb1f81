//! Tokens bound to a key (RFC 9449).

mod binding;
mod freshness;
mod proofs;
mod tokens;

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::Method;
use sha2::{Digest as _, Sha256};

use crate::support::jwt::{Jwt, Key};
use crate::support::{Answer, Form, Pkce, World, redeem_form};

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

/// A client with a key pushes its request, redeems, reads and refreshes. What it proves its key with
/// counts as secret.
pub(crate) async fn story(world: World) -> World {
    let bound = Bound { world, key: Key::p256() };
    // No proof is older than the server.
    bound.world.clock.advance(Duration::from_secs(120));
    let pkce = Pkce::new();
    let browser = bound.world.browser_of("alice").await;
    let form = bound.world.authorization("gallery", &pkce).without("client_id");
    let pushing = bound.proof("POST", "/par").sign(&bound.key);
    let code = binding::pushed_code(&bound, &browser, &form, &pushing).await;
    drop(browser);
    let redeeming = bound.at_token();
    let form = redeem_form("gallery", &code, &pkce);
    let tokens = bound.post("/token", "gallery", &form, &redeeming).await.ok();
    let reading = bound.at_userinfo(tokens.text("access_token")).sign(&bound.key);
    bound.userinfo(tokens.text("access_token"), &reading).await.ok();
    let refreshing = bound.at_token();
    bound.refresh("gallery", tokens.text("refresh_token"), &refreshing).await.ok();
    for proof in [pushing, redeeming, reading, refreshing] {
        bound.world.remember(&proof);
    }
    bound.world
}

fn challenges(answer: &Answer) -> Vec<&str> {
    let values = answer.headers.get_all("www-authenticate").iter();
    values.map(|value| value.to_str().unwrap()).collect()
}
