//! The row about a network that is cut after the server has committed: the authorization server that
//! comes with the project, behind something that cuts its answers at every byte.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use minihost::{
    ClientId, Issuer, SystemClock,
    http::ReqwestTransport,
    issuer::{ClientAuthentication, ClientSecret},
    ports::{SessionError, UserSession as _},
    session::{Password, SignInConfig, TokenSession},
    store::MemorySecretStore,
};
use minihost_authorization_server as server;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

const SECRET: &str = "the host's secret, which is long enough";
const PASSWORD: &str = "correct horse battery";
const NEVER: usize = usize::MAX;

/// Carries connections to a server, and closes the next one when so many bytes have come back.
struct Scissors {
    address: String,
    after: Arc<AtomicUsize>,
}

impl Scissors {
    async fn before(port: u16, listener: TcpListener) -> Self {
        let address = format!("http://{}", listener.local_addr().unwrap());
        let after = Arc::new(AtomicUsize::new(NEVER));
        let cutting = after.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let after = cutting.clone();
                tokio::spawn(async move { carry(client, port, &after).await });
            }
        });
        Self { address, after }
    }

    fn cut_after(&self, bytes: usize) {
        self.after.store(bytes, Ordering::SeqCst);
    }

    fn has_cut(&self) -> bool {
        self.after.load(Ordering::SeqCst) == NEVER
    }
}

/// The bytes that came back count from when the cut was asked for.
async fn carry(mut client: TcpStream, port: u16, after: &AtomicUsize) {
    let mut server = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let (mut from_client, mut from_server) = ([0; 4096], [0; 4096]);
    loop {
        tokio::select! {
            read = client.read(&mut from_client) => match read {
                Ok(count @ 1..) => server.write_all(&from_client[..count]).await.unwrap(),
                _ => return,
            },
            read = server.read(&mut from_server) => match read {
                Ok(count @ 1..) => {
                    let left = after.load(Ordering::SeqCst);
                    if left < count {
                        let _ = client.write_all(&from_server[..left]).await;
                        after.store(NEVER, Ordering::SeqCst);
                        return;
                    }
                    if left != NEVER {
                        after.store(left - count, Ordering::SeqCst);
                    }
                    if client.write_all(&from_server[..count]).await.is_err() {
                        return;
                    }
                }
                _ => return,
            },
        }
    }
}

async fn authorization_server(directory: &Path) -> (Scissors, server::AuthorizationServer) {
    let (outside, inside) = (
        TcpListener::bind("127.0.0.1:0").await.unwrap(),
        TcpListener::bind("127.0.0.1:0").await.unwrap(),
    );
    let port = inside.local_addr().unwrap().port();
    let scissors = Scissors::before(port, outside).await;
    let issuer = scissors.address.parse().unwrap();
    let config = server::Config::new(issuer, directory.join("server.sqlite"));
    let running = server::AuthorizationServer::open(config).await.unwrap();
    let mut host = server::ClientRegistration::new(
        server::ClientId::new("host").unwrap(),
        server::ClientKind::Host {
            may_mediate_for: Vec::new(),
            consent_evidence: server::Requirement::Optional,
        },
        server::ClientAuthentication::Secret(server::ClientSecret::new(SECRET).unwrap()),
        server::Scopes::parse("openid profile email phone mediate").unwrap(),
    );
    host.grants.insert(server::GrantType::Password);
    host.refresh = server::RefreshPolicy::Rotating { lifetime: Duration::from_secs(3600) };
    host.id_token_algorithm = server::SigningAlgorithm::EdDsa;
    running.registry().put_client(host).await.unwrap();
    let alice = server::UserRegistration {
        username: "alice".into(),
        password: server::Password::new(PASSWORD),
        preferred_username: "alice".into(),
        email: None,
        email_verified: false,
        phone_number: None,
    };
    running.registry().put_user(alice).await.unwrap();
    let router = running.router();
    tokio::spawn(async move { axum::serve(inside, router).await });
    (scissors, running)
}

#[tokio::test]
async fn network_cut_after_as_committed_before_reply() {
    let room = tempfile::tempdir().unwrap();
    let (scissors, _running) = authorization_server(room.path()).await;
    let client = ClientAuthentication::ClientSecretBasic {
        client_id: ClientId::new("host"),
        client_secret: ClientSecret::new(SECRET),
    };
    let config = SignInConfig::new(Issuer::new(scissors.address.as_str()), client);
    let (transport, clock) = (Arc::new(ReqwestTransport::new()), Arc::new(SystemClock::new()));
    let secrets = Arc::new(MemorySecretStore::default());
    let session = TokenSession::new(config, transport, secrets, clock).unwrap();
    let user = session.sign_in_with_password("alice", Password::new(PASSWORD)).await.unwrap();

    let mut token = session.access_token(&user).await.ok().unwrap();
    let mut cuts = 0;
    for after in 0.. {
        scissors.cut_after(after);
        match session.refresh_after_rejection(&user, &token).await {
            Err(SessionError::Network(_)) => cuts += 1,
            Err(error) => panic!("cut after {after}: {error:?}"),
            Ok(whole) => {
                token = whole;
                if !scissors.has_cut() {
                    break;
                }
            }
        }
        assert_eq!(session.current_user().as_ref(), Some(&user), "cut after {after}");
        scissors.cut_after(NEVER);
        token = session.refresh_after_rejection(&user, &token).await.ok().unwrap();
    }
    assert!(cuts > 200, "the whole answer was cut up: {cuts}");
}
