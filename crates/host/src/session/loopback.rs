//! Taking the browser's answer on a desktop (RFC 8252 §7.3).

use std::{io, net::Ipv4Addr, time::Duration};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    time::timeout,
};
use url::Url;

use super::{BrowserSignIn, RedirectUri};

const PATH: &str = "/callback";
/// The longest head of a request that is read, in bytes.
const LONGEST_HEAD: usize = 16 * 1024;
/// A browser sends its request at once; whoever else connects must not hold up the answer.
const TIME_ALLOWED: Duration = Duration::from_secs(5);

/// Waits on the loopback interface, at a port that the system chose, for the browser to come back.
/// Register `http://127.0.0.1/callback`: servers let the port be any.
pub struct LoopbackRedirect {
    listener: TcpListener,
    port: u16,
}

impl LoopbackRedirect {
    /// Begins to listen. Must be awaited within a tokio runtime with I/O and time enabled.
    ///
    /// # Errors
    /// There is no port.
    pub async fn listen() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        Ok(Self { listener, port })
    }

    /// Where the browser is to come back to.
    pub fn redirect_uri(&self) -> RedirectUri {
        let uri = format!("http://127.0.0.1:{}{PATH}", self.port);
        RedirectUri::new(&uri).expect("it is on the loopback interface")
    }

    /// Waits for the answer to this sign-in and shows the user `words`: one sentence, as plain text.
    /// Everything else that comes is turned away, and it waits on: bound the time, and drop the future
    /// where the user gives up.
    ///
    /// # Errors
    /// The listener has failed.
    pub async fn answer(self, sign_in: &BrowserSignIn, words: &str) -> io::Result<Url> {
        loop {
            let (mut stream, _) = self.listener.accept().await?;
            let Ok(Some(address)) = timeout(TIME_ALLOWED, self.request(&mut stream)).await else {
                continue;
            };
            let answered = sign_in.is_answered_by(&address);
            let (status, text) = if answered { ("200 OK", words) } else { ("404 Not Found", "") };
            let page = page(status, text);
            // Who closes the window before it says anything has come back all the same.
            let _ = timeout(TIME_ALLOWED, stream.write_all(page.as_bytes())).await;
            let _ = timeout(TIME_ALLOWED, stream.shutdown()).await;
            if answered {
                return Ok(address);
            }
        }
    }

    /// The address that is asked for; nothing of what is no request of a browser's.
    async fn request(&self, stream: &mut TcpStream) -> Option<Url> {
        let mut head = Vec::new();
        while !head.windows(4).any(|end| end == b"\r\n\r\n") {
            let room = LONGEST_HEAD - head.len();
            if room == 0 || stream.take_into(&mut head, room).await? == 0 {
                return None;
            }
        }
        let line = head.split(|byte| *byte == b'\r').next()?;
        let target = std::str::from_utf8(line).ok()?.strip_prefix("GET ")?;
        let target = target.strip_suffix(" HTTP/1.1").filter(|target| target.starts_with('/'))?;
        Url::parse(&format!("http://127.0.0.1:{}{target}", self.port)).ok()
    }
}

/// Reads at most so many bytes more.
trait TakeInto {
    async fn take_into(&mut self, head: &mut Vec<u8>, room: usize) -> Option<usize>;
}

impl TakeInto for TcpStream {
    async fn take_into(&mut self, head: &mut Vec<u8>, room: usize) -> Option<usize> {
        let limit = u64::try_from(room).unwrap_or(u64::MAX);
        self.take(limit).read_buf(head).await.ok()
    }
}

fn page(status: &str, text: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: {}\r\n\
         cache-control: no-store\r\nreferrer-policy: no-referrer\r\nx-content-type-options: nosniff\r\n\
         connection: close\r\n\r\n{text}",
        text.len()
    )
}
