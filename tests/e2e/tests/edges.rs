//! Wrong input at each edge gets its stable reason, and the next request works.
#![cfg(test)]

use minihost_e2e::{
    authorization_server::AuthorizationServer,
    phone::{Phone, on_a_phone},
    sample_host::SampleHost,
};
use serde_json::{Value, json};

const VERIFIER: &str = "a-verifier-of-43-characters-or-more-0123456789";

#[tokio::test]
async fn the_authorization_server_refuses_what_is_wrong_and_goes_on() {
    let host = SampleHost::start().await;
    let server = AuthorizationServer::discover(&host).await;
    let (tea, cinema) = (host.program("teahouse").clone(), host.program("cinema").clone());
    let subject = server.sign_in("alice").await.text("access_token");
    let new_code =
        async || server.challenge(&tea, &subject, VERIFIER, &[]).await.text("authorization_code");

    let code = new_code().await;
    let wrong = server.redeem(&tea, &code, &VERIFIER.to_uppercase(), &tea.redirect_uri).await;
    assert_eq!((wrong.status, wrong.text("error").as_str()), (400, "invalid_grant"));
    let code = new_code().await;
    let stolen = server.redeem(&cinema, &code, VERIFIER, &cinema.redirect_uri).await;
    assert_eq!(stolen.text("error"), "invalid_grant");
    let code = new_code().await;
    let elsewhere = server.redeem(&tea, &code, VERIFIER, &cinema.redirect_uri).await;
    assert_eq!(elsewhere.text("error"), "invalid_grant");

    let unknown = server.token("nobody", Some("secret"), &[("grant_type", "password")]).await;
    assert_eq!((unknown.status, unknown.text("error").as_str()), (401, "invalid_client"));
    let bad_secret =
        server.token(&tea.client_id, Some("wrong"), &[("grant_type", "authorization_code")]).await;
    assert_eq!((bad_secret.status, bad_secret.text("error").as_str()), (401, "invalid_client"));

    let code = new_code().await;
    let redeemed = server.redeem(&tea, &code, VERIFIER, &tea.redirect_uri).await;
    assert_eq!(redeemed.status, 200);
    let programs_token = redeemed.text("access_token");
    let not_the_hosts = server.challenge(&tea, &programs_token, VERIFIER, &[]).await;
    assert_eq!(not_the_hosts.status, 403);
    assert_eq!(not_the_hosts.text("error"), "insufficient_authorization");
    for (changes, error) in [
        (vec![("code_challenge", None)], "invalid_request"),
        (vec![("code_challenge_method", Some("plain"))], "invalid_request"),
        (vec![("redirect_uri", Some(cinema.redirect_uri.as_str()))], "invalid_request"),
        (vec![("target_client_id", Some("nobody"))], "unauthorized_client"),
        (vec![("scope", Some("admin"))], "invalid_scope"),
    ] {
        let answer = server.challenge(&tea, &subject, VERIFIER, &changes).await;
        assert_eq!(answer.text("error"), error, "{changes:?}");
    }

    let again = server.redeem(&tea, &code, VERIFIER, &tea.redirect_uri).await;
    assert_eq!(again.text("error"), "invalid_grant");
    assert_eq!(server.user_details(&programs_token).await.status, 401);
    let works = server.redeem(&tea, &new_code().await, VERIFIER, &tea.redirect_uri).await;
    let details = server.user_details(&works.text("access_token")).await;
    assert!(details.text("email").contains('@'));
    assert_eq!(details.body["sub"], details.body["open_id"]);
}

/// Takes a port of its own in the program's page, sends messages over it and gives the answers.
const OVER_A_PORT: &str = r#"
const done = arguments[arguments.length - 1];
const messages = MESSAGES;
const answers = [];
addEventListener('message', event => {
    if (event.source !== parent || event.data?.minihost !== 'port') return;
    const port = event.ports[0];
    port.onmessage = ({ data }) => {
        answers.push(JSON.parse(data));
        if (answers.length === messages.length) done(answers);
    };
    for (const message of messages) {
        port.postMessage(typeof message === 'string' ? message : JSON.stringify(message));
    }
});
parent.postMessage({ minihost: 'hello' }, document.referrer ? new URL(document.referrer).origin : HOST);
"#;

async fn over_a_port(phone: &Phone<'_>, host: &SampleHost, messages: Value) -> Vec<Value> {
    let origin = url::Url::parse(&host.ready.simulator).unwrap().origin().ascii_serialization();
    let script = OVER_A_PORT
        .replace("MESSAGES", &messages.to_string())
        .replace("HOST", &json!(origin).to_string());
    let answers = phone.run_async(&script).await;
    answers.as_array().unwrap().clone()
}

#[tokio::test]
async fn the_bridge_refuses_what_is_wrong_and_goes_on() {
    on_a_phone(refuse_and_go_on).await;
}

async fn refuse_and_go_on(host: &SampleHost, phone: &Phone<'_>) {
    phone.open_program("teahouse").await;
    phone.enter_program().await;
    phone.shown("continue").await;
    let request = |id: u64, method: &str, params: Value| json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params});
    let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    let answers = over_a_port(
        phone,
        host,
        json!([
            request(1, "auth.requestCode", json!({"scopes": ["openid"]})),
            request(2, "host.initialize", json!({"versions": {"min": 1, "max": 1}})),
            "{",
            format!("\"{}\"", "x".repeat(70_000)),
            request(3, "host.exec", json!({})),
            request(
                4,
                "auth.requestCode",
                json!({"scopes": ["admin"],
                "codeChallenge": challenge, "codeChallengeMethod": "S256"})
            ),
            request(5, "auth.requestCode", json!({"scopes": ["openid"]})),
            request(
                6,
                "auth.requestCode",
                json!({"scopes": ["openid"], "prompt": "none",
                "codeChallenge": challenge, "codeChallengeMethod": "S256"})
            ),
        ]),
    )
    .await;
    let reason = |answer: &Value| answer["error"]["data"]["reason"].as_str().map(str::to_owned);
    let reasons: Vec<Option<String>> = answers.iter().map(reason).collect();
    let expected = [
        Some("invalid_request"),
        None,
        Some("invalid_request"),
        Some("invalid_request"),
        Some("unsupported_method"),
        Some("scope_not_declared"),
        Some("invalid_request"),
        Some("interaction_required"),
    ];
    assert_eq!(reasons, expected.map(|reason| reason.map(str::to_owned)));
    assert_eq!(answers[2]["error"]["code"], -32700);
    assert_eq!(answers[3]["error"]["code"], -32700);
    assert_eq!(answers[1]["result"]["miniProgram"]["id"], "teahouse");

    phone.run("location.reload()").await;
    phone.leave_program().await;
    phone.tap_continue().await;
    phone.allow_except(&[]).await;
    phone.greeting().await;
}
