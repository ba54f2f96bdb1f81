//! A company's account service, apart from the authorization server: it knows people by their own
//! numbers, in tenants, and answers only to who has its token.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::Json;
use axum::extract::State;
use axum::http::header::{AUTHORIZATION, LOCATION};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use minihost_authorization_server::{ClientSecret, HttpAccountService};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;

/// How it behaves for now.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mood {
    Well,
    Failing(StatusCode),
    Redirecting,
    Garbled,
    Endless,
}

struct Person {
    password: String,
    details: Value,
}

struct Shared {
    token: ClientSecret,
    people: Mutex<HashMap<String, Person>>,
    mood: Mutex<Mood>,
    asked: watch::Sender<usize>,
    /// How many must have asked before anybody gets an answer.
    awaited: Mutex<usize>,
}

/// The running service.
#[derive(Clone)]
pub(crate) struct AccountService {
    pub(crate) url: String,
    shared: Arc<Shared>,
}

#[derive(Deserialize)]
struct Question {
    username: String,
    password: String,
}

impl AccountService {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/check", listener.local_addr().unwrap());
        let shared = Arc::new(Shared {
            token: ClientSecret::generate().unwrap(),
            people: Mutex::default(),
            mood: Mutex::new(Mood::Well),
            asked: watch::Sender::new(0),
            awaited: Mutex::default(),
        });
        let router =
            axum::Router::new().route("/check", post(check)).with_state(Arc::clone(&shared));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, shared }
    }

    /// What an authorization server needs to ask it.
    pub(crate) fn connection(&self) -> HttpAccountService {
        HttpAccountService::new(self.url.parse().unwrap(), Some(&self.shared.token)).unwrap()
    }

    pub(crate) fn put(&self, username: &str, password: &str, details: Value) {
        let person = Person { password: password.to_owned(), details };
        self.shared.people.lock().unwrap().insert(username.to_owned(), person);
    }

    pub(crate) fn becomes(&self, mood: Mood) {
        *self.shared.mood.lock().unwrap() = mood;
    }

    pub(crate) fn asked(&self) -> usize {
        *self.shared.asked.borrow()
    }

    /// Answers nobody before so many have asked.
    pub(crate) fn waits_for(&self, callers: usize) {
        *self.shared.awaited.lock().unwrap() = callers;
    }

    pub(crate) fn token(&self) -> &str {
        self.shared.token.expose()
    }
}

async fn check(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    Json(question): Json<Question>,
) -> Response {
    shared.asked.send_modify(|asked| *asked += 1);
    let awaited = *shared.awaited.lock().unwrap();
    let mut asked = shared.asked.subscribe();
    asked.wait_for(|asked| *asked >= awaited).await.unwrap();
    let expected = format!("Bearer {}", shared.token.expose());
    if headers.get(AUTHORIZATION).is_none_or(|header| header.as_bytes() != expected.as_bytes()) {
        return StatusCode::BAD_REQUEST.into_response();
    }
    match *shared.mood.lock().unwrap() {
        Mood::Well => {}
        Mood::Failing(status) => return status.into_response(),
        Mood::Redirecting => {
            return (StatusCode::TEMPORARY_REDIRECT, [(LOCATION, "/check")]).into_response();
        }
        Mood::Garbled => return "<html>Welcome</html>".into_response(),
        Mood::Endless => return " ".repeat(100_000).into_response(),
    }
    let people = shared.people.lock().unwrap();
    match people.get(&question.username) {
        Some(person) if person.password == question.password => {
            Json(person.details.clone()).into_response()
        }
        _ => {
            (StatusCode::UNAUTHORIZED, Json(json!({ "reason": "no such account" }))).into_response()
        }
    }
}
