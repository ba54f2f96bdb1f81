use minihost_authorization_server::{ClientAuthentication, RefreshPolicy};
use reqwest::Method;
use serde_json::json;

use crate::support::{WEEK, World, program};

const PATH: &str = "/.well-known/oauth-authorization-server";

#[tokio::test]
async fn metadata_lists_the_endpoints_under_the_issuer_and_what_they_can_do() {
    let world = World::new().await;
    let metadata = world.send(world.request(Method::GET, PATH)).await.ok().json;
    let base = &world.base;
    for (member, expected) in [
        ("issuer", json!(base)),
        ("token_endpoint", json!(format!("{base}/token"))),
        ("authorization_challenge_endpoint", json!(format!("{base}/challenge"))),
        ("userinfo_endpoint", json!(format!("{base}/userinfo"))),
        ("host_mediation_supported", json!(true)),
        ("response_types_supported", json!(["code"])),
        ("code_challenge_methods_supported", json!(["S256"])),
        ("grant_types_supported", json!(["authorization_code", "refresh_token", "password"])),
        (
            "token_endpoint_auth_methods_supported",
            json!(["client_secret_basic", "client_secret_post", "none"]),
        ),
        ("scopes_supported", json!(["openid", "profile", "email", "phone", "mediate"])),
    ] {
        assert_eq!(metadata[member], expected, "{member}");
    }
}

#[tokio::test]
async fn the_password_grant_is_listed_only_when_a_host_may_use_it() {
    let directory = tempfile::tempdir().unwrap();
    let database = directory.path().join("server.sqlite");
    let world = World::open(&database, crate::support::TestClock::new()).await;
    let metadata = world.send(world.request(Method::GET, PATH)).await.ok().json;
    assert_eq!(metadata["grant_types_supported"], json!(["authorization_code", "refresh_token"]));
    assert_eq!(metadata.get("token_endpoint_auth_methods_supported"), None);
}

#[tokio::test]
async fn what_only_a_host_or_a_client_with_proof_can_use_is_listed_when_there_is_one() {
    let directory = tempfile::tempdir().unwrap();
    let database = directory.path().join("server.sqlite");
    let mut world = World::open(&database, crate::support::TestClock::new()).await;
    let rotating = RefreshPolicy::Rotating { lifetime: WEEK };
    world.put(program("cinema", ClientAuthentication::None, rotating)).await;
    let metadata = world.send(world.request(Method::GET, PATH)).await.ok().json;
    for absent in [
        "host_mediation_supported",
        "authorization_challenge_endpoint",
        "device_approval_endpoint",
        "device_authorization_endpoint",
        "introspection_endpoint",
        "introspection_endpoint_auth_methods_supported",
    ] {
        assert_eq!(metadata.get(absent), None, "{absent}");
    }
    assert_eq!(metadata["scopes_supported"], json!(["openid", "profile", "email", "phone"]));
    assert_eq!(metadata["token_endpoint_auth_methods_supported"], json!(["none"]));

    let secret = world.new_secret("teahouse");
    world.put(program("teahouse", secret, rotating)).await;
    let metadata = world.send(world.request(Method::GET, PATH)).await.ok().json;
    let secrets = json!(["client_secret_basic", "client_secret_post"]);
    assert_eq!(metadata["introspection_endpoint_auth_methods_supported"], secrets);
    assert!(metadata["introspection_endpoint"].is_string());
    assert_eq!(metadata.get("host_mediation_supported"), None);
}

#[tokio::test]
async fn endpoints_answer_other_methods_with_405() {
    let world = World::new().await;
    for (method, path) in [
        (Method::GET, "/token"),
        (Method::GET, "/challenge"),
        (Method::PUT, "/userinfo"),
        (Method::POST, PATH),
    ] {
        let answer = world.send(world.request(method, path)).await;
        assert_eq!(answer.status.as_u16(), 405, "{path}");
        assert!(answer.header("allow").is_some());
    }
}
