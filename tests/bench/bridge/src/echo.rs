//! The floor: a page in a frame posts a text to the page around it, which passes it on over a
//! WebSocket to a server that sends it back. Nothing is checked and nothing is decided.

use axum::{
    Router,
    extract::{
        Request,
        ws::{Message, WebSocket, WebSocketUpgrade},
    },
    http::header,
    response::{Html, IntoResponse},
    routing::{any, get},
};
use tokio::net::TcpListener;

/// Serves both pages, each at a name of its own, and gives the outer one's address.
pub(crate) async fn serve() -> std::io::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let port = listener.local_addr()?.port();
    let router = Router::new().route("/", get(page)).route("/ws", any(echo));
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(format!("http://host.echo.localhost:{port}/"))
}

async fn page(request: Request) -> impl IntoResponse {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let is_outer = host.is_some_and(|host| host.starts_with("host."));
    Html(if is_outer { include_str!("outer.html") } else { include_str!("frame.html") })
}

async fn echo(upgrade: WebSocketUpgrade) -> impl IntoResponse {
    upgrade.on_upgrade(async |mut socket: WebSocket| {
        while let Some(Ok(Message::Text(text))) = socket.recv().await {
            if socket.send(Message::Text(text)).await.is_err() {
                return;
            }
        }
    })
}
