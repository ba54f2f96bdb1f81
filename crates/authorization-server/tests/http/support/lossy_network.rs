//! A way to the server on which answers get lost after the server has done what was asked.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Mutex;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::{World, http_client};

/// Between a client and the server; one request at a time.
pub(crate) struct LossyNetwork {
    url: String,
    /// The server's own, by which it is called on every way.
    host: String,
    let_through: Arc<AtomicUsize>,
    answers: Mutex<UnboundedReceiver<Vec<u8>>>,
}

impl LossyNetwork {
    pub(crate) async fn to(base: &str) -> Self {
        let server = base.strip_prefix("http://").unwrap().to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/token", listener.local_addr().unwrap());
        let let_through = Arc::new(AtomicUsize::new(usize::MAX));
        let (told, answers) = unbounded_channel();
        let (limit, host) = (Arc::clone(&let_through), server.clone());
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let whole = carry(client, &server, limit.load(Ordering::SeqCst)).await;
                let _ = told.send(whole);
            }
        });
        Self { url, host, let_through, answers: Mutex::new(answers) }
    }

    /// How many bytes the answer to a refresh has.
    pub(crate) async fn whole_answer(&self, world: &World, client: &str) -> usize {
        let tokens = world.tokens(client, "alice").await;
        self.let_through.store(usize::MAX, Ordering::SeqCst);
        assert!(self.refresh(client, tokens.text("refresh_token")).await.is_ok());
        self.answers.lock().await.recv().await.unwrap().len()
    }

    /// Refreshes, lets the client have only so many bytes of the answer, and returns the JSON that
    /// the server sent.
    pub(crate) async fn lose_answer(&self, client: &str, token: &str, let_through: usize) -> Value {
        self.let_through.store(let_through, Ordering::SeqCst);
        assert!(self.refresh(client, token).await.is_err(), "the client has no whole answer");
        let answer = self.answers.lock().await.recv().await.unwrap();
        let body = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap() + 4;
        let json: Value = serde_json::from_slice(&answer[body..]).unwrap();
        assert!(json["refresh_token"].is_string(), "{json}");
        json
    }

    async fn refresh(&self, client: &str, token: &str) -> reqwest::Result<Value> {
        let form =
            [("grant_type", "refresh_token"), ("refresh_token", token), ("client_id", client)];
        let request = http_client()
            .post(&self.url)
            .header("connection", "close")
            .header("host", &self.host)
            .form(&form);
        request.send().await?.json().await
    }
}

/// Carries one request there and the first bytes of the answer back; returns the whole answer.
async fn carry(mut client: TcpStream, server: &str, let_through: usize) -> Vec<u8> {
    let mut request = Vec::new();
    // The form ends with the client's id, and the client waits for the answer.
    while !request.ends_with(b"client_id=gallery") {
        assert_ne!(client.read_buf(&mut request).await.unwrap(), 0);
    }
    let mut onward = TcpStream::connect(server).await.unwrap();
    onward.write_all(&request).await.unwrap();
    let mut answer = Vec::new();
    onward.read_to_end(&mut answer).await.unwrap();
    let back = &answer[..let_through.min(answer.len())];
    client.write_all(back).await.unwrap();
    answer
}
