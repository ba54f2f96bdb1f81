//! A server that answers at once, so that what is measured is the way there and back.

use std::io;

use axum::{Json, Router, routing::get, routing::post};
use serde_json::json;
use tokio::net::TcpListener;

/// Starts it on the loopback interface, on a thread of its own; gives its issuer identifier.
pub(crate) async fn start() -> io::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let issuer = format!("http://{}", listener.local_addr()?);
    let listener = listener.into_std()?;
    let router = router(&issuer);
    std::thread::Builder::new().name("server".to_owned()).spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.expect("a thread can wait for sockets");
        runtime.block_on(async {
            let listener = TcpListener::from_std(listener).expect("the listener does not block");
            axum::serve(listener, router).await
        })
    })?;
    Ok(issuer)
}

fn router(issuer: &str) -> Router {
    let metadata = json!({
        "issuer": issuer, "token_endpoint": format!("{issuer}/token"),
        "userinfo_endpoint": format!("{issuer}/userinfo"),
        "authorization_challenge_endpoint": format!("{issuer}/challenge"),
        "host_mediation_supported": true,
    });
    let tokens = json!({"access_token": "a", "token_type": "Bearer", "expires_in": 86400});
    let user = json!({"sub": "u-alice", "preferred_username": "alice"});
    Router::new()
        .route("/.well-known/oauth-authorization-server", get(move || async { Json(metadata) }))
        .route("/token", post(move || async { Json(tokens) }))
        .route("/userinfo", get(move || async { Json(user) }))
        .route("/challenge", post(challenge))
}

async fn challenge(_: String) -> Json<serde_json::Value> {
    Json(json!({
        "authorization_code": "SplxlOBeZQQYbYS6WxSbIA0123456789012345678901",
        "client_id": "teahouse", "expires_in": 60, "scope": "openid email", "grant_id": "g-1",
    }))
}
