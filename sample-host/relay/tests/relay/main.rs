//! The relay as a process over real HTTP, with the project's own server behind it.
#![cfg(test)]

mod bound;
mod check;
mod stage;

use serde_json::{Value, json};
use stage::{Answer, HOST_SECRET, Relay, Server, request};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_is_made_once_for_a_key_and_redeemed_by_its_program_alone() {
    let server = Server::start().await;
    let relay = Relay::start(&server, "").await;
    let token = server.token_of_alice().await;
    let body = request("jti-1");
    let first = relay.post(&token, "key-1", &body).await;
    assert_eq!(first.status, 200, "{}", first.body);
    assert_eq!(first.headers["cache-control"], "no-store");
    assert_eq!(first.body["clientId"], "program");
    assert_eq!(first.body["iss"], server.issuer.as_str());
    assert_eq!(first.body["scopes"], json!(["email", "openid"]));
    assert_eq!(first.body["expiresIn"], 60);
    let again = relay.post(&token, "key-1", &body).await;
    assert_eq!(again.body["code"], first.body["code"]);
    let other = relay.post(&token, "key-1", &request("jti-2")).await;
    assert_eq!((other.status, other.reason()), (422, "invalid_request"));
    let second = relay.post(&token, "key-2", &request("jti-2")).await;
    assert_eq!(second.status, 200, "{}", second.body);
    assert_ne!(second.body["code"], first.body["code"]);
    let code = first.body["code"].as_str().unwrap();
    assert_eq!(server.redeem(code).await.status, 200);
    assert_ne!(server.redeem(code).await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_repetitions_at_once_get_one_code() {
    let server = Server::start().await;
    let relay = Relay::start(&server, "").await;
    let token = server.token_of_alice().await;
    let body = request("jti-1");
    let (a, b, c, d) = tokio::join!(
        relay.post(&token, "key", &body),
        relay.post(&token, "key", &body),
        relay.post(&token, "key", &body),
        relay.post(&token, "key", &body),
    );
    assert_eq!(a.status, 200, "{}", a.body);
    for other in [b, c, d] {
        assert_eq!(other.body["code"], a.body["code"]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_not_the_hosts_user_gets_nothing() {
    let server = Server::start().await;
    let relay = Relay::start(&server, "[token]\nscope = 'mediate'\n").await;
    let token = server.token_of_alice().await;
    let code = relay.post(&token, "key-1", &request("jti-1")).await;
    let code = code.body["code"].as_str().unwrap().to_owned();
    let programs = server.redeem(&code).await.body["access_token"].as_str().unwrap().to_owned();
    let without_scope = server.token("openid").await;
    for (token, status) in
        [("", 401), ("nobodys", 401), (programs.as_str(), 401), (without_scope.as_str(), 403)]
    {
        let refused = relay.post(token, "key-2", &request("jti-2")).await;
        assert_eq!((refused.status, refused.reason()), (status, "login_required"), "{token}");
        assert_eq!(refused.headers["content-type"], "application/problem+json");
        assert_eq!(refused.body["status"], status);
    }
    let refused = relay.delete(&programs, "program").await;
    assert_eq!(refused.status, 401);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_registered_here_does_not_reach_the_server() {
    let server = Server::start().await;
    let relay = Relay::start(&server, "").await;
    let token = server.token_of_alice().await;
    let changed = |member: &str, value: Value| {
        let mut body = request("jti-1");
        body[member] = value;
        body
    };
    for (body, status, reason) in [
        (changed("clientId", json!("other")), 403, "unauthorized_client"),
        (changed("redirectUri", json!("https://evil.example/")), 400, "invalid_request"),
        (changed("scopes", json!(["openid", "profile"])), 400, "invalid_scope"),
        (changed("codeChallenge", json!("plain")), 400, "invalid_request"),
    ] {
        let refused = relay.post(&token, "key", &body).await;
        assert_eq!((refused.status, refused.reason()), (status, reason), "{body}");
    }
    let mut narrower = request("jti-1");
    narrower["consent"]["scopes"] = json!(["openid"]);
    let refused = relay.post(&token, "key", &narrower).await;
    assert_eq!((refused.status, refused.reason()), (403, "consent_required"));
    let large = changed("nonce", json!("n".repeat(70_000)));
    assert_eq!(relay.post(&token, "key", &large).await.status, 413);
    assert_eq!(relay.post(&token, "", &request("jti-1")).await.status, 400);
    assert_eq!(
        relay.post(&token, "key", &request("jti-1")).await.status,
        200,
        "the next one works"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_grant_ends_at_the_server_also_after_the_relay_was_killed() {
    let server = Server::start().await;
    let relay = Relay::start(&server, "").await;
    let token = server.token_of_alice().await;
    let code = relay.post(&token, "key-1", &request("jti-1")).await;
    let code = code.body["code"].as_str().unwrap().to_owned();
    let tokens = server.redeem(&code).await;
    let refresh = tokens.body["refresh_token"].as_str().unwrap().to_owned();
    let relay = relay.kill_and_start_again().await;
    let elsewhere = relay.delete(&token, "other").await;
    assert_eq!((elsewhere.status, &elsewhere.body["atServer"]), (200, &json!(false)));
    assert_eq!(server.refresh(&refresh).await.status, 200, "it lives");
    assert_eq!(relay.delete(&token, "program").await.status, 204);
    assert_ne!(server.refresh(&refresh).await.status, 200);
    assert_eq!(relay.delete(&token, "program").await.status, 204, "it has ended");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_who_asks_too_often_hears_for_how_long_to_wait() {
    let server = Server::start().await;
    let relay = Relay::start(&server, "[limits]\nper_user_per_minute = 2\n").await;
    let token = server.token_of_alice().await;
    for number in 0..2 {
        let taken =
            relay.post(&token, &format!("k{number}"), &request(&format!("j{number}"))).await;
        assert_eq!(taken.status, 200, "{}", taken.body);
    }
    let refused = relay.post(&token, "k2", &request("j2")).await;
    assert_eq!((refused.status, refused.reason()), (429, "throttled"));
    let seconds = refused.body["retryAfter"].as_u64().unwrap();
    assert!((1..=30).contains(&seconds));
    assert_eq!(refused.headers["retry-after"], seconds.to_string());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_secret_is_logged_at_any_level() {
    let server = Server::start().await;
    let relay = Relay::start(&server, "").await;
    let token = server.token_of_alice().await;
    let code = relay.post(&token, "the-idempotency-key", &request("jti-1")).await;
    let code = code.body["code"].as_str().unwrap().to_owned();
    relay.post("a-token-that-is-nobodys", "key", &request("jti-2")).await;
    relay.delete(&token, "program").await;
    let log = relay.end().await;
    for secret in [HOST_SECRET, token.as_str(), code.as_str(), "a-token-that-is-nobodys"] {
        assert!(!log.contains(secret), "a secret is in the log");
    }
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let done = lines.iter().find(|line| line["what"] == "POST /v1/codes").unwrap();
    assert_eq!(
        (done["message"].as_str(), done["program"].as_str()),
        (Some("done"), Some("program"))
    );
    assert!(done["correlation"].is_string());
    let refused = lines.iter().find(|line| line["message"] == "refused").unwrap();
    assert_eq!((&refused["status"], &refused["reason"]), (&json!(401), &json!("login_required")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_route_that_acts_for_any_user_works_where_no_app_can_take_it() {
    let server = stage::impersonating().await;
    let relay = Relay::start_at(&server.issuer, stage::IMPERSONATION, "").await;
    let made = relay.post("token-of-alice", "key-1", &request("jti-1")).await;
    assert_eq!(
        (made.status, made.body["code"].as_str()),
        (200, Some("code-for-alice")),
        "{}",
        made.body
    );
    let refused: Answer = relay.post("token-of-nobody", "key-2", &request("jti-2")).await;
    assert_eq!(refused.status, 401);
    // Its grants end here alone.
    let ended = relay.delete("token-of-alice", "program").await;
    assert_eq!((ended.status, &ended.body["atServer"]), (200, &json!(false)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_away_is_a_bad_gateway_and_a_wrong_secret_the_relays_own_fault() {
    let server = Server::start().await;
    let relay = Relay::start(&server, "").await;
    let token = server.token_of_alice().await;
    server.forget_host_secret().await;
    let refused = relay.post(&token, "key", &request("jti-1")).await;
    assert_eq!((refused.status, refused.reason()), (500, "internal"));
    let nowhere = Relay::start_at("http://127.0.0.1:9", "profile.challenge = {}\n", "").await;
    let refused = nowhere.post("t", "key", &request("jti-1")).await;
    assert_eq!((refused.status, refused.reason()), (502, "network"));
}
