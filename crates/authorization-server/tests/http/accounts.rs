//! The password grant with accounts that a service of the operator keeps.

use std::sync::Arc;

use axum::http::StatusCode;
use minihost_authorization_server::{
    Account, AccountRule, AccountService as Port, AccountServiceError, ClientRegistration, Password,
};
use serde_json::json;

use crate::support::account_service::{AccountService, Mood};
use crate::support::{Form, TestClock, World};

struct Company {
    world: World,
    accounts: AccountService,
    _directory: tempfile::TempDir,
}

impl Company {
    async fn new() -> Self {
        let accounts = AccountService::start().await;
        accounts.put(
            "carol",
            "carol's password",
            json!({ "id": "4711", "tenant": "north", "preferred_username": "Carol",
                "email": "carol@corp.example", "email_verified": true }),
        );
        accounts.put("dave", "dave's password", json!({ "id": "4712", "tenant": "south" }));
        let directory = tempfile::tempdir().unwrap();
        let database = directory.path().join("server.sqlite");
        let service = Arc::new(accounts.connection());
        let change = |config: &mut minihost_authorization_server::Config| {
            config.accounts = Some(service);
        };
        let mut world = World::open_with(&database, TestClock::new(), change).await;
        world.register_all().await;
        for secret in ["carol's password", "dave's password", accounts.token()] {
            world.remember(secret);
        }
        Self { world, accounts, _directory: directory }
    }

    async fn sign_in(&self, host: &str, user: &str, password: &str) -> crate::support::Answer {
        self.world.post("/token", host, &form(user, password)).await
    }
}

fn form(user: &str, password: &str) -> Form {
    Form::new(&[("grant_type", "password"), ("username", user), ("password", password)])
}

#[tokio::test]
async fn a_user_of_the_service_signs_in_and_is_the_same_user_next_time() {
    let company = Company::new().await;
    let tokens = company.sign_in("bank", "carol", "carol's password").await.ok();
    let details = company.world.userinfo(tokens.text("access_token")).await.ok();
    assert_eq!(details.text("preferred_username"), "Carol");
    assert_eq!(details.text("email"), "carol@corp.example");

    // She marries: the service knows her by another name and address, and the same number.
    company.accounts.put("carol.w", "another password", json!({ "id": "4711", "tenant": "north" }));
    let tokens = company.sign_in("bank", "carol.w", "another password").await.ok();
    let later = company.world.userinfo(tokens.text("access_token")).await.ok();
    assert_eq!(later.text("sub"), details.text("sub"));
    assert_eq!(later.text("preferred_username"), "carol.w");
    assert_eq!(later.json.get("email"), None);

    let tokens = company.sign_in("bank", "dave", "dave's password").await.ok();
    let other = company.world.userinfo(tokens.text("access_token")).await.ok();
    assert_ne!(other.text("sub"), details.text("sub"));
}

#[tokio::test]
async fn what_the_service_refuses_looks_the_same_whatever_the_cause() {
    let company = Company::new().await;
    let wrong = company.sign_in("bank", "carol", "guess").await;
    let unknown = company.sign_in("bank", "mallory", "guess").await;
    wrong.refused(400, "invalid_grant");
    assert_eq!(wrong.json, unknown.json);
    // A password of this server is none of the service.
    let local = company.world.password_form("alice");
    company.world.post("/token", "bank", &local).await.refused(400, "invalid_grant");
}

#[tokio::test]
async fn the_client_is_authenticated_before_and_its_right_to_the_user_is_checked_after() {
    let mut company = Company::new().await;
    let host = company.world.host("bank", "teahouse");
    let accounts = AccountRule::Tenants(["north".to_owned()].into());
    company.world.put(ClientRegistration { accounts, ..host }).await;

    let unproven = form("carol", "carol's password").with("client_id", "bank");
    let answer = company.world.post_unauthenticated("/token", &unproven).await;
    answer.refused(401, "invalid_client");
    let program = company.sign_in("teahouse", "carol", "carol's password").await;
    program.refused(400, "unauthorized_client");
    assert_eq!(company.accounts.asked(), 0, "no password goes anywhere for who may not ask");

    company.sign_in("bank", "carol", "carol's password").await.ok();
    let forbidden = company.sign_in("bank", "dave", "dave's password").await;
    forbidden.refused(400, "invalid_grant");
    let wrong = company.sign_in("bank", "carol", "guess").await;
    assert_eq!(forbidden.json, wrong.json, "who has an account elsewhere is not told");
    assert_eq!(company.accounts.asked(), 3);
    // Another host may have everybody's.
    company.sign_in("rival", "dave", "dave's password").await.ok();
}

#[tokio::test]
async fn users_of_this_server_have_no_tenant() {
    let mut world = World::new().await;
    let host = world.host("bank", "teahouse");
    let accounts = AccountRule::Tenants(["north".to_owned()].into());
    world.put(ClientRegistration { accounts, ..host }).await;
    let refused = world.post("/token", "bank", &world.password_form("alice")).await;
    refused.refused(400, "invalid_grant");
}

#[tokio::test]
async fn g1_guesses_are_throttled_for_each_username_and_the_service_is_not_asked() {
    let company = Company::new().await;
    for user in ["carol", "mallory"] {
        for _ in 0..10 {
            company.sign_in("bank", user, "guess").await.refused(400, "invalid_grant");
        }
        let asked = company.accounts.asked();
        let answer = company.sign_in("bank", user, "carol's password").await;
        answer.refused(429, "temporarily_unavailable");
        assert_eq!(answer.header("retry-after"), Some("60"));
        assert_eq!(company.accounts.asked(), asked);
    }
    company.sign_in("bank", "dave", "dave's password").await.ok();
    company.world.clock.advance(std::time::Duration::from_secs(60));
    company.sign_in("bank", "carol", "carol's password").await.ok();
}

#[tokio::test]
async fn g1_guesses_sent_at_once_are_no_more_than_those_sent_one_by_one() {
    let company = Company::new().await;
    company.accounts.waits_for(10);
    let guesses = (0..40).map(|_| company.sign_in("bank", "carol", "guess"));
    let answers = futures_util::future::join_all(guesses).await;
    let with = |status: u16| answers.iter().filter(|answer| answer.status == status).count();
    assert_eq!((with(400), with(429)), (10, 30));
    assert_eq!(company.accounts.asked(), 10);
}

#[tokio::test]
async fn a_service_that_cannot_tell_costs_nobody_an_attempt() {
    let company = Company::new().await;
    for mood in [
        Mood::Failing(StatusCode::INTERNAL_SERVER_ERROR),
        Mood::Failing(StatusCode::TOO_MANY_REQUESTS),
        Mood::Failing(StatusCode::NO_CONTENT),
        Mood::Redirecting,
        Mood::Garbled,
        Mood::Endless,
    ] {
        company.accounts.becomes(mood);
        for _ in 0..3 {
            let answer = company.sign_in("bank", "carol", "carol's password").await;
            answer.refused(503, "temporarily_unavailable");
            assert!(answer.header("retry-after").is_some());
        }
    }
    assert_eq!(company.accounts.asked(), 18, "nothing is sent twice, no redirect followed");
    company.accounts.becomes(Mood::Well);
    company.sign_in("bank", "carol", "carol's password").await.ok();
}

/// A service in the same process, as an embedding program may bring one.
struct Fixed(Account);

#[async_trait::async_trait]
impl Port for Fixed {
    async fn check(
        &self,
        username: &str,
        password: &Password,
    ) -> Result<Option<Account>, AccountServiceError> {
        let right = username == "erin" && password.expose() == "erin's password";
        Ok(right.then(|| self.0.clone()))
    }
}

#[tokio::test]
async fn an_embedding_program_may_bring_a_service_of_its_own() {
    let account = |external_id: &str| Account {
        external_id: external_id.to_owned(),
        tenant: None,
        preferred_username: None,
        email: None,
        email_verified: false,
        phone_number: None,
    };
    for (external_id, status) in [("1", 200), ("", 503), (&*"x".repeat(257), 503)] {
        let directory = tempfile::tempdir().unwrap();
        let database = directory.path().join("server.sqlite");
        let service = Arc::new(Fixed(account(external_id)));
        let change = |config: &mut minihost_authorization_server::Config| {
            config.accounts = Some(service);
        };
        let mut world = World::open_with(&database, TestClock::new(), change).await;
        world.register_all().await;
        let answer = world.post("/token", "bank", &form("erin", "erin's password")).await;
        assert_eq!(answer.status.as_u16(), status, "{:?}", answer.json);
    }
}
