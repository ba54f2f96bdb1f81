use sample_miniprogram::ProgramId::{Cinema, Teahouse};
use serde_json::json;

use crate::support::{ALL, Browser, Fault, World};

#[tokio::test]
async fn a_visitor_who_continues_is_greeted_with_their_details() {
    let world = World::start().await;
    let browser = world.browser(Teahouse);
    assert_eq!(browser.get("/api/session").await.body, json!({"signedIn": false}));

    let answer = world.sign_in(&browser, "alice", ALL).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let user = &answer.body["user"];
    assert_eq!(user["id"].as_str().unwrap().len(), 43);
    assert_eq!(user["username"], "alice");
    assert_eq!(
        (&user["email"], &user["emailVerified"]),
        (&json!("alice@example.com"), &json!(true))
    );
    assert_eq!(user["phone"], "+15550100");
    assert_eq!(answer.body["signIns"], 1);
    assert_eq!(browser.get("/api/session").await.body, json!({"signedIn": true}));
}

#[tokio::test]
async fn a_page_whose_cookies_are_dropped_keeps_its_session_in_memory() {
    let world = World::start().await;
    let browser = world.browser(Teahouse).without_cookies();
    let answer = world.sign_in(&browser, "alice", ALL).await;
    assert_eq!(answer.body["user"]["username"], "alice", "{}", answer.body);
    assert_eq!(browser.cookie(), None, "nothing is left for a cookie to carry");
    assert_eq!(browser.get("/api/session").await.body, json!({"signedIn": true}));
    assert_eq!(browser.post("/api/details", "{}").await.body["refreshed"], false);

    let other = world.browser(Teahouse).without_cookies();
    assert_eq!(other.get("/api/session").await.body, json!({"signedIn": false}));
    assert_eq!(browser.post("/api/sign-out", "{}").await.status, 200);
    assert_eq!(browser.get("/api/session").await.body, json!({"signedIn": false}));
}

#[tokio::test]
async fn who_signs_out_leaves_no_token_behind_and_is_out_even_where_the_server_cannot_be_told() {
    let world = World::start().await;
    let browser = world.signed_in(Teahouse, "alice", ALL).await;
    assert_eq!(world.not_revoked(Teahouse), 1);
    assert_eq!(browser.post("/api/sign-out", "{}").await.status, 200);
    assert_eq!(world.not_revoked(Teahouse), 0);

    let browser = world.signed_in(Teahouse, "alice", ALL).await;
    world.faults.set("/revoke", Fault::Broken);
    assert_eq!(browser.post("/api/sign-out", "{}").await.status, 200);
    assert_eq!(browser.get("/api/session").await.body, json!({"signedIn": false}));
    assert_eq!(world.not_revoked(Teahouse), 1, "the server was not told");
}

#[tokio::test]
async fn what_the_user_did_not_grant_is_absent() {
    let world = World::start().await;
    let browser = world.browser(Teahouse);
    let user = world.sign_in(&browser, "alice", &["openid", "email"]).await.body["user"].clone();
    assert_eq!(user["email"], "alice@example.com");
    assert_eq!((&user["username"], &user["phone"]), (&json!(null), &json!(null)));
    assert!(user["id"].is_string());
}

#[tokio::test]
async fn who_does_not_want_to_be_recognised_gets_no_account_and_may_think_again() {
    let world = World::start().await;
    let browser = world.browser(Teahouse);
    let answer = world.sign_in(&browser, "alice", &["profile", "email", "phone"]).await;
    assert_eq!((answer.status, answer.reason()), (403, "not_recognised"));
    assert!(!answer.body.to_string().contains("alice"), "{}", answer.body);
    assert_eq!(browser.get("/api/session").await.body, json!({"signedIn": false}));
    let again = world.sign_in(&browser, "alice", &["openid"]).await;
    assert_eq!(again.body["signIns"], 1, "there was no account before: {}", again.body);
}

#[tokio::test]
async fn to_confirm_a_session_no_more_is_asked_for_than_was_granted() {
    let world = World::start().await;
    let scopes = async |browser: &Browser, body: &str| {
        let mut request = browser.post("/api/sign-in/start", body).await.body;
        serde_json::from_value::<Vec<String>>(request["scopes"].take()).unwrap()
    };
    let stranger = world.browser(Teahouse);
    assert_eq!(scopes(&stranger, r#"{"confirm":true}"#).await, ALL);

    let browser = world.signed_in(Teahouse, "alice", &["openid", "email"]).await;
    let mut granted = scopes(&browser, r#"{"confirm":true}"#).await;
    granted.sort();
    assert_eq!(granted, ["email", "openid"]);
    assert_eq!(scopes(&browser, "{}").await, ALL);

    let request = browser.post("/api/sign-in/start", r#"{"confirm":true}"#).await.body;
    let answer = world.host.code_for(&request, "teahouse", "alice", &["openid", "email"]).await;
    let confirmed = browser.post("/api/sign-in/finish", &answer.to_string()).await;
    assert_eq!(confirmed.body["user"]["email"], "alice@example.com");
}

#[tokio::test]
async fn the_local_user_is_found_again_by_open_id_and_differs_between_programs() {
    let world = World::start().await;
    let id_at = async |program, user, sign_ins: i64| {
        let answer = world.sign_in(&world.browser(program), user, ALL).await;
        assert_eq!(answer.body["signIns"], sign_ins, "{}", answer.body);
        answer.body["user"]["id"].as_str().unwrap().to_owned()
    };
    let alice = id_at(Teahouse, "alice", 1).await;
    assert_eq!(id_at(Teahouse, "alice", 2).await, alice);
    assert_ne!(id_at(Teahouse, "bob", 1).await, alice);
    assert_ne!(id_at(Cinema, "alice", 1).await, alice);
}

#[tokio::test]
async fn signing_in_changes_the_session_id_and_the_old_one_is_dead() {
    let world = World::start().await;
    let browser = world.browser(Teahouse);
    browser.post("/api/sign-in/start", "{}").await;
    let anonymous = browser.cookie();
    world.sign_in(&browser, "alice", ALL).await;
    let signed_in = browser.cookie();
    assert!(anonymous.is_some() && signed_in.is_some() && anonymous != signed_in);

    browser.set_cookie(anonymous);
    assert_eq!(browser.get("/api/session").await.body, json!({"signedIn": false}));

    browser.set_cookie(signed_in.clone());
    world.sign_in(&browser, "bob", ALL).await;
    browser.set_cookie(signed_in);
    assert_eq!(browser.get("/api/session").await.body, json!({"signedIn": false}));
}

#[tokio::test]
async fn signing_out_ends_the_session_for_whoever_kept_its_cookie() {
    let world = World::start().await;
    let browser = world.signed_in(Teahouse, "alice", ALL).await;
    let cookie = browser.cookie();
    assert_eq!(browser.post("/api/sign-out", "{}").await.status, 200);
    assert_eq!(browser.cookie(), None);
    browser.set_cookie(cookie);
    assert_eq!(browser.get("/api/session").await.body, json!({"signedIn": false}));
    assert_eq!(browser.post("/api/details", "{}").await.reason(), "login_required");
    assert_eq!(browser.post("/api/sign-out", "{}").await.status, 200);
}

#[tokio::test]
async fn two_visitors_have_two_sessions() {
    let world = World::start().await;
    let alice = world.signed_in(Teahouse, "alice", ALL).await;
    let bob = world.signed_in(Teahouse, "bob", ALL).await;
    assert_eq!(alice.post("/api/details", "{}").await.body["user"]["username"], "alice");
    assert_eq!(bob.post("/api/details", "{}").await.body["user"]["username"], "bob");
    alice.post("/api/sign-out", "{}").await;
    assert_eq!(bob.get("/api/session").await.body, json!({"signedIn": true}));
}

#[tokio::test]
async fn a_session_of_one_program_is_none_at_the_other() {
    let world = World::start().await;
    let tea = world.signed_in(Teahouse, "alice", ALL).await;
    let (_, value) =
        tea.cookie().unwrap().split_once('=').map(|(n, v)| (n.to_owned(), v.to_owned())).unwrap();
    let cinema = world.browser(Cinema);
    for cookie in [tea.cookie().unwrap(), format!("cinema_session={value}")] {
        cinema.set_cookie(Some(cookie));
        assert_eq!(cinema.get("/api/session").await.body, json!({"signedIn": false}));
    }
}

#[tokio::test]
async fn accounts_outlive_the_backend_and_sessions_do_not() {
    let world = World::start().await;
    let browser = world.signed_in(Teahouse, "alice", ALL).await;
    let open_id = browser.post("/api/details", "{}").await.body["user"]["id"].clone();
    world.programs.clone().close().await;

    let file =
        rusqlite::Connection::open(world.dir.path().join("programs/teahouse.sqlite3")).unwrap();
    let stored: (String, i64) = file
        .query_row(
            "SELECT open_id, sign_ins FROM account JOIN identity ON account_id = id",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .unwrap();
    assert_eq!(stored, (open_id.as_str().unwrap().to_owned(), 1));
    let tables: i64 = file
        .query_row(
            "SELECT count(*) FROM sqlite_schema WHERE sql LIKE '%session%' OR sql LIKE '%token%'",
            [],
            |r| r.get(0),
        )
        .unwrap();
    assert_eq!(tables, 0);
}
