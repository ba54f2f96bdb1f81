//! One machine: an authorization server, the programs, a host and the visitors' browsers.

mod browser;
mod faults;
mod host;
mod server_pages;

use std::{net::SocketAddr, path::Path, time::Duration};

use axum::Router;
use minihost_authorization_server as server;
use sample_miniprogram::{
    ClientSecret, Config, Customer, NOTEBOOK, NotebookConfig, PROGRAMS, ProgramConfig, ProgramId,
    SamplePrograms,
};
use server::{
    AuthorizationServer, ClientAuthentication, ClientId, ClientKind, ClientRegistration,
    RedirectUri, RefreshPolicy, Scopes, Steering, UserRegistration,
};
use tokio::net::TcpListener;

pub(crate) use self::{
    browser::{Answer, Browser},
    faults::{Fault, Faults},
    host::Host,
    server_pages::ServerPages,
};

pub(crate) const HOST_ORIGIN: &str = "http://host.sim.localhost:7002";
pub(crate) const ALL: &[&str] = &["openid", "profile", "email", "phone"];
const USERS: [&str; 2] = ["alice", "bob"];

/// Everything that runs. The directory goes last.
pub(crate) struct World {
    pub(crate) issuer: String,
    pub(crate) faults: Faults,
    pub(crate) host: Host,
    pub(crate) programs: SamplePrograms,
    pub(crate) programs_at: SocketAddr,
    steering: Steering,
    pub(crate) dir: tempfile::TempDir,
}

impl World {
    /// Everything as the sample host would start it.
    pub(crate) async fn start() -> Self {
        Self::with_refresh(RefreshPolicy::Rotating { lifetime: Duration::from_secs(3600) }).await
    }

    /// As [`start`](Self::start), with another refresh policy for the programs.
    pub(crate) async fn with_refresh(refresh: RefreshPolicy) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let listener = listen().await;
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let authorization_server = AuthorizationServer::open(server::Config::new(
            issuer.parse().unwrap(),
            dir.path().join("authorization-server.sqlite3"),
        ))
        .await
        .unwrap();

        let programs_listener = listen().await;
        let programs_at = programs_listener.local_addr().unwrap();
        let secrets = register(&authorization_server, programs_at.port(), refresh).await;
        let faults = Faults::default();
        serve(listener, faults.around(authorization_server.router()));

        let [host_secret, program_secrets @ ..] = secrets;
        let programs =
            open_programs(&issuer, programs_at.port(), &program_secrets, dir.path()).await;
        serve(programs_listener, programs.router());
        Self {
            host: Host::new(&issuer, host_secret),
            steering: authorization_server.steering(),
            issuer,
            faults,
            programs,
            programs_at,
            dir,
        }
    }

    /// A new visitor at a program.
    pub(crate) fn browser(&self, program: ProgramId) -> Browser {
        self.browser_at(program.as_str())
    }

    /// The same for any program by its id.
    pub(crate) fn browser_at(&self, id: &str) -> Browser {
        let port = self.programs_at.port();
        Browser::new(self.programs_at, format!("http://{id}.sim.localhost:{port}"))
    }

    /// A visitor who has continued as `user` and shares `scopes`.
    pub(crate) async fn signed_in(
        &self,
        program: ProgramId,
        user: &str,
        scopes: &[&str],
    ) -> Browser {
        let browser = self.browser(program);
        let answer = self.sign_in(&browser, user, scopes).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        browser
    }

    /// The whole way from challenge to session.
    pub(crate) async fn sign_in(&self, browser: &Browser, user: &str, scopes: &[&str]) -> Answer {
        let request = browser.post("/api/sign-in/start", "{}").await.body;
        let answer = self.host.code_for(&request, browser.program(), user, scopes).await;
        browser.post("/api/sign-in/finish", &answer.to_string()).await
    }

    /// Makes the access tokens of a program expire now.
    pub(crate) async fn expire_access(&self, program: ProgramId) {
        let client = ClientId::new(program.as_str()).unwrap();
        assert!(self.steering.expire_access_tokens(&client).await.unwrap() > 0);
    }

    /// How many sign-ins of a program still have tokens at the server that are good for something.
    pub(crate) fn not_revoked(&self, program: ProgramId) -> u32 {
        let database = self.dir.path().join("authorization-server.sqlite3");
        let database = rusqlite::Connection::open(database).unwrap();
        let select = "SELECT count(*) FROM authorizations WHERE client = ?1 AND revoked_at IS NULL";
        database.query_row(select, [program.as_str()], |row| row.get(0)).unwrap()
    }

    /// Makes the refresh tokens of a program expire now.
    pub(crate) async fn expire_refresh(&self, program: ProgramId) {
        let client = ClientId::new(program.as_str()).unwrap();
        assert!(self.steering.expire_refresh_tokens(&client).await.unwrap() > 0);
    }
}

pub(crate) fn origin(program: ProgramId, port: u16) -> String {
    format!("http://{program}.sim.localhost:{port}")
}

/// What a program is told of its registration.
pub(crate) fn program_config(id: ProgramId, port: u16, secret: &str) -> ProgramConfig {
    let origin = origin(id, port);
    ProgramConfig {
        id,
        client_id: id.as_str().to_owned(),
        client_secret: ClientSecret::new(secret),
        redirect_uri: format!("{origin}/callback"),
        customers: ["alice", "bob"]
            .map(|user| Customer { email: format!("{user}@example.com") })
            .into(),
        origin,
    }
}

pub(crate) async fn open_programs(
    issuer: &str,
    port: u16,
    secrets: &[String],
    dir: &Path,
) -> SamplePrograms {
    let programs = PROGRAMS.iter().zip(secrets);
    SamplePrograms::open(Config {
        issuer: issuer.parse().unwrap(),
        programs: programs.map(|(&id, secret)| program_config(id, port, secret)).collect(),
        notebook: Some(NotebookConfig {
            origin: format!("http://{NOTEBOOK}.sim.localhost:{port}"),
            client_id: NOTEBOOK.to_owned(),
            redirect_uri: format!("http://{NOTEBOOK}.sim.localhost:{port}/callback"),
        }),
        host_origins: vec![HOST_ORIGIN.to_owned()],
        data_dir: dir.join("programs"),
    })
    .await
    .unwrap()
}

/// Registers the host and the programs, and returns their secrets in this order.
async fn register(server: &AuthorizationServer, port: u16, refresh: RefreshPolicy) -> [String; 3] {
    let registry = server.registry();
    let client = |program: &ProgramId| ClientId::new(program.as_str()).unwrap();
    let host = ClientKind::Host {
        may_mediate_for: PROGRAMS.iter().map(client).collect(),
        consent_evidence: server::Requirement::Optional,
    };
    let scopes = "openid profile email phone mediate";
    let mut clients = vec![(ClientId::new("host").unwrap(), host, scopes, Vec::new())];
    for program in PROGRAMS {
        let redirect_uri =
            RedirectUri::new(format!("{}/callback", origin(*program, port))).unwrap();
        let scopes = "openid profile email phone";
        clients.push((client(program), ClientKind::MiniProgram, scopes, vec![redirect_uri]));
    }
    let mut secrets = Vec::new();
    for (id, kind, scopes, redirect_uris) in clients {
        let secret = server::ClientSecret::generate().unwrap();
        // With characters that client_secret_basic must encode (RFC 6749 §2.3.1).
        let secret = server::ClientSecret::new(format!("{}:+%& ", secret.expose())).unwrap();
        secrets.push(secret.expose().to_owned());
        let is_host = matches!(kind, ClientKind::Host { .. });
        let mut registration = ClientRegistration::new(
            id,
            kind,
            ClientAuthentication::Secret(secret),
            Scopes::parse(scopes).unwrap(),
        );
        if is_host {
            registration.grants.insert(server::GrantType::Password);
        }
        registration.redirect_uris = redirect_uris;
        registration.access_token_lifetime = Duration::from_secs(600);
        registration.refresh = refresh;
        registration.id_token_algorithm = server::SigningAlgorithm::Es256;
        registry.put_client(registration).await.unwrap();
    }
    for user in USERS {
        let registration = UserRegistration {
            username: user.to_owned(),
            password: server::Password::new(host::password(user)),
            preferred_username: user.to_owned(),
            email: Some(format!("{user}@example.com")),
            email_verified: user == "alice",
            phone_number: Some("+15550100".to_owned()),
        };
        registry.put_user(registration).await.unwrap();
    }
    secrets.try_into().unwrap()
}

pub(crate) async fn listen() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").await.unwrap()
}

pub(crate) fn serve(listener: TcpListener, router: Router) {
    tokio::spawn(async move { axum::serve(listener, router).await });
}
