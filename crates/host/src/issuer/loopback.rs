//! A server on a real socket that answers from a script.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex},
};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use url::{Url, form_urlencoded};

/// What the server does with a request.
#[derive(Clone)]
pub(super) enum Reply {
    /// Status, headers, body. `{state}` stands for the one of the request, `{origin}` for the server.
    Answer(u16, Vec<(&'static str, String)>, String),
    /// Closes without a word.
    Cut,
}

/// What came in.
pub(super) struct Seen {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) headers: HashMap<String, String>,
    pub(super) query: HashMap<String, String>,
    pub(super) body: String,
}

/// Ends when it is dropped. The metadata is answered by itself and is not seen.
pub(super) struct Loopback {
    pub(super) origin: String,
    seen: Arc<Mutex<Vec<Seen>>>,
    serving: JoinHandle<()>,
}

impl Drop for Loopback {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

pub(super) fn redirect(to: &str) -> Reply {
    Reply::Answer(302, vec![("location", to.to_owned())], String::new())
}

/// The redirect that ends well.
pub(super) fn code() -> Reply {
    redirect("https://teahouse.example/callback?code=c0de&state={state}&iss={origin}")
}

pub(super) fn answered(error: &str) -> Reply {
    redirect(&format!("https://teahouse.example/callback?error={error}&state={{state}}"))
}

pub(super) fn html(status: u16) -> Reply {
    Reply::Answer(status, vec![("content-type", "text/html".into())], "<html>Welcome</html>".into())
}

pub(super) fn body(status: u16, body: Value) -> Reply {
    Reply::Answer(status, vec![("content-type", "application/json".into())], body.to_string())
}

pub(super) fn empty(status: u16) -> Reply {
    Reply::Answer(status, Vec::new(), String::new())
}

impl Loopback {
    pub(super) async fn new(replies: impl IntoIterator<Item = Reply>) -> Self {
        Self::with_metadata(replies, json!({})).await
    }

    /// With these members of the metadata beside the usual ones; `{origin}` as in a reply.
    pub(super) async fn with_metadata(
        replies: impl IntoIterator<Item = Reply>,
        more: Value,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let mut metadata = crate::http::scripted::metadata(&origin);
        for (name, value) in more.as_object().unwrap() {
            metadata[name] = value.clone();
        }
        let seen = Arc::new(Mutex::new(Vec::new()));
        let serving = tokio::spawn({
            let (origin, seen) = (origin.clone(), seen.clone());
            let mut replies: VecDeque<Reply> = replies.into_iter().collect();
            let mut state = String::new();
            async move {
                while let Ok((mut stream, _)) = listener.accept().await {
                    let Some(request) = read(&mut stream).await else { continue };
                    let reply = if request.path.starts_with("/.well-known/") {
                        body(200, metadata.clone())
                    } else {
                        let named = request.query.get("state").cloned();
                        let pushed = form_urlencoded::parse(request.body.as_bytes())
                            .find(|(name, _)| name == "state")
                            .map(|(_, value)| value.into_owned());
                        state = named.or(pushed).unwrap_or(state);
                        seen.lock().unwrap().push(request);
                        replies.pop_front().unwrap_or(Reply::Cut)
                    };
                    match reply {
                        Reply::Answer(status, headers, body) => {
                            let fill = |text: &str| {
                                text.replace("{state}", &state).replace("{origin}", &origin)
                            };
                            let mut head = format!("HTTP/1.1 {status} x\r\nconnection: close\r\n");
                            for (name, value) in headers {
                                head.push_str(&format!("{name}: {}\r\n", fill(&value)));
                            }
                            let body = fill(&body);
                            head.push_str(&format!("content-length: {}\r\n\r\n{body}", body.len()));
                            let _ = stream.write_all(head.as_bytes()).await;
                        }
                        Reply::Cut => {}
                    }
                }
            }
        });
        Self { origin, seen, serving }
    }

    pub(super) fn take_seen(&self) -> Vec<Seen> {
        std::mem::take(&mut self.seen.lock().unwrap())
    }
}

async fn read(stream: &mut TcpStream) -> Option<Seen> {
    let mut bytes = Vec::new();
    let head = loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let text = String::from_utf8(bytes[..head].to_vec()).ok()?;
    let mut lines = text.split("\r\n");
    let mut words = lines.next()?.split(' ');
    let (method, target) = (words.next()?.to_owned(), words.next()?);
    let headers: HashMap<String, String> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let length: usize = headers.get("content-length").map_or(0, |n| n.parse().unwrap());
    while bytes.len() < head + 4 + length {
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    let body = String::from_utf8(bytes[head + 4..].to_vec()).ok()?;
    let url = Url::parse(&format!("http://x{target}")).ok()?;
    let query = url.query_pairs().into_owned().collect();
    Some(Seen { method, path: url.path().to_owned(), headers, query, body })
}
