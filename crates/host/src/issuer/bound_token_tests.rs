//! A token that is bound to a key, at the `authorize` profile.

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use minihost_core::Issuer;
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};

use super::{
    AuthorizeConfig, AuthorizeIssuer,
    issuing::issue,
    loopback::{Loopback, Seen, body, code, redirect},
    tokens::Tokens,
};
use crate::{SystemClock, http::ReqwestTransport};

fn claims(seen: &Seen) -> Value {
    let part = seen.headers["dpop"].split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

#[tokio::test]
async fn a_bound_token_goes_with_a_proof_of_its_own_for_every_step() {
    let session = body(200, json!({"ticket": "short"}));
    let server = Loopback::new([session, redirect("/authorize/go?x=1"), code()]).await;
    let call = json!({"method": "POST", "path": "/session", "as": "user"});
    let settings = json!({"user": "bearer", "before": [call]});
    let config = AuthorizeConfig {
        issuer: Issuer::new(server.origin.as_str()),
        settings: serde_json::from_value(settings).unwrap(),
    };
    let transport = Arc::new(ReqwestTransport::new());
    let issuer =
        AuthorizeIssuer::new(config, transport, Tokens::bound(), Arc::new(SystemClock::new()));
    assert!(issue(&issuer.unwrap()).await.is_ok());

    let hash = URL_SAFE_NO_PAD.encode(digest(&SHA256, b"t1"));
    let mut ids = Vec::new();
    for (seen, to) in
        server.take_seen().iter().zip(["POST /session", "GET /authorize", "GET /authorize/go"])
    {
        assert_eq!(seen.headers["authorization"], "DPoP t1", "{to}");
        let claims = claims(seen);
        let (method, path) = to.split_once(' ').unwrap();
        let url = format!("{}{path}", server.origin);
        assert_eq!((&claims["htm"], &claims["htu"]), (&json!(method), &json!(url)));
        assert_eq!(claims["ath"], json!(hash), "{to}");
        ids.push(claims["jti"].clone());
    }
    assert_eq!(ids.len(), 3);
    assert!(ids[0] != ids[1] && ids[1] != ids[2], "no proof is shown twice");
}
