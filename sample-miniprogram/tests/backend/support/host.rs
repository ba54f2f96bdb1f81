use reqwest::header;
use serde_json::{Value, json};

/// A host app, as far as the authorization server sees one.
pub(crate) struct Host {
    http: reqwest::Client,
    issuer: String,
    secret: String,
}

pub(crate) fn password(user: &str) -> String {
    format!("the long password of {user}")
}

impl Host {
    pub(crate) fn new(issuer: &str, secret: String) -> Self {
        let http = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().unwrap();
        Self { http, issuer: issuer.to_owned(), secret }
    }

    /// Signs `user` in and asks for a code that answers the program's `request`; what the page would
    /// get over the bridge.
    pub(crate) async fn code_for(
        &self,
        request: &Value,
        program: &str,
        user: &str,
        scopes: &[&str],
    ) -> Value {
        let scope = ALL_AND_MEDIATE;
        let signed_in = [
            ("grant_type", "password"),
            ("username", user),
            ("password", &password(user)),
            ("scope", scope),
        ];
        let tokens = self.post("/token", &signed_in).await;
        let text = |name: &str| request[name].as_str().unwrap().to_owned();
        let issued = self
            .post(
                "/challenge",
                &[
                    ("response_type", "code"),
                    ("target_client_id", program),
                    ("redirect_uri", &text("redirectUri")),
                    ("scope", &scopes.join(" ")),
                    ("code_challenge", &text("codeChallenge")),
                    ("code_challenge_method", "S256"),
                    ("nonce", &text("nonce")),
                    ("subject_token", tokens["access_token"].as_str().unwrap()),
                    ("subject_token_type", "urn:ietf:params:oauth:token-type:access_token"),
                ],
            )
            .await;
        json!({ "code": issued["authorization_code"], "state": text("state"), "iss": self.issuer })
    }

    async fn post(&self, path: &str, form: &[(&str, &str)]) -> Value {
        let encoded: String =
            url::form_urlencoded::byte_serialize(self.secret.as_bytes()).collect();
        let request = self
            .http
            .post(format!("{}{path}", self.issuer))
            .basic_auth("host", Some(encoded))
            .form(form);
        let response = request.header(header::ACCEPT, "application/json").send().await.unwrap();
        let status = response.status();
        let body = response.text().await.unwrap();
        assert_eq!(status, 200, "{path}: {body}");
        serde_json::from_str(&body).unwrap()
    }
}

const ALL_AND_MEDIATE: &str = "openid profile email phone mediate";
