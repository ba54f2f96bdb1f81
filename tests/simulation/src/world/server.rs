//! The authorization server, as far as hosts see it: sign-in and refresh, user details, code
//! requests, the end of grants.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::judge::{CodeSent, SECRET};

pub(crate) const ISSUER: &str = "https://as.example";
/// How long an access token lives, in seconds.
const LIFETIME: i64 = 300;

/// Everything that the server knows.
#[derive(Default)]
pub(crate) struct Server {
    sign_ins: Vec<SignIn>,
    access: BTreeMap<String, Access>,
    last: u64,
    /// The name of what a user has granted a client; one for as long as it holds.
    grants: BTreeMap<(String, String), String>,
}

struct SignIn {
    user: &'static str,
    refresh: String,
    state: SignInState,
}

/// An access token. It holds until it expires, though it was refreshed.
struct Access {
    sign_in: usize,
    expires_at: Timestamp,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum SignInState {
    Holds,
    Ended,
}

/// An answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
}

/// What is wrong with a code that is given all the same.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flaw {
    None,
    OtherClient,
    MoreScopes,
    OtherIssuer,
    NoClient,
    /// Not a flaw: the server grants less.
    FewerScopes,
}

impl Server {
    pub(crate) fn metadata() -> Answer {
        ok(&json!({
            "issuer": ISSUER,
            "token_endpoint": format!("{ISSUER}/token"),
            "userinfo_endpoint": format!("{ISSUER}/userinfo"),
            "authorization_endpoint": format!("{ISSUER}/authorize"),
            "authorization_challenge_endpoint": format!("{ISSUER}/challenge"),
            "grant_management_endpoint": format!("{ISSUER}/grants"),
            "host_mediation_supported": true,
        }))
    }

    /// The token endpoint.
    pub(crate) fn token(&mut self, form: &BTreeMap<String, String>, now: Timestamp) -> Answer {
        let member = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
        match member("grant_type") {
            "password" => {
                let known = USERS.iter().find(|user| **user == member("username"));
                let Some(user) = known.filter(|user| password_of(user) == member("password"))
                else {
                    return refused(400, "invalid_grant");
                };
                let (refresh, state) = (String::new(), SignInState::Holds);
                self.sign_ins.push(SignIn { user, refresh, state });
                self.tokens(self.sign_ins.len() - 1, now)
            }
            "refresh_token" => {
                let spent = member("refresh_token");
                let found = self.sign_ins.iter().position(|sign_in| {
                    sign_in.refresh == spent && sign_in.state == SignInState::Holds
                });
                let Some(found) = found else { return refused(400, "invalid_grant") };
                self.tokens(found, now)
            }
            _ => refused(400, "unsupported_grant_type"),
        }
    }

    fn tokens(&mut self, sign_in: usize, now: Timestamp) -> Answer {
        let (access, refresh) = (self.secret("access"), self.secret("refresh"));
        let expires_at = now + SignedDuration::from_secs(LIFETIME);
        self.access.insert(access.clone(), Access { sign_in, expires_at });
        self.sign_ins[sign_in].refresh.clone_from(&refresh);
        ok(&json!({
            "access_token": access,
            "refresh_token": refresh,
            "token_type": "Bearer",
            "expires_in": LIFETIME,
        }))
    }

    /// The user details of whose token it is.
    pub(crate) fn userinfo(&self, token: &str, now: Timestamp) -> Answer {
        match self.user_of(token, now) {
            Some(user) => ok(&json!({"sub": format!("u-{user}"), "preferred_username": user})),
            None => refused(401, "invalid_token"),
        }
    }

    /// The user whose token it was, though it may have expired.
    pub(crate) fn owner_of(&self, token: &str) -> Option<String> {
        let sign_in = &self.sign_ins[self.access.get(token)?.sign_in];
        Some(format!("u-{}", sign_in.user))
    }

    fn user_of(&self, token: &str, now: Timestamp) -> Option<&'static str> {
        let access = self.access.get(token)?;
        let sign_in = &self.sign_ins[access.sign_in];
        let good = now < access.expires_at && sign_in.state == SignInState::Holds;
        good.then_some(sign_in.user)
    }

    /// The challenge endpoint: a code for the client that is named.
    pub(crate) fn challenge(
        &mut self,
        sent: &CodeSent,
        token: &str,
        flaw: Flaw,
        now: Timestamp,
    ) -> Answer {
        let Some(user) = self.user_of(token, now) else { return refused(401, "invalid_token") };
        let number = self.next();
        let sound = matches!(flaw, Flaw::None | Flaw::FewerScopes);
        let soundness = if sound { "sound" } else { "unsound" };
        let code = format!("{SECRET}code-{number}-{soundness}-for-{}", sent.challenge);
        let key = (format!("u-{user}"), sent.client.clone());
        let grant = self.grants.entry(key).or_insert_with(|| format!("g-{number}")).clone();
        let mut body = json!({
            "authorization_code": code,
            "client_id": sent.client,
            "expires_in": 60,
            "grant_id": grant,
        });
        let all: Vec<&str> = sent.scopes.iter().map(String::as_str).collect();
        match flaw {
            Flaw::None => {}
            Flaw::OtherClient => body["client_id"] = json!("another"),
            Flaw::NoClient => body["client_id"] = Value::Null,
            Flaw::MoreScopes => body["scope"] = json!([&all[..], &["admin"]].concat().join(" ")),
            Flaw::FewerScopes => body["scope"] = json!(all[0]),
            Flaw::OtherIssuer => body["iss"] = json!("https://other.example"),
        }
        ok(&body)
    }

    /// Ends a grant. Says whose it was.
    pub(crate) fn end_grant(&mut self, id: &str) -> Option<(String, String)> {
        let (owner, _) = self.grants.iter().find(|(_, grant)| *grant == id)?;
        let owner = owner.clone();
        self.grants.remove(&owner);
        Some(owner)
    }

    /// The server ends every sign-in, as an operator does.
    pub(crate) fn end_sign_ins(&mut self) {
        for sign_in in &mut self.sign_ins {
            sign_in.state = SignInState::Ended;
        }
    }

    fn next(&mut self) -> u64 {
        self.last += 1;
        self.last
    }

    fn secret(&mut self, kind: &str) -> String {
        format!("{SECRET}{kind}-{}", self.next())
    }
}

/// Who may sign in.
pub(crate) const USERS: [&str; 2] = ["alice", "bob"];

pub(crate) fn password_of(user: &str) -> String {
    format!("{SECRET}password-of-{user}")
}

fn ok(body: &Value) -> Answer {
    Answer { status: 200, body: body.to_string() }
}

pub(crate) fn refused(status: u16, error: &str) -> Answer {
    refused_saying(status, error, "The request was refused.")
}

/// An error with the server's own words.
pub(crate) fn refused_saying(status: u16, error: &str, words: &str) -> Answer {
    let mut body = json!({"error": error, "error_description": words});
    if error == "redirect_to_web" {
        body["request_uri"] = json!("urn:ietf:params:oauth:request_uri:1");
    }
    Answer { status, body: body.to_string() }
}
