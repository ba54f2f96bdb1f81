//! Limits, over sockets that do what a well-behaved client does not.

use std::time::Duration;

use minihost_authorization_server::{
    AuthorizationServer, Config, Limits, ListenError, Listener, ServeOptions, Tls,
};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// Longer than any limit of these tests; only a test that fails waits for it.
const PATIENCE: Duration = Duration::from_secs(60);
const SHORT: Duration = Duration::from_millis(300);

/// A server of its own limits.
struct Served {
    host: String,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
    _directory: TempDir,
}

impl Served {
    async fn with(limits: Limits, hosts: &[&str], tls: Option<Tls>) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let address = "127.0.0.1:0".parse().unwrap();
        let scheme = if tls.is_some() { "https" } else { "http" };
        let listener = Listener::loopback(address, tls).await.unwrap();
        let host = listener.address().unwrap().to_string();
        let issuer = format!("{scheme}://{host}").parse().unwrap();
        let config = Config::new(issuer, directory.path().join("server.sqlite"));
        let server = AuthorizationServer::open(config).await.unwrap();
        let hosts = hosts.iter().map(|host| (*host).to_owned()).collect();
        let options = ServeOptions { limits, hosts };
        let (stop, stopped) = oneshot::channel::<()>();
        let task = tokio::spawn(async move {
            let stopped = async { drop(stopped.await) };
            server.serve(listener, options, stopped).await;
            server.close().await;
        });
        Self { host, stop, task, _directory: directory }
    }

    async fn new() -> Self {
        Self::with(Limits::default(), &[], None).await
    }

    async fn connect(&self) -> Raw {
        Raw(TcpStream::connect(&self.host).await.unwrap())
    }

    /// The status of the answer to these bytes, on a connection of their own.
    async fn status(&self, request: &str) -> u16 {
        let mut raw = self.connect().await;
        raw.send(request).await;
        raw.answer().await.0
    }

    fn get(&self) -> String {
        format!("GET /jwks HTTP/1.1\r\nhost: {}\r\n\r\n", self.host)
    }

    fn post(&self, length: usize) -> String {
        format!(
            "POST /token HTTP/1.1\r\nhost: {}\r\n\
             content-type: application/x-www-form-urlencoded\r\ncontent-length: {length}\r\n\r\n",
            self.host
        )
    }
}

struct Raw(TcpStream);

impl Raw {
    async fn send(&mut self, bytes: &str) {
        self.0.write_all(bytes.as_bytes()).await.unwrap();
    }

    /// Status and body of the next answer.
    async fn answer(&mut self) -> (u16, String) {
        tokio::time::timeout(PATIENCE, async {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(self.0.read_u8().await.unwrap());
            }
            let head = String::from_utf8(head).unwrap();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
            self.0.read_exact(&mut body).await.unwrap();
            (head[9..12].parse().unwrap(), String::from_utf8(body).unwrap())
        })
        .await
        .unwrap()
    }

    /// Returns when the server has closed the connection.
    async fn closed(&mut self) {
        let mut rest = Vec::new();
        // A reset closes it too.
        let _ = tokio::time::timeout(PATIENCE, self.0.read_to_end(&mut rest)).await.unwrap();
    }
}

#[tokio::test]
async fn a_request_for_another_host_is_misdirected_whichever_way_it_says_so() {
    let served = Served::with(Limits::default(), &["id.internal:7500"], None).await;
    let ours = served.host.clone();
    let ask = async |target: &str, headers: &str| {
        served.status(&format!("GET {target} HTTP/1.1\r\n{headers}\r\n")).await
    };
    assert_eq!(ask("/jwks", &format!("host: {ours}\r\n")).await, 200);
    assert_eq!(ask("/jwks", "host: id.internal:7500\r\n").await, 200);
    assert_eq!(ask(&format!("http://{ours}/jwks"), "host: evil.example\r\n").await, 200);
    assert_eq!(ask("/jwks", "host: evil.example\r\n").await, 421);
    assert_eq!(ask("/jwks", "host: localhost\r\n").await, 421);
    assert_eq!(ask("http://evil.example/jwks", &format!("host: {ours}\r\n")).await, 421);
    assert_eq!(ask("/jwks", "").await, 400);
    assert_eq!(ask("/jwks", &format!("host: {ours}\r\nhost: {ours}\r\n")).await, 400);
}

#[tokio::test]
async fn a_body_may_have_64_kib_and_a_head_16_kib() {
    let served = Served::new().await;
    for (length, status) in [(64 * 1024, 401), (64 * 1024 + 1, 413)] {
        let body = format!("client_id={}", "x".repeat(length - 10));
        let request = format!("{}{body}", served.post(length));
        assert_eq!(served.status(&request).await, status, "{length} bytes at once");
        let chunked = served.post(0).replace("content-length: 0", "transfer-encoding: chunked");
        let chunked = format!("{chunked}{length:x}\r\n{body}\r\n0\r\n\r\n");
        assert_eq!(served.status(&chunked).await, status, "{length} bytes in chunks");
    }
    for (length, status) in [(15 * 1024, 200), (17 * 1024, 431)] {
        let padding = format!("x-padding: {}\r\n\r\n", "x".repeat(length));
        let request = served.get().replacen("\r\n\r\n", &format!("\r\n{padding}"), 1);
        assert_eq!(served.status(&request).await, status, "{length} bytes");
    }
}

#[tokio::test]
async fn who_is_slow_is_cut_off_and_told_where_http_has_a_word_for_it() {
    let limits = Limits { head: SHORT, request: SHORT, keep_alive: SHORT, ..Limits::default() };
    let served = Served::with(limits, &[], None).await;
    let mut silent = served.connect().await;
    silent.closed().await;
    let mut half = served.connect().await;
    half.send("POST /token HTTP/1.1\r\nhost: ").await;
    half.closed().await;
    let mut body = served.connect().await;
    body.send(&format!("{}grant", served.post(100))).await;
    assert_eq!(body.answer().await.0, 408);
    let mut idle = served.connect().await;
    idle.send(&served.get()).await;
    assert_eq!(idle.answer().await.0, 200);
    idle.closed().await;
}

#[tokio::test]
async fn one_connection_carries_many_requests() {
    let served = Served::new().await;
    let mut raw = served.connect().await;
    for _ in 0..3 {
        raw.send(&served.get()).await;
        assert_eq!(raw.answer().await.0, 200);
    }
    raw.send(&served.get().repeat(2)).await;
    assert_eq!((raw.answer().await.0, raw.answer().await.0), (200, 200));
}

/// The head limit is an hour here: only making room for those who ask can help them.
#[tokio::test]
async fn slow_callers_in_any_number_do_not_keep_others_out() {
    let hour = Duration::from_secs(3600);
    let limits = Limits { connections: 8, head: hour, keep_alive: hour, ..Limits::default() };
    let served = Served::with(limits, &[], None).await;
    let mut slow = Vec::new();
    for number in 0..40 {
        let mut raw = served.connect().await;
        raw.send("GET /jwks HTTP/1.1\r\nx: ").await;
        slow.push(raw);
        if number % 8 == 7 {
            assert_eq!(served.status(&served.get()).await, 200, "after {number}");
        }
    }
    slow[0].closed().await;
}

#[tokio::test]
async fn stopping_finishes_what_was_begun_and_takes_nothing_new() {
    let served = Served::new().await;
    let mut begun = served.connect().await;
    begun.send(&format!("{}grant", served.post(22))).await;
    let mut idle = served.connect().await;
    idle.send(&served.get()).await;
    assert_eq!(idle.answer().await.0, 200);

    let Served { host, stop, task, _directory } = served;
    stop.send(()).unwrap();
    idle.closed().await;
    begun.send("_type=refresh_tok").await;
    let (status, body) = begun.answer().await;
    assert_eq!(status, 401, "{body}");
    begun.closed().await;
    tokio::time::timeout(PATIENCE, task).await.unwrap().unwrap();
    assert!(TcpStream::connect(host).await.is_err());
}

#[tokio::test]
async fn stopping_waits_for_nobody_longer_than_it_must() {
    let limits = Limits { drain: SHORT, ..Limits::default() };
    let served = Served::with(limits, &[], None).await;
    let mut begun = served.connect().await;
    begun.send(&format!("{}grant", served.post(100))).await;
    let mut known = served.connect().await;
    known.send(&served.get()).await;
    assert_eq!(known.answer().await.0, 200);
    served.stop.send(()).unwrap();
    tokio::time::timeout(PATIENCE, served.task).await.unwrap().unwrap();
    begun.closed().await;
}

#[tokio::test]
async fn other_machines_reach_it_only_through_tls() {
    let everywhere = "0.0.0.0:0".parse().unwrap();
    let refused = Listener::loopback(everywhere, None).await.err().unwrap();
    assert!(matches!(refused, ListenError::NotLoopback(_)), "{refused}");
    let bound = tokio::net::TcpListener::bind("0.0.0.0:0").await.unwrap();
    let refused = Listener::on_loopback(bound).err().unwrap();
    assert!(matches!(refused, ListenError::NotLoopback(_)), "{refused}");

    let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = taken.local_addr().unwrap();
    let refused = Listener::loopback(address, None).await.err().unwrap();
    assert!(refused.to_string().contains(&address.to_string()), "{refused}");
}

fn write_certificate(directory: &TempDir) -> CertifiedKey<rcgen::KeyPair> {
    let made = generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    std::fs::write(directory.path().join("certificate.pem"), made.cert.pem()).unwrap();
    std::fs::write(directory.path().join("key.pem"), made.signing_key.serialize_pem()).unwrap();
    made
}

/// A client that trusts this certificate and no other.
fn trusting(made: &CertifiedKey<rcgen::KeyPair>) -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let root = reqwest::Certificate::from_pem(made.cert.pem().as_bytes()).unwrap();
    reqwest::Client::builder().no_proxy().tls_certs_only([root]).build().unwrap()
}

#[tokio::test]
async fn a_certificate_can_be_replaced_while_it_serves_and_a_bad_one_changes_nothing() {
    let files = tempfile::tempdir().unwrap();
    let first = write_certificate(&files);
    let path = |name: &str| files.path().join(name);
    let tls = Tls::open(path("certificate.pem"), path("key.pem")).unwrap();
    let served = Served::with(Limits::default(), &[], Some(tls.clone())).await;
    let url = format!("https://{}/jwks", served.host);
    assert!(trusting(&first).get(&url).send().await.unwrap().status().is_success());

    let second = write_certificate(&files);
    assert!(trusting(&second).get(&url).send().await.is_err(), "it is not read by itself");
    tls.reload().unwrap();
    assert!(trusting(&second).get(&url).send().await.unwrap().status().is_success());
    assert!(trusting(&first).get(&url).send().await.is_err());

    std::fs::write(path("certificate.pem"), first.cert.pem()).unwrap();
    let error = tls.reload().unwrap_err().to_string();
    assert!(error.contains("do not go together"), "{error}");
    std::fs::write(path("key.pem"), "no key").unwrap();
    let error = tls.reload().unwrap_err().to_string();
    assert!(error.contains("key.pem does not hold a PEM private key"), "{error}");
    assert!(trusting(&second).get(&url).send().await.unwrap().status().is_success());

    let mut plain = served.connect().await;
    plain.send(&served.get()).await;
    plain.closed().await;
}
