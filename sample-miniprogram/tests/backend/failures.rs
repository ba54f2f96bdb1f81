use sample_miniprogram::ProgramId::{Cinema, Teahouse};
use serde_json::json;

use crate::support::{ALL, Browser, Fault, World, listen, open_programs, origin, serve};

const METADATA: &str = "/.well-known/oauth-authorization-server";

#[tokio::test]
async fn the_server_is_asked_for_its_metadata_when_first_needed_and_once() {
    let world = World::start().await;
    assert_eq!(world.faults.count(METADATA), 0);
    let browser = world.signed_in(Teahouse, "alice", ALL).await;
    world.sign_in(&browser, "alice", ALL).await;
    assert_eq!(world.faults.count(METADATA), 1);
}

#[tokio::test]
async fn what_the_server_cannot_do_now_is_told_and_works_later() {
    let world = World::start().await;
    let browser = world.browser(Teahouse);
    for path in [METADATA, "/token", "/userinfo"] {
        for (fault, status, reason) in [
            (Fault::Busy, 503, "temporarily_unavailable"),
            (Fault::Broken, 502, "server_error"),
            (Fault::Portal, 502, "server_error"),
            (Fault::Redirect, 502, "server_error"),
            (Fault::Endless, 502, "server_error"),
            (Fault::Cut, 502, "network"),
            (Fault::Says("{}"), 502, "server_error"),
        ] {
            let request = browser.post("/api/sign-in/start", "{}").await.body;
            let answer = world.host.code_for(&request, "teahouse", "alice", ALL).await;
            world.faults.set(path, fault);
            let answer = browser.post("/api/sign-in/finish", &answer.to_string()).await;
            assert_eq!((answer.status, answer.reason()), (status, reason), "{path}");
            let retry_after =
                if reason == "temporarily_unavailable" { json!(7) } else { json!(null) };
            assert_eq!(answer.body["error"]["retryAfter"], retry_after);
            world.faults.clear();
        }
    }
    assert_eq!(world.sign_in(&browser, "alice", ALL).await.status, 200);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_a_network_failure_and_no_reason_not_to_start() {
    let dir = tempfile::tempdir().unwrap();
    let [nobody, listener] = [listen().await, listen().await];
    let issuer = format!("http://{}", nobody.local_addr().unwrap());
    drop(nobody);
    let at = listener.local_addr().unwrap();
    let secrets = ["one".to_owned(), "two".to_owned()];
    let programs = open_programs(&issuer, at.port(), &secrets, dir.path()).await;
    serve(listener, programs.router());

    let browser = Browser::new(at, origin(Teahouse, at.port()));
    let state = browser.post("/api/sign-in/start", "{}").await.body["state"].clone();
    let answer = json!({ "code": "c", "state": state, "iss": issuer });
    let told = browser.post("/api/sign-in/finish", &answer.to_string()).await;
    assert_eq!((told.status, told.reason()), (502, "network"));
}

#[tokio::test]
async fn metadata_of_another_issuer_or_without_tls_is_not_used() {
    let world = World::start().await;
    let browser = world.browser(Teahouse);
    let metadata = |issuer: &str, endpoints: &str| {
        let text = json!({
            "issuer": issuer,
            "token_endpoint": format!("{endpoints}/token"),
            "userinfo_endpoint": format!("{endpoints}/userinfo"),
        });
        Fault::Says(text.to_string().leak())
    };
    let with_slash = format!("{}/", world.issuer);
    for fault in [
        metadata("http://127.0.0.1:1", &world.issuer),
        metadata(&with_slash, &world.issuer),
        metadata(&world.issuer, "http://as.example"),
    ] {
        world.faults.set(METADATA, fault);
        let before = world.faults.count("/token");
        let answer = world.sign_in(&browser, "alice", ALL).await;
        assert_eq!(answer.reason(), "server_error");
        // The host's own sign-in is the one request to the token endpoint.
        assert_eq!(world.faults.count("/token"), before + 1);
        world.faults.clear();
    }
}

#[tokio::test]
async fn a_token_that_is_no_bearer_token_is_not_used() {
    let world = World::start().await;
    let browser = world.browser(Teahouse);
    let request = browser.post("/api/sign-in/start", "{}").await.body;
    let answer = world.host.code_for(&request, "teahouse", "alice", ALL).await;
    world.faults.set("/token", Fault::Says(r#"{"access_token":"a","token_type":"DPoP"}"#));
    let told = browser.post("/api/sign-in/finish", &answer.to_string()).await;
    assert_eq!(told.reason(), "server_error");
    assert_eq!(world.faults.count("/userinfo"), 0);
}

#[tokio::test]
async fn a_fault_of_the_programs_own_registration_is_internal() {
    let world = World::start().await;
    let browser = world.browser(Cinema);
    let request = browser.post("/api/sign-in/start", "{}").await.body;
    let answer = world.host.code_for(&request, "cinema", "alice", ALL).await;
    world.faults.set("/token", Fault::Refused(401, "invalid_client"));
    let told = browser.post("/api/sign-in/finish", &answer.to_string()).await;
    assert_eq!((told.status, told.reason()), (500, "internal"));
}

#[tokio::test]
async fn user_details_with_two_subjects_are_not_used() {
    let world = World::start().await;
    let browser = world.browser(Teahouse);
    for text in [r#"{"sub":"a","open_id":"b"}"#, r#"{"sub":""}"#, r#"{"open_id":"a"}"#] {
        world.faults.set("/userinfo", Fault::Says(text));
        assert_eq!(world.sign_in(&browser, "alice", ALL).await.reason(), "server_error", "{text}");
        world.faults.clear();
    }
}
