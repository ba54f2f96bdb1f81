use std::fs;

use rcgen::generate_simple_self_signed;
use reqwest::Certificate;
use serde_json::Value;

use crate::support::{ISSUER, Place, add_program, within_moments};

#[tokio::test]
async fn t12_the_log_is_one_object_a_line_and_holds_no_secret_and_no_query() {
    let place = Place::new();
    place.configure(|text| {
        text.replace("#format = \"text\"", "format = \"json\"")
            .replace("#level = \"info\"", "level = \"trace\"")
    });
    let secret = add_program(&place, "teahouse");
    let server = place.serve();
    assert!(server.knows("teahouse", &secret).await);
    assert!(!server.knows("teahouse", "a-wrong-client-secret").await);
    server.get("/userinfo?access_token=a-token-in-a-query").await;
    let (status, log) = server.stop();
    assert_eq!(status, Some(0));
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let said = |message: &str| lines.iter().find(|line| line["message"] == message);
    assert_eq!(said("serving").unwrap()["issuer"], ISSUER);
    assert!(said("stopped").is_some());
    let request = said("request").unwrap();
    assert_eq!((&request["method"], &request["path"]), (&"POST".into(), &"/token".into()));
    for secret in [&*secret, "a-wrong-client-secret", "a-token-in-a-query", "?"] {
        assert!(!log.contains(secret), "{log}");
    }
}

#[tokio::test]
async fn a_certificate_makes_it_speak_tls_and_sighup_brings_the_next_one() {
    let place = Place::new();
    let write = || {
        let made = generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
        fs::write(place.path("certificate.pem"), made.cert.pem()).unwrap();
        fs::write(place.path("key.pem"), made.signing_key.serialize_pem()).unwrap();
        Certificate::from_pem(made.cert.pem().as_bytes()).unwrap()
    };
    let first = write();
    place.configure(|text| {
        text.replace("#[tls]", "[tls]").replace("#cert", "cert").replace("#key =", "key =")
    });
    let server = place.serve();
    let trusts = async |certificate: &Certificate| {
        let client = reqwest::Client::builder().no_proxy().tls_certs_only([certificate.clone()]);
        let url = format!("https://{}/jwks", server.address);
        let request = client.build().unwrap().get(url).header("host", "127.0.0.1:7500");
        request.send().await.is_ok_and(|answer| answer.status() == 200)
    };
    assert!(trusts(&first).await);
    let second = write();
    assert!(!trusts(&second).await);
    server.signal("HUP");
    within_moments(async || trusts(&second).await).await;
    assert_eq!(server.stop().0, Some(0));
}
