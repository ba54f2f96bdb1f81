//! The connection of one tab, from its upgrade to its end.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{
        Query, State,
        ws::{Message, WebSocket, WebSocketUpgrade, rejection::WebSocketUpgradeRejection},
    },
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use tokio::time::timeout;

use super::{
    Phone,
    protocol::{FrameProblem, FromPage, ToPage},
    tab::{Outbox, TabId},
};

/// The longest frame: a bridge message of 64 KiB, each byte of it escaped as `\u00XX`, and its
/// context. What is longer is not from the page, and ends the connection.
const MAX_FRAME: usize = 512 * 1024;

/// How long a tab may leave a frame unread before its connection ends.
const PATIENCE: Duration = Duration::from_secs(10);

/// Has no `Debug`: it holds the run's token.
#[derive(Deserialize)]
pub(crate) struct Parameters {
    #[serde(default)]
    token: String,
}

/// `GET /ws`.
pub(crate) async fn connect(
    State(phone): State<Arc<Phone>>,
    Query(parameters): Query<Parameters>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    if let Err(refusal) = phone.access().check_connection(&headers, &parameters.token) {
        tracing::warn!(?refusal, "a connection was refused");
        return StatusCode::FORBIDDEN.into_response();
    }
    match upgrade {
        Ok(upgrade) => upgrade
            .max_message_size(MAX_FRAME)
            .max_frame_size(MAX_FRAME)
            .on_upgrade(|socket| serve(phone, socket)),
        Err(rejection) => rejection.into_response(),
    }
}

async fn serve(phone: Arc<Phone>, mut socket: WebSocket) {
    let (tab, mut outbox) = phone.tab_connected();
    relay(&phone, tab, &mut outbox, &mut socket).await;
    phone.tab_gone(tab);
    // The browser may be gone already; there is nobody to tell then.
    let _ = timeout(PATIENCE, socket.send(Message::Close(None))).await;
}

async fn relay(phone: &Arc<Phone>, tab: TabId, outbox: &mut Outbox, socket: &mut WebSocket) {
    loop {
        tokio::select! {
            message = outbox.recv() => {
                let Some(message) = message else { return };
                tracing::trace!(kind = message.kind(), "to the page");
                let sent = socket.send(Message::Text(message.to_text().into()));
                if !matches!(timeout(PATIENCE, sent).await, Ok(Ok(()))) {
                    return;
                }
            }
            frame = socket.recv() => {
                let parsed = match frame {
                    Some(Ok(Message::Text(text))) => FromPage::parse(&text),
                    Some(Ok(Message::Binary(_))) => Err(FrameProblem::NotText),
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => continue,
                    Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                };
                let done = parsed.and_then(|message| {
                    tracing::trace!(kind = message.kind(), "from the page");
                    phone.handle(tab, message)
                });
                if let Err(problem) = done {
                    phone.tell_tab(tab, ToPage::Error { problem });
                }
            }
        }
    }
}
