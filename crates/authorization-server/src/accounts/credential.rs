//! What a sign-in rests on.

use rusqlite::Connection;

use crate::password::PasswordPhc;
use crate::store::users;
use crate::user::UserId;

/// By what a user proved who they are. It is looked at before the sign-in is written, and once more
/// with that, for it may have been replaced in between.
pub(crate) enum Credential {
    /// The password that this server keeps in this form.
    Password(PasswordPhc),
    /// What somebody else keeps.
    Elsewhere,
}

impl Credential {
    /// Whether it is still the user's.
    pub(crate) fn is_current(&self, db: &Connection, user: &UserId) -> rusqlite::Result<bool> {
        match self {
            Self::Password(password) => users::has_password(db, user, password),
            Self::Elsewhere => Ok(true),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use axum::Router;
    use axum::body::{Body, to_bytes};
    use axum::http::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
    use axum::http::{Request, Response, StatusCode};
    use tower::Service as _;

    use crate::password::PasswordPhc;
    use crate::store::users;
    use crate::{
        AuthorizationServer, ClientAuthentication, ClientId, ClientKind, ClientRegistration,
        ClientSecret, Config, GrantType, Password, Requirement, Scopes, UserRegistration, argon2id,
    };

    const SECRET: &str = "the secret of the bank in these tests";

    async fn open(directory: &std::path::Path, password: &str) -> AuthorizationServer {
        let issuer = "http://127.0.0.1:1".parse().unwrap();
        let config = Config::new(issuer, directory.join("a.sqlite"));
        let server = AuthorizationServer::open(config).await.unwrap();
        let kind = ClientKind::Host {
            may_mediate_for: Vec::new(),
            consent_evidence: Requirement::Optional,
        };
        let secret = ClientAuthentication::Secret(ClientSecret::new(SECRET).unwrap());
        let scopes = Scopes::parse("email").unwrap();
        let id = ClientId::new("bank").unwrap();
        let mut bank = ClientRegistration::new(id, kind, secret, scopes);
        bank.grants = [GrantType::Password].into();
        server.registry().put_client(bank).await.unwrap();
        let alice = UserRegistration::new("alice", Password::new(password));
        server.registry().put_user(alice).await.unwrap();
        server
    }

    /// Sends the request; once the password in it is being looked at, another takes its place.
    async fn overtaken(
        server: &AuthorizationServer,
        password: &str,
        request: Request<Body>,
    ) -> Response<Body> {
        let looked_at = || {
            let computed = argon2id::COMPUTED.lock().unwrap();
            computed.iter().filter(|(of, _)| of == password.as_bytes()).count()
        };
        let before = looked_at();
        let (release, released) = mpsc::channel::<()>();
        let (entered, waiting) = tokio::sync::oneshot::channel();
        let store = server.registry().store.clone();
        let change = tokio::spawn(async move {
            let write = store.write(move |db| {
                let _ = entered.send(());
                released.recv().unwrap();
                let alice = users::id_of(db, "alice")?.unwrap();
                users::set_password(db, &alice, &PasswordPhc("another".to_owned()))
            });
            write.await.unwrap();
        });
        waiting.await.unwrap();
        let mut router: Router = server.router();
        let answer = tokio::spawn(async move { router.call(request).await.unwrap() });
        while looked_at() == before {
            tokio::task::yield_now().await;
        }
        release.send(()).unwrap();
        change.await.unwrap();
        answer.await.unwrap()
    }

    fn post(path: &str, form: &str) -> axum::http::request::Builder {
        assert!(!form.is_empty());
        Request::post(path).header(CONTENT_TYPE, "application/x-www-form-urlencoded")
    }

    #[tokio::test]
    async fn a_password_that_was_replaced_while_it_was_looked_at_gives_no_tokens() {
        let directory = tempfile::tempdir().unwrap();
        let password = "overtaken at the token endpoint";
        let server = open(directory.path(), password).await;
        let form = format!(
            "grant_type=password&client_id=bank&client_secret={SECRET}&username=alice\
             &password={password}&scope=email"
        );
        let request = post("/token", &form).body(Body::from(form)).unwrap();
        let answer = overtaken(&server, password, request).await;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
        let body = to_bytes(answer.into_body(), 4096).await.unwrap();
        let body = String::from_utf8(body.to_vec()).unwrap();
        assert!(body.contains("\"invalid_grant\""), "{body}");
        server.close().await;
    }

    #[tokio::test]
    async fn a_password_that_was_replaced_while_it_was_looked_at_signs_nobody_in() {
        let directory = tempfile::tempdir().unwrap();
        let password = "overtaken on the sign-in page";
        let server = open(directory.path(), password).await;
        let shown = Request::get("/login").body(Body::empty()).unwrap();
        let shown = server.router().call(shown).await.unwrap();
        let cookie = shown.headers()[SET_COOKIE].to_str().unwrap();
        let cookie = cookie.split(';').next().unwrap().to_owned();
        let page = to_bytes(shown.into_body(), 1 << 20).await.unwrap();
        let page = String::from_utf8(page.to_vec()).unwrap();
        let token = page.split("name=\"token\" value=\"").nth(1).unwrap();
        let token = token.split('"').next().unwrap();
        let form = format!("token={token}&username=alice&password={password}");
        let request = post("/login", &form).header(COOKIE, cookie).body(Body::from(form)).unwrap();
        let answer = overtaken(&server, password, request).await;
        assert_eq!(answer.headers()[LOCATION], "/login?continue=%2Faccount");
        assert!(!answer.headers().contains_key(SET_COOKIE));
        server.close().await;
    }
}
