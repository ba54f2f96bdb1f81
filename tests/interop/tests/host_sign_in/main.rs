//! A host whose user signs in at the authorization server with a browser, over TLS.
#![cfg(test)]

mod bound;
mod doctor;

use std::{collections::BTreeSet, sync::Arc};

use minihost::{
    ClientId, Issuer, Scope, SystemClock, User,
    http::{Certificates, Network, Proxy, ReqwestTransport, Roots},
    issuer::ClientAuthentication,
    ports::{SessionError, UserSession as _},
    session::{
        LoopbackRedirect, SignInConfig, SignInError, SignInWish, TokenBinding, TokenSession,
    },
    store::MemorySecretStore,
};
use minihost_interop::{ClientMetadata, Decision, Stage, Visit};
use url::Url;

/// As it is registered: the port may be any (RFC 8252 §7.3).
const REDIRECT: &str = "http://127.0.0.1/callback";
pub(crate) const WORDS: &str = "You are signed in. Go back to Harbour.";

pub(crate) struct Play {
    pub(crate) stage: Stage,
    pub(crate) client: ClientAuthentication,
}

/// A public client on its user's device.
pub(crate) fn native() -> ClientMetadata {
    ClientMetadata {
        redirect_uris: vec![REDIRECT.to_owned()],
        token_endpoint_auth_method: Some("none".to_owned()),
        application_type: Some("native".to_owned()),
        ..ClientMetadata::default()
    }
}

impl Play {
    pub(crate) async fn begin() -> Self {
        Self::of(native()).await
    }

    pub(crate) async fn of(client: ClientMetadata) -> Self {
        let stage = Stage::set().await.unwrap();
        let registered = stage.register(client).await.unwrap();
        let client_id = ClientId::new(registered.client_id);
        Self { stage, client: ClientAuthentication::None { client_id } }
    }

    pub(crate) fn issuer(&self) -> Issuer {
        Issuer::new(self.stage.issuer())
    }

    pub(crate) fn transport(&self) -> Arc<ReqwestTransport> {
        let authority = Certificates::from_pem(self.stage.authority().as_bytes()).unwrap();
        let roots = Roots::Only(authority);
        let network = Network { roots, proxy: Proxy::Direct, ..Network::default() };
        Arc::new(ReqwestTransport::with(network).unwrap())
    }

    /// A session as a process that starts has it.
    fn session(&self, secrets: &Arc<MemorySecretStore>) -> TokenSession {
        self.session_with(secrets, TokenBinding::None)
    }

    pub(crate) fn session_with(
        &self,
        secrets: &Arc<MemorySecretStore>,
        binding: TokenBinding,
    ) -> TokenSession {
        let mut config = SignInConfig::new(self.issuer(), self.client.clone());
        config.scopes = BTreeSet::from(["openid", "profile"].map(Scope::new));
        config.binding = binding;
        let clock = Arc::new(SystemClock::new());
        TokenSession::new(config, self.transport(), secrets.clone(), clock).unwrap()
    }

    pub(crate) async fn visit(
        &self,
        page: &Url,
        decision: Decision,
    ) -> (minihost_interop::User, Url) {
        let user = self.stage.new_user().await.unwrap();
        let location = self.visit_as(&user, page, decision).await;
        (user, location)
    }

    /// Where the browser is sent at last.
    async fn visit_as(&self, user: &minihost_interop::User, page: &Url, decision: Decision) -> Url {
        let (username, password) = (user.username.clone(), user.password.clone());
        let (url, picks) = (page.clone(), Vec::new());
        let visit = Visit { url, username, password, decision, picks, browser: None };
        let arrival = self.stage.visit(visit).await.unwrap();
        arrival.location.expect(&arrival.text).parse().unwrap()
    }

    /// A user signs in, with a browser that comes back to the listener.
    async fn sign_in(&self, session: &TokenSession) -> User {
        let listener = LoopbackRedirect::listen().await.unwrap();
        let redirect_uri = listener.redirect_uri();
        let sign_in = session.begin_sign_in(redirect_uri, SignInWish::Ordinary).await.unwrap();
        let (user, location) = self.visit(sign_in.page(), Decision::AllowAll).await;
        let (answer, seen) = tokio::join!(listener.answer(&sign_in, WORDS), get(location));
        assert_eq!(seen, (200, WORDS.to_owned()));
        let signed_in = session.finish_sign_in(sign_in, &answer.unwrap()).await.unwrap();
        assert_eq!(signed_in.display_name, user.username);
        signed_in
    }
}

pub(crate) async fn get(url: Url) -> (u16, String) {
    let client = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().unwrap();
    let response = client.get(url).send().await.unwrap();
    (response.status().as_u16(), response.text().await.unwrap())
}

/// Of tokens that another process had in its store: whether the server still takes them.
async fn still_good(play: &Play, left: &Arc<MemorySecretStore>) -> bool {
    let session = play.session(left);
    let user = session.restore().await.unwrap().unwrap();
    let token = session.access_token(&user).await.ok().unwrap();
    match session.refresh_after_rejection(&user, &token).await {
        Ok(_) => true,
        Err(SessionError::SignInEnded) => false,
        Err(error) => panic!("{error}"),
    }
}

/// What lies in a store now, for a process of its own.
async fn copied(store: &Arc<MemorySecretStore>) -> Arc<MemorySecretStore> {
    use minihost::ports::{SecretName, SecretStore as _};
    let copy = Arc::new(MemorySecretStore::default());
    let secret = store.get(SecretName::USER_TOKENS).await.unwrap().unwrap();
    copy.put(SecretName::USER_TOKENS, &secret).await.unwrap();
    copy
}

#[tokio::test]
async fn a_user_signs_in_with_the_browser_and_stays_signed_in_until_they_sign_out() {
    let play = Play::begin().await;
    let secrets = Arc::new(MemorySecretStore::default());
    let session = play.session(&secrets);
    let user = play.sign_in(&session).await;
    let token = session.access_token(&user).await.ok().unwrap();
    let other = session.refresh_after_rejection(&user, &token).await.ok().unwrap();
    assert_ne!(other.expose(), token.expose());

    let restarted = play.session(&secrets);
    let restored = restarted.restore().await.unwrap().unwrap();
    assert_eq!((&restored.id, &restored.display_name), (&user.id, &user.display_name));
    let left = copied(&secrets).await;
    restarted.sign_out().await.unwrap();
    assert_eq!(restarted.current_user(), None);
    assert!(!still_good(&play, &left).await, "the server has ended what was signed out of");
}

#[tokio::test]
async fn another_user_takes_the_place_of_the_first_whose_tokens_end() {
    let play = Play::begin().await;
    let secrets = Arc::new(MemorySecretStore::default());
    let session = play.session(&secrets);
    let first = play.sign_in(&session).await;
    let left = copied(&secrets).await;
    let second = play.sign_in(&session).await;
    assert_ne!(first.id, second.id);
    assert!(second.epoch > first.epoch);
    let refused = session.access_token(&first).await.err();
    assert_eq!(refused, Some(SessionError::AccountChanged));
    // Revoking goes on beside the sign-in.
    while still_good(&play, &left).await {
        tokio::task::yield_now().await;
    }
    assert!(session.access_token(&second).await.is_ok());
}

#[tokio::test]
async fn a_user_who_declines_is_not_signed_in() {
    let play = Play::begin().await;
    let session = play.session(&Arc::default());
    let redirect_uri = LoopbackRedirect::listen().await.unwrap().redirect_uri();
    let sign_in = session.begin_sign_in(redirect_uri, SignInWish::Ordinary).await.unwrap();
    let (_, location) = play.visit(sign_in.page(), Decision::Deny).await;
    let refused = session.finish_sign_in(sign_in, &location).await;
    assert_eq!(refused, Err(SignInError::Denied));
    assert_eq!(session.current_user(), None);
}

#[tokio::test]
async fn an_answer_of_another_sign_in_or_another_server_is_dropped() {
    let play = Play::begin().await;
    let session = play.session(&Arc::default());
    let redirect_uri = LoopbackRedirect::listen().await.unwrap().redirect_uri();
    for spoil in [
        |url: &str| url.replace("state=", "state=x"),
        |url: &str| url.replace("state=", "stat="),
        |url: &str| url.replace("iss=", "iss=x"),
        |url: &str| url.replace("iss=", "is="),
        |url: &str| url.replace("code=", "cod="),
        |url: &str| format!("{url}&code=2"),
        |url: &str| url.replace("/callback", "/elsewhere"),
        |url: &str| url.replace("127.0.0.1", "127.0.0.2"),
    ] {
        let redirect_uri = redirect_uri.clone();
        let sign_in = session.begin_sign_in(redirect_uri, SignInWish::Ordinary).await.unwrap();
        let (_, location) = play.visit(sign_in.page(), Decision::AllowAll).await;
        let spoilt: Url = spoil(location.as_str()).parse().unwrap();
        let refused = session.finish_sign_in(sign_in, &spoilt).await;
        assert!(matches!(refused, Err(SignInError::WrongAnswer(_))), "{spoilt}: {refused:?}");
    }
    assert_eq!(session.current_user(), None);
}

#[tokio::test]
async fn the_listener_waits_for_its_own_browser_whoever_else_knocks() {
    let play = Play::begin().await;
    let session = play.session(&Arc::default());
    let listener = LoopbackRedirect::listen().await.unwrap();
    let redirect_uri = listener.redirect_uri();
    let own = redirect_uri.as_str().to_owned();
    let sign_in = session.begin_sign_in(redirect_uri, SignInWish::Ordinary).await.unwrap();
    let (_, location) = play.visit(sign_in.page(), Decision::AllowAll).await;
    let knock = async {
        for other in ["?state=x&code=y", "?error=access_denied", "", "/favicon.ico"] {
            let (status, text) = get(format!("{own}{other}").parse().unwrap()).await;
            assert_eq!((status, text), (404, String::new()), "{other}");
        }
        get(location.clone()).await
    };
    let (answer, seen) = tokio::join!(listener.answer(&sign_in, WORDS), knock);
    assert_eq!((answer.unwrap(), seen.0), (location, 200));
}

#[tokio::test]
async fn a_wish_goes_along_to_the_server() {
    let play = Play::begin().await;
    let session = play.session(&Arc::default());
    let redirect_uri = LoopbackRedirect::listen().await.unwrap().redirect_uri();
    for (wish, expected) in [
        (SignInWish::Ordinary, vec![]),
        (
            SignInWish::Again { acr_values: vec!["a".into(), "b".into()], max_age: None },
            vec![("acr_values", "a b"), ("prompt", "login")],
        ),
        (SignInWish::Again { acr_values: vec![], max_age: Some(300) }, vec![("max_age", "300")]),
        (SignInWish::ChooseAccount, vec![("prompt", "select_account")]),
    ] {
        let sign_in = session.begin_sign_in(redirect_uri.clone(), wish).await.unwrap();
        let sent = sign_in.page().query_pairs();
        let sent = sent.filter(|(name, _)| matches!(&**name, "acr_values" | "prompt" | "max_age"));
        let sent: Vec<_> =
            sent.map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
        let expected: Vec<_> =
            expected.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        assert_eq!(sent, expected);
    }
}
