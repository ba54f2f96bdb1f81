//! HTTP/1.1 over one kept connection, with as little work for each request as possible: the generator
//! shares the machine with what it measures.

use std::io;
use std::net::SocketAddr;
use std::ops::Range;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const ROOM: usize = 16 * 1024;

/// A kept connection; one request at a time.
pub(crate) struct Connection {
    stream: TcpStream,
    received: Box<[u8]>,
}

/// An answer, in the buffer of its connection.
pub(crate) struct Answer<'a> {
    pub(crate) status: u16,
    pub(crate) body: &'a [u8],
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, received: vec![0; ROOM].into_boxed_slice() })
    }

    /// Sends a whole request and reads its answer.
    ///
    /// # Errors
    /// When the connection breaks, or the answer has no `Content-Length`, or is longer than 16 KiB.
    pub(crate) async fn exchange(&mut self, request: &[u8]) -> io::Result<Answer<'_>> {
        self.stream.write_all(request).await?;
        let mut filled = 0;
        loop {
            let read = self.stream.read(&mut self.received[filled..]).await?;
            if read == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            filled += read;
            if let Some(Head { status, body }) = head(&self.received[..filled])? {
                let missing = body.end.checked_sub(filled).ok_or_else(|| bad("more than asked"))?;
                let rest =
                    self.received.get_mut(filled..body.end).ok_or_else(|| bad("too long"))?;
                if missing > 0 {
                    self.stream.read_exact(rest).await?;
                }
                return Ok(Answer { status, body: &self.received[body] });
            }
        }
    }
}

struct Head {
    status: u16,
    body: Range<usize>,
}

/// Reads the head of an answer; `None` until it is whole.
fn head(received: &[u8]) -> io::Result<Option<Head>> {
    let Some(end) = received.windows(4).position(|four| four == b"\r\n\r\n") else {
        return Ok(None);
    };
    let mut lines = received[..end].split(|byte| *byte == b'\n');
    let status = lines
        .next()
        .and_then(|line| line.strip_prefix(b"HTTP/1.1 "))
        .and_then(|line| number(line.get(..3)?))
        .ok_or_else(|| bad("no status line"))?;
    let length = lines.find_map(content_length).ok_or_else(|| bad("no Content-Length"))?;
    let begin = end + 4;
    let status = u16::try_from(status).map_err(|_| bad("no status"))?;
    Ok(Some(Head { status, body: begin..begin + length }))
}

fn content_length(line: &[u8]) -> Option<usize> {
    const NAME: &[u8] = b"content-length:";
    let (name, value) = line.split_at_checked(NAME.len())?;
    name.eq_ignore_ascii_case(NAME).then(|| number(value.trim_ascii()))?
}

fn number(digits: &[u8]) -> Option<usize> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

fn bad(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("an answer cannot be read: {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &[u8] = b"HTTP/1.1 401 Unauthorized\r\nServer: x\r\ncontent-LENGTH:  2\r\n\r\n{}";

    #[test]
    fn the_head_gives_status_and_body_once_it_is_whole() {
        let whole = ANSWER.len() - 2;
        for part in 0..whole {
            assert!(head(&ANSWER[..part]).unwrap().is_none(), "{part}");
        }
        let Head { status, body } = head(ANSWER).unwrap().unwrap();
        assert_eq!((status, &ANSWER[body]), (401, b"{}".as_slice()));
    }

    #[test]
    fn what_cannot_be_read_is_an_error_and_no_answer() {
        for bad in [
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n",
            "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\n",
            "HTTP/1.1 2x0 OK\r\nContent-Length: 1\r\n\r\n",
        ] {
            assert!(head(bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
