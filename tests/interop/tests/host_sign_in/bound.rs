//! Tokens that are bound to a key of the host, at the real server.

use std::sync::Arc;

use minihost::{
    ports::UserSession as _,
    session::{LoopbackRedirect, SignInWish, TokenBinding},
    store::MemorySecretStore,
};
use minihost_interop::Decision;

use crate::{Play, WORDS, get, native};

#[tokio::test]
async fn a_token_is_bound_to_the_host_through_refreshes_and_restarts_and_is_of_no_use_to_a_thief() {
    let play =
        Play::of(minihost_interop::ClientMetadata { dpop_bound_access_tokens: true, ..native() })
            .await;
    let secrets = Arc::new(MemorySecretStore::default());
    let session = play.session_with(&secrets, TokenBinding::WhereOffered);
    let listener = LoopbackRedirect::listen().await.unwrap();
    let redirect_uri = listener.redirect_uri();
    let sign_in = session.begin_sign_in(redirect_uri, SignInWish::Ordinary).await.unwrap();
    let (_, location) = play.visit(sign_in.page(), Decision::AllowAll).await;
    let (answer, _) = tokio::join!(listener.answer(&sign_in, WORDS), get(location));
    let user = session.finish_sign_in(sign_in, &answer.unwrap()).await.unwrap();
    let token = session.access_token(&user).await.ok().unwrap();

    let authority = reqwest::Certificate::from_pem(play.stage.authority().as_bytes()).unwrap();
    let thief = reqwest::Client::builder().no_proxy().tls_certs_only([authority]).build().unwrap();
    for scheme in ["Bearer", "DPoP"] {
        let stolen = thief.get(format!("{}/userinfo", play.stage.issuer()));
        let stolen = stolen.header("authorization", format!("{scheme} {}", token.expose()));
        assert_eq!(stolen.send().await.unwrap().status(), 401, "{scheme}");
    }

    let restarted = play.session_with(&secrets, TokenBinding::WhereOffered);
    let user = restarted.restore().await.unwrap().unwrap();
    let next = restarted.refresh_after_rejection(&user, &token).await.ok().unwrap();
    assert_ne!(next.expose(), token.expose());
    restarted.sign_out().await.unwrap();
}
