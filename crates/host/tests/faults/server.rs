//! A server whose answers are scripted, byte for byte.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

/// How one request to the token endpoint is answered.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// With these bytes; then the connection is closed.
    Bytes(Vec<u8>),
    /// With these bytes, and the connection stays open.
    KeepAlive(Vec<u8>),
    /// With these bytes over and over.
    Flood(Vec<u8>),
    /// With these bytes, and nothing after them.
    Stall(Vec<u8>),
}

/// The server. Metadata and user details are as they should be; what is scripted is the token endpoint.
#[derive(Clone)]
pub(crate) struct Server(Arc<Inner>);

struct Inner {
    issuer: String,
    script: Mutex<VecDeque<Answer>>,
    /// The bodies that came to the token endpoint.
    seen: Mutex<Vec<String>>,
    metadata: Mutex<String>,
    /// Sent with every answer that is not scripted.
    date: Mutex<Option<String>>,
}

impl Server {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let server = Self(Arc::new(Inner {
            metadata: Mutex::new(metadata(&issuer, &issuer)),
            issuer,
            script: Mutex::default(),
            seen: Mutex::default(),
            date: Mutex::default(),
        }));
        let serving = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let server = serving.clone();
                tokio::spawn(async move { server.serve(stream).await });
            }
        });
        server
    }

    pub(crate) fn issuer(&self) -> &str {
        &self.0.issuer
    }

    /// What comes next at the token endpoint; afterwards it gives tokens.
    pub(crate) fn script(&self, answers: impl IntoIterator<Item = Answer>) {
        self.0.script.lock().unwrap().extend(answers);
    }

    /// What the token endpoint was sent since the last look.
    pub(crate) fn take_seen(&self) -> Vec<String> {
        std::mem::take(&mut self.0.seen.lock().unwrap())
    }

    pub(crate) fn set_metadata(&self, json: String) {
        *self.0.metadata.lock().unwrap() = json;
    }

    /// What time it is at the server, as HTTP says it.
    pub(crate) fn set_date(&self, date: String) {
        *self.0.date.lock().unwrap() = Some(date);
    }

    async fn serve(self, mut stream: TcpStream) {
        while let Some((path, body)) = read_request(&mut stream).await {
            let answer = match path.as_str() {
                "/userinfo" => {
                    let json = r#"{"sub":"u-alice","preferred_username":"alice"}"#;
                    Answer::KeepAlive(self.dated(json))
                }
                "/token" | "/moved" => {
                    self.0.seen.lock().unwrap().push(body);
                    let next = self.0.script.lock().unwrap().pop_front();
                    next.unwrap_or_else(|| Answer::KeepAlive(self.dated(TOKENS)))
                }
                _ => {
                    let metadata = self.0.metadata.lock().unwrap().clone();
                    Answer::KeepAlive(self.dated(&metadata))
                }
            };
            match answer {
                Answer::Bytes(bytes) => {
                    let _ = stream.write_all(&bytes).await;
                    return;
                }
                Answer::KeepAlive(bytes) => {
                    if stream.write_all(&bytes).await.is_err() {
                        return;
                    }
                }
                Answer::Flood(bytes) => {
                    while stream.write_all(&bytes).await.is_ok() {}
                    return;
                }
                Answer::Stall(bytes) => {
                    let _ = stream.write_all(&bytes).await;
                    std::future::pending::<()>().await;
                }
            }
        }
    }

    fn dated(&self, json: &str) -> Vec<u8> {
        let date = self.0.date.lock().unwrap().clone();
        let date = date.map(|date| format!("date: {date}\r\n")).unwrap_or_default();
        http("200 OK", &format!("content-type: application/json\r\n{date}"), json.as_bytes())
    }
}

/// Tokens whose time is up at once, so that every use of them asks the server.
pub(crate) const TOKENS: &str =
    r#"{"access_token":"good","token_type":"Bearer","expires_in":0,"refresh_token":"r"}"#;

/// An answer; header lines end with CRLF.
pub(crate) fn http(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let mut answer =
        format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n", body.len())
            .into_bytes();
    answer.extend_from_slice(body);
    answer
}

pub(crate) fn metadata(issuer: &str, endpoints: &str) -> String {
    serde_json::json!({
        "issuer": issuer,
        "token_endpoint": format!("{endpoints}/token"),
        "userinfo_endpoint": format!("{endpoints}/userinfo"),
    })
    .to_string()
}

async fn read_request(stream: &mut TcpStream) -> Option<(String, String)> {
    let mut bytes = Vec::new();
    let head = loop {
        if let Some(at) = bytes.windows(4).position(|end| end == b"\r\n\r\n") {
            break at + 4;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let text = String::from_utf8_lossy(&bytes[..head]).to_ascii_lowercase();
    let length = text.lines().find_map(|line| line.strip_prefix("content-length: "));
    let length: usize = length.map_or(0, |length| length.parse().unwrap());
    while bytes.len() < head + length {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    let path = text.split(' ').nth(1)?.to_owned();
    Some((path, String::from_utf8_lossy(&bytes[head..]).into_owned()))
}
