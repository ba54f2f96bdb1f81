//! A user who is signed in at the server, and a clock in the test's hand.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use minihost::{
    ClientId, Clock, Issuer, Moment, User,
    http::{Limits, Network, ReqwestTransport},
    issuer::{ClientAuthentication, ClientSecret},
    ports::{SecretStore, SessionError, UserSession as _},
    session::{Password, SignInConfig, TokenSession},
    store::MemorySecretStore,
};

use crate::server::Server;

/// Moves when it is told to.
pub(crate) struct TestClock(Mutex<(Duration, Timestamp)>);

impl TestClock {
    pub(crate) fn new() -> Arc<Self> {
        Self::at("2026-01-01T00:00:00Z")
    }

    pub(crate) fn at(time: &str) -> Arc<Self> {
        Arc::new(Self(Mutex::new((Duration::from_secs(1000), time.parse().unwrap()))))
    }

    /// Time passes.
    pub(crate) fn advance(&self, by: Duration) {
        let mut now = self.0.lock().unwrap();
        now.0 += by;
        now.1 += SignedDuration::try_from(by).unwrap();
    }

    /// The calendar is set.
    pub(crate) fn jump(&self, by: SignedDuration) {
        self.0.lock().unwrap().1 += by;
    }
}

impl Clock for TestClock {
    fn now(&self) -> Moment {
        let (uptime, time) = *self.0.lock().unwrap();
        Moment { uptime, time }
    }
}

pub(crate) fn session(
    server: &Server,
    secrets: Arc<dyn SecretStore>,
    clock: Arc<dyn Clock>,
) -> TokenSession {
    let (client_id, client_secret) = (ClientId::new("host"), ClientSecret::new("s3cret"));
    let client = ClientAuthentication::ClientSecretPost { client_id, client_secret };
    session_of(server, client, secrets, clock)
}

pub(crate) fn session_of(
    server: &Server,
    client: ClientAuthentication,
    secrets: Arc<dyn SecretStore>,
    clock: Arc<dyn Clock>,
) -> TokenSession {
    // A server that says nothing is waited for no longer than a test may take.
    let limits = Limits { first_byte: Duration::from_millis(500), ..Limits::default() };
    let network = Network { limits, ..Network::default() };
    let transport = Arc::new(ReqwestTransport::with(network).unwrap());
    let config = SignInConfig::new(Issuer::new(server.issuer()), client);
    TokenSession::new(config, transport, secrets, clock).unwrap()
}

pub(crate) struct Stage {
    pub(crate) server: Server,
    pub(crate) session: TokenSession,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) user: User,
}

impl Stage {
    pub(crate) async fn signed_in() -> Self {
        let (server, clock) = (Server::start().await, TestClock::new());
        let session = session(&server, Arc::new(MemorySecretStore::default()), clock.clone());
        let user = sign_in(&session).await;
        server.take_seen();
        Self { server, session, clock, user }
    }

    /// Asks the server for a token.
    pub(crate) async fn refresh(&self) -> Result<(), SessionError> {
        let token = self.session.access_token(&self.user).await?;
        assert_eq!(token.expose(), "good", "nothing else is taken for a token");
        Ok(())
    }

    /// The invariants: nobody was signed out, and the server can be used again.
    pub(crate) async fn goes_on(&self) {
        assert_eq!(self.session.current_user().as_ref(), Some(&self.user));
        if self.refresh().await.is_err() {
            assert_eq!(self.refresh().await, Ok(()), "the second try at the latest");
        }
    }
}

pub(crate) async fn sign_in(session: &TokenSession) -> User {
    session.sign_in_with_password("alice", Password::new("p")).await.unwrap()
}
