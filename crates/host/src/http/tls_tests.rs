//! TLS handshakes with real servers, and the way through a proxy.

use std::{sync::Arc, time::Duration};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, PublicKeyData as _,
    date_time_ymd,
};
use rustls::{
    ServerConfig,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
};
use tokio_rustls::TlsAcceptor;
use url::Url;

use super::{
    Answer, Certificates, Exchange, Fault, KeyPin, Network, Proxy, ReqwestTransport, Roots,
    scripted::TestClock,
};
use crate::ports::{HttpRequest, SecretBytes};

/// Vouches for servers.
struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A server over TLS, which answers whoever comes as far as a request.
struct Server {
    port: u16,
    requests: UnboundedReceiver<String>,
    key: KeyPin,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        Self(CertifiedIssuer::self_signed(params, key).unwrap())
    }

    fn roots(&self) -> Certificates {
        Certificates::from_pem(self.0.pem().as_bytes()).unwrap()
    }

    /// A server with a certificate of this authority.
    async fn serve(&self, names: &[&str], change: impl FnOnce(&mut CertificateParams)) -> Server {
        let key = KeyPair::generate().unwrap();
        let mut params = params(names);
        change(&mut params);
        let certificate = params.signed_by(&key, &self.0).unwrap();
        serve(vec![certificate.der().clone(), self.0.der().clone()], &key).await
    }
}

fn params(names: &[&str]) -> CertificateParams {
    CertificateParams::new(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()).unwrap()
}

async fn serve(chain: Vec<rustls::pki_types::CertificateDer<'static>>, key: &KeyPair) -> Server {
    let pin = KeyPin::of_public_key(&key.subject_public_key_info());
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (sender, requests) = unbounded_channel();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, sender) = (acceptor.clone(), sender.clone());
            tokio::spawn(async move {
                let Ok(mut stream) = acceptor.accept(stream).await else { return };
                let mut bytes = Vec::new();
                while !bytes.ends_with(b"end") {
                    if stream.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
                        return;
                    }
                }
                let _ = sender.send(String::from_utf8_lossy(&bytes).into_owned());
                let answer = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\
                              content-length: 2\r\nconnection: close\r\n\r\n{}";
                let _ = stream.write_all(answer.as_bytes()).await;
                let _ = stream.shutdown().await;
            });
        }
    });
    Server { port, requests, key: pin }
}

fn network(roots: Roots, pins: &[KeyPin]) -> Network {
    Network { roots, pins: pins.to_vec(), proxy: Proxy::Direct, ..Network::default() }
}

async fn post(network: Network, url: &str) -> Result<(), Fault> {
    let transport = Arc::new(ReqwestTransport::with(network).unwrap());
    let exchange = Exchange::new(transport, Arc::new(TestClock::default()));
    let body = SecretBytes::new(*b"secret=hunter2&end");
    let url: Url = url.parse().unwrap();
    let request = HttpRequest::post_form(url, body, Duration::from_secs(10));
    exchange.send(request).await.map(|answer| assert!(matches!(answer, Answer::Success(_))))
}

impl Server {
    async fn trusts(&mut self, network: Network) {
        assert_eq!(post(network, &self.url()).await, Ok(()));
        assert!(self.requests.recv().await.unwrap().contains("hunter2"));
    }

    /// The reason for which the server is not believed; it has not seen a byte of the request.
    async fn distrusted(&mut self, network: Network) -> String {
        let fault = post(network, &self.url()).await.unwrap_err();
        assert!(self.requests.try_recv().is_err(), "nothing is sent to a server that is not meant");
        match fault {
            Fault::Untrusted(detail) => detail.to_lowercase(),
            other => panic!("{other:?}"),
        }
    }

    fn url(&self) -> String {
        format!("https://127.0.0.1:{}/token", self.port)
    }
}

#[tokio::test]
async fn a_server_with_a_good_certificate_is_believed() {
    let authority = Authority::new();
    let mut server = authority.serve(&["127.0.0.1"], |_| {}).await;
    server.trusts(network(Roots::Only(authority.roots()), &[])).await;
    server.trusts(network(Roots::PlatformAnd(authority.roots()), &[])).await;
    let others = Authority::new().roots();
    let reason = server.distrusted(network(Roots::PlatformAnd(others), &[])).await;
    assert!(reason.contains("issuer") || reason.contains("signature"), "{reason}");
}

#[tokio::test]
async fn a_server_that_vouches_for_itself_is_not_believed() {
    let key = KeyPair::generate().unwrap();
    let own = params(&["127.0.0.1"]).self_signed(&key).unwrap();
    let mut server = serve(vec![own.der().clone()], &key).await;
    let reason = server.distrusted(network(Roots::Only(Authority::new().roots()), &[])).await;
    assert!(reason.contains("issuer") || reason.contains("signature"), "{reason}");
}

#[tokio::test]
async fn a_certificate_out_of_its_time_is_not_believed() {
    let authority = Authority::new();
    let mut server = authority
        .serve(&["127.0.0.1"], |params| {
            params.not_before = date_time_ymd(2020, 1, 1);
            params.not_after = date_time_ymd(2021, 1, 1);
        })
        .await;
    let reason = server.distrusted(network(Roots::Only(authority.roots()), &[])).await;
    assert!(reason.contains("expired"), "{reason}");
    let mut server = authority
        .serve(&["127.0.0.1"], |params| params.not_before = date_time_ymd(2090, 1, 1))
        .await;
    let reason = server.distrusted(network(Roots::Only(authority.roots()), &[])).await;
    assert!(reason.contains("not valid yet"), "{reason}");
}

#[tokio::test]
async fn a_certificate_for_another_host_is_not_believed() {
    let authority = Authority::new();
    let mut server = authority.serve(&["as.example", "127.0.0.2"], |_| {}).await;
    let reason = server.distrusted(network(Roots::Only(authority.roots()), &[])).await;
    assert!(reason.contains("name"), "{reason}");
}

#[tokio::test]
async fn a_pinned_server_is_believed_by_its_own_key_and_its_certificate_together() {
    let authority = Authority::new();
    let mut server = authority.serve(&["127.0.0.1"], |_| {}).await;
    let spare = KeyPin::of_public_key(b"kept in a safe");
    let roots = || Roots::Only(authority.roots());
    server.trusts(network(roots(), &[server.key])).await;
    server.trusts(network(roots(), &[spare, server.key])).await;
    let reason = server.distrusted(network(roots(), &[spare])).await;
    assert!(reason.contains("pinned"), "{reason}");

    let of_authority = KeyPin::of_public_key(&authority.0.key().subject_public_key_info());
    let reason = server.distrusted(network(roots(), &[of_authority])).await;
    assert!(reason.contains("pinned"), "{reason}");
    let others = Roots::Only(Authority::new().roots());
    let reason = server.distrusted(network(others, &[server.key])).await;
    assert!(!reason.contains("pinned"), "a pin does not stand in for a certificate: {reason}");
}

/// Answers one `CONNECT`, and carries bytes to this port whatever the name was.
async fn proxy(port: u16) -> (Url, UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (sender, seen) = unbounded_channel();
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let mut stream = BufReader::new(stream);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            stream.read_line(&mut head).await.unwrap();
        }
        let _ = sender.send(head);
        let mut server = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await.unwrap();
        let _ = tokio::io::copy_bidirectional(&mut stream, &mut server).await;
    });
    (format!("http://user:pass@{address}").parse().unwrap(), seen)
}

#[tokio::test]
async fn this_machine_is_reached_straight_though_there_is_a_proxy() {
    let authority = Authority::new();
    let mut server = authority.serve(&["127.0.0.1"], |_| {}).await;
    let nobody = "http://127.0.0.1:1".parse().unwrap();
    let usual = network(Roots::Only(authority.roots()), &[]);
    server.trusts(Network { proxy: Proxy::At(nobody), ..usual }).await;
}

#[tokio::test]
async fn a_proxy_carries_what_it_cannot_read() {
    let authority = Authority::new();
    let mut server = authority.serve(&["as.example"], |_| {}).await;
    let (url, mut seen) = proxy(server.port).await;
    let network = Network {
        roots: Roots::Only(authority.roots()),
        proxy: Proxy::At(url),
        ..Network::default()
    };
    assert_eq!(post(network, "https://as.example/token").await, Ok(()));
    assert!(server.requests.recv().await.unwrap().contains("hunter2"));
    let head = seen.recv().await.unwrap();
    assert!(head.starts_with("CONNECT as.example:443 HTTP/1.1\r\n"), "{head}");
    let authorization = "proxy-authorization: basic dxnlcjpwyxnz";
    assert!(head.to_ascii_lowercase().contains(authorization), "{head}");
    assert!(!head.contains("hunter2") && !head.contains("/token"), "{head}");
}

#[tokio::test]
async fn a_proxy_that_intercepts_is_found_out() {
    let authority = Authority::new();
    let mut impostor = Authority::new().serve(&["as.example"], |_| {}).await;
    let (url, _seen) = proxy(impostor.port).await;
    let network = Network {
        roots: Roots::Only(authority.roots()),
        proxy: Proxy::At(url),
        ..Network::default()
    };
    let fault = post(network, "https://as.example/token").await.unwrap_err();
    assert!(matches!(fault, Fault::Untrusted(_)), "{fault:?}");
    assert!(impostor.requests.try_recv().is_err());
}
