//! Who checks ID tokens with the keys that the server publishes, as clients do.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::Method;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents,
    UnparsedPublicKey,
};
use serde_json::Value;

use super::World;

/// The key set of now.
pub(crate) async fn published(world: &World) -> Vec<Value> {
    let answer = world.send(world.request(Method::GET, "/jwks")).await.ok();
    answer.json["keys"].as_array().unwrap().clone()
}

/// The header and the claims of a token, if one of these keys signed it.
pub(crate) fn verify(keys: &[Value], token: &str) -> Option<(Value, Value)> {
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let (header, claims) = signed.split_once('.').unwrap();
    let header: Value = serde_json::from_slice(&decode(header)).unwrap();
    let key = keys.iter().find(|key| key["kid"] == header["kid"])?;
    assert_eq!((&key["alg"], key["use"].as_str()), (&header["alg"], Some("sig")));
    let member = |name: &str| decode(key[name].as_str().unwrap());
    let (signed, signature) = (signed.as_bytes(), decode(signature));
    let verdict = match header["alg"].as_str().unwrap() {
        "EdDSA" => UnparsedPublicKey::new(&ED25519, member("x")).verify(signed, &signature),
        "ES256" => {
            let point = [&[4], member("x").as_slice(), &member("y")].concat();
            UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(signed, &signature)
        }
        "RS256" => RsaPublicKeyComponents { n: member("n"), e: member("e") }.verify(
            &RSA_PKCS1_2048_8192_SHA256,
            signed,
            &signature,
        ),
        other => panic!("{other}"),
    };
    verdict.ok()?;
    Some((header, serde_json::from_slice(&decode(claims)).unwrap()))
}

fn decode(part: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(part).unwrap()
}
