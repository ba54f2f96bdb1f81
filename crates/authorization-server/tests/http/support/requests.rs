//! What clients ask of the server.

use reqwest::{Method, StatusCode};
use serde_json::Value;

use super::wire::{Answer, Form, Pkce, callback, redeem_form};
use super::{ACCESS_TOKEN, ALL, World};

impl World {
    /// Sends a request and checks what holds for every answer.
    pub(crate) async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let body = response.bytes().await.unwrap();
        let json = serde_json::from_slice(&body).unwrap_or(Value::Null);
        let answer = Answer { status, headers, json };
        for member in [
            "authorization_code",
            "access_token",
            "refresh_token",
            "id_token",
            "device_code",
            "user_code",
        ] {
            if let Some(secret) = answer.json[member].as_str() {
                self.remember(secret);
            }
        }
        if status != StatusCode::METHOD_NOT_ALLOWED && status != StatusCode::NOT_FOUND {
            let cached = answer.header("cache-control");
            assert_eq!(
                cached,
                Some(if answer.json.get("keys").is_some() {
                    "public, max-age=300"
                } else {
                    "no-store"
                })
            );
        }
        if let Some(description) = answer.json["error_description"].as_str() {
            let allowed = |b: u8| matches!(b, 0x20..=0x21 | 0x23..=0x5B | 0x5D..=0x7E);
            assert!(description.bytes().all(allowed), "RFC 6749 section 5.2: {description}");
        }
        answer
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method, format!("{}{path}", self.base))
    }

    pub(crate) async fn post(&self, path: &str, client: &str, form: &Form) -> Answer {
        self.send(self.as_client(path, client, form)).await
    }

    /// A request with the client's secret, or only with its name where it has none.
    pub(crate) fn as_client(
        &self,
        path: &str,
        client: &str,
        form: &Form,
    ) -> reqwest::RequestBuilder {
        let mut request = self.request(Method::POST, path);
        let mut form = form.clone();
        match self.secrets.get(client) {
            Some(secret) => request = request.basic_auth(client, Some(secret)),
            None => form = form.with("client_id", client),
        }
        request.form(&form.0)
    }

    pub(crate) async fn post_unauthenticated(&self, path: &str, form: &Form) -> Answer {
        self.send(self.request(Method::POST, path).form(&form.0)).await
    }

    pub(crate) fn password_form(&self, user: &str) -> Form {
        Form::new(&[
            ("grant_type", "password"),
            ("username", user),
            ("password", self.secret(user)),
        ])
    }

    /// The host's access token of this user.
    pub(crate) async fn sign_in(&self, host: &str, user: &str) -> String {
        let answer = self.post("/token", host, &self.password_form(user)).await;
        answer.ok().text("access_token").to_owned()
    }

    pub(crate) fn code_form(&self, target: &str, subject: &str, pkce: &Pkce) -> Form {
        self.remember(&pkce.verifier);
        Form::new(&[
            ("response_type", "code"),
            ("target_client_id", target),
            ("redirect_uri", &callback(target)),
            ("scope", ALL),
            ("code_challenge", &pkce.challenge),
            ("code_challenge_method", "S256"),
            ("subject_token", subject),
            ("subject_token_type", ACCESS_TOKEN),
        ])
    }

    /// A code that `bank` asked for.
    pub(crate) async fn code(&self, target: &str, user: &str, pkce: &Pkce) -> String {
        let subject = self.sign_in("bank", user).await;
        let form = self.code_form(target, &subject, pkce);
        let answer = self.post("/challenge", "bank", &form).await;
        answer.ok().text("authorization_code").to_owned()
    }

    pub(crate) async fn redeem(&self, client: &str, code: &str, pkce: &Pkce) -> Answer {
        self.post("/token", client, &redeem_form(client, code, pkce)).await
    }

    /// The tokens of a new code.
    pub(crate) async fn tokens(&self, client: &str, user: &str) -> Answer {
        let pkce = Pkce::new();
        let code = self.code(client, user, &pkce).await;
        self.redeem(client, &code, &pkce).await.ok()
    }

    pub(crate) async fn refresh(&self, client: &str, token: &str) -> Answer {
        let form = Form::new(&[("grant_type", "refresh_token"), ("refresh_token", token)]);
        self.post("/token", client, &form).await
    }

    pub(crate) async fn metadata(&self) -> Value {
        let request = self.request(Method::GET, "/.well-known/oauth-authorization-server");
        self.send(request).await.ok().json
    }

    pub(crate) async fn userinfo(&self, token: &str) -> Answer {
        self.send(self.request(Method::GET, "/userinfo").bearer_auth(token)).await
    }
}
