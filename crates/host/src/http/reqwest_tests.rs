//! The real transport against servers that misbehave, on real sockets.

use std::{sync::Arc, time::Duration};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
};
use url::Url;
use zeroize::Zeroizing;

use super::{
    Answer, Exchange, Fault, Instead, ReqwestTransport, exchange::MAX_BODY, scripted::TestClock,
};
use crate::ports::{HttpError, HttpRequest, HttpTransport, SecretBytes};

/// What a server does once it has read a request.
#[derive(Clone)]
enum Then {
    /// Sends these bytes and closes.
    Send(Vec<u8>),
    /// Sends these bytes and then nothing more.
    Stall(Vec<u8>),
    /// Sends these bytes over and over.
    Flood(Vec<u8>),
}

/// A server that answers every request alike, and what it was sent.
struct Server {
    url: Url,
    requests: UnboundedReceiver<String>,
}

async fn serve(then: Then) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/token", listener.local_addr().unwrap()).parse().unwrap();
    let (sender, requests) = unbounded_channel();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = sender.send(read_request(&mut stream).await);
            let then = then.clone();
            tokio::spawn(async move {
                match then {
                    Then::Send(bytes) => {
                        let _ = stream.write_all(&bytes).await;
                    }
                    Then::Stall(bytes) => {
                        let _ = stream.write_all(&bytes).await;
                        std::future::pending::<()>().await;
                    }
                    Then::Flood(bytes) => while stream.write_all(&bytes).await.is_ok() {},
                }
            });
        }
    });
    Server { url, requests }
}

/// The whole of it: the tests' bodies end with `end`. Of TLS, which begins with 22, some of it.
async fn read_request(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"end") && !bytes.starts_with(&[22]) {
        if stream.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
            break;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn answer(head: &str, body: &str) -> Then {
    Then::Send(format!("HTTP/1.1 {head}\r\ncontent-length: {}\r\n\r\n{body}", body.len()).into())
}

fn post(url: &Url, milliseconds: u64) -> HttpRequest {
    let body = SecretBytes::new(*b"a=1&end");
    HttpRequest::post_form(url.clone(), body, Duration::from_millis(milliseconds))
}

async fn exchange(then: Then, milliseconds: u64) -> (Result<Answer, Fault>, Server) {
    let server = serve(then).await;
    let transport = Arc::new(ReqwestTransport::new());
    let exchange = Exchange::new(transport, Arc::new(TestClock::default()));
    (exchange.send(post(&server.url, milliseconds)).await, server)
}

async fn fault(then: Then, milliseconds: u64) -> Fault {
    let (result, mut server) = exchange(then, milliseconds).await;
    let fault = result.err().expect("no answer");
    server.requests.recv().await.unwrap();
    assert!(server.requests.try_recv().is_err(), "what was sent is not sent again");
    fault
}

#[tokio::test]
async fn a_request_arrives_as_it_was_meant() {
    let server = serve(answer("200 OK\r\ncontent-type: application/json\r\nx-a: b", "{}")).await;
    let mut requests = server.requests;
    let request = post(&server.url, 5000).authorized(Zeroizing::new("Bearer t".to_owned()));
    let response = ReqwestTransport::new().send(&request).await.ok().unwrap();
    assert_eq!((response.status(), response.body()), (200, &b"{}"[..]));
    assert_eq!(response.header("X-A"), Some("b"));
    let request = requests.recv().await.unwrap().to_ascii_lowercase();
    for line in [
        "post /token http/1.1\r\n",
        "content-type: application/x-www-form-urlencoded\r\n",
        "authorization: bearer t\r\n",
        "accept: application/json\r\n",
        "user-agent: minihost/",
        "content-length: 7\r\n",
        "\r\n\r\na=1&end",
    ] {
        assert!(request.contains(line), "{line} in {request}");
    }
    assert!(!request.contains("accept-encoding"));
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let trap = serve(answer("200 OK", "")).await;
    for status in ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"] {
        let head = format!("{status}\r\nlocation: {}", trap.url);
        assert!(matches!(fault(answer(&head, ""), 5000).await, Fault::NotTheServer { .. }));
    }
    let mut requests = trap.requests;
    assert!(requests.try_recv().is_err());
}

#[tokio::test]
async fn a_captive_portal_is_not_the_server() {
    let portal = answer("200 OK\r\ncontent-type: text/html", "<html>Welcome</html>");
    let page = Fault::NotTheServer { status: 200, instead: Instead::Page };
    assert_eq!(fault(portal, 5000).await, page);
}

#[tokio::test]
async fn a_server_that_never_answers_or_never_ends_runs_into_the_deadline() {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{";
    for then in [Then::Stall(Vec::new()), Then::Stall(head.into())] {
        assert_eq!(fault(then, 300).await, Fault::TimedOut);
    }
}

#[tokio::test]
async fn an_answer_cut_anywhere_is_a_broken_connection() {
    let whole = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}";
    for cut in 0..whole.len() {
        let fault = fault(Then::Send(whole[..cut].into()), 5000).await;
        assert!(matches!(fault, Fault::ConnectionLost(_)), "cut at {cut}: {fault:?}");
    }
    assert!(exchange(Then::Send(whole.into()), 5000).await.0.is_ok());
}

#[tokio::test]
async fn a_body_without_end_is_not_read_to_its_end() {
    let too_large = Fault::from(HttpError::TooLarge);
    let announced = answer("200 OK\r\ncontent-type: application/json", &"1".repeat(MAX_BODY + 1));
    assert_eq!(fault(announced, 5000).await, too_large);
    let mut chunk = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
    let piece = "x".repeat(65536);
    chunk.extend_from_slice(format!("10000\r\n{piece}\r\n").repeat(17).as_bytes());
    assert_eq!(fault(Then::Stall(chunk), 5000).await, too_large);
    let endless = b"HTTP/1.1 200 OK\r\n\r\nxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx".to_vec();
    let fault = fault(Then::Flood(endless), 20_000).await;
    assert_eq!(fault, too_large);
}

#[tokio::test]
async fn what_is_no_http_is_a_broken_connection() {
    for bytes in [&b"SSH-2.0-OpenSSH\r\n"[..], b"\x16\x03\x01\x00\x05hello", b"\r\n\r\n"] {
        let fault = fault(Then::Send(bytes.to_vec()), 5000).await;
        assert!(matches!(fault, Fault::ConnectionLost(_)), "{fault:?}");
    }
}

#[tokio::test]
async fn where_nobody_listens_nothing_was_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url: Url = format!("http://{}/?secret=1", listener.local_addr().unwrap()).parse().unwrap();
    drop(listener);
    let error = ReqwestTransport::new().send(&post(&url, 5000)).await.err().unwrap();
    let HttpError::NotSent(detail) = error else { panic!("{error}") };
    assert!(!detail.contains("secret"), "{detail}");
}

#[tokio::test]
async fn tls_that_does_not_come_about_means_that_nothing_was_sent() {
    let server = serve(Then::Send(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec())).await;
    let mut url = server.url.clone();
    url.set_scheme("https").unwrap();
    let error = ReqwestTransport::new().send(&post(&url, 5000)).await.err().unwrap();
    assert!(matches!(error, HttpError::NotSent(_)), "{error}");
}

#[tokio::test]
async fn plain_http_does_not_leave_the_machine() {
    let url: Url = "http://as.example/".parse().unwrap();
    let error = ReqwestTransport::new().send(&post(&url, 5000)).await.err().unwrap();
    assert!(matches!(error, HttpError::NotSent(_)), "{error}");
}
