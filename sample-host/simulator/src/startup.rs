//! Starting everything in the order in which the parts need each other, and stopping it again.

use std::{io, sync::Arc};

use minihost::{
    Account, Build, ClientId, HostConfig, HostInfo, Issuer, Locale, ManifestError, MiniHost,
    OptionalPorts, Ports, StartError, SystemClock,
    http::ReqwestTransport,
    issuer::{
        ChallengeConfig, ChallengeIssuer, ClientAuthentication, ClientSecret, InvalidIssuer,
        InvalidSettings,
    },
    session::{SignInConfig, TokenSession},
};
use minihost_authorization_server::{
    AuthorizationServer, Config as ServerConfig, ListenError, Listener, OpenError as ServerError,
    RegistryError,
};
use sample_miniprogram::{
    ClientSecret as ProgramSecret, Config as ProgramsConfig, NOTEBOOK, NotebookConfig,
    OpenError as ProgramsError, ProgramConfig, SamplePrograms,
};
use secrecy::ExposeSecret as _;

use crate::{
    addresses::{Addresses, BindError, Listeners, ProgramListeners, for_node, listen},
    cli::Cli,
    data_dir::{DataDir, DataDirError},
    demo::{Demo, HOST_CLIENT, redirect_uri},
    node_program::{self, NodeProgram, POSTCARDS, Setting},
    phone::{NotInstalled, Parts, Phone, Program, Screen, SignIn, Tabs},
    publishers::{PublishError, publish},
    serving::Serving,
    steering::{Door, Steering},
    storage::Storage,
};

/// Why the sample host did not start. Each message is one sentence that says what to do.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error(transparent)]
    DataDir(#[from] DataDirError),
    #[error(transparent)]
    Bind(#[from] BindError),
    #[error("The addresses of the listeners cannot be read: {0}.")]
    Addresses(io::Error),
    #[error(transparent)]
    AuthorizationServer(#[from] ServerError),
    #[error(transparent)]
    Listen(#[from] ListenError),
    #[error("The demo users and clients cannot be registered: {0}.")]
    Registration(#[from] RegistryError),
    #[error(transparent)]
    Programs(#[from] ProgramsError),
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    #[error(transparent)]
    Publish(#[from] PublishError),
    #[error("The address of the authorization server is not usable: {0}.")]
    Issuer(#[from] InvalidIssuer),
    #[error(transparent)]
    CodeIssuer(#[from] InvalidSettings),
    #[error(transparent)]
    Host(#[from] StartError),
}

/// Everything that runs.
pub(crate) struct Running {
    pub(crate) addresses: Addresses,
    pub(crate) storage: Storage,
    /// How scripts steer the authorization server, where they may.
    pub(crate) door: Option<Door>,
    phone: Arc<Phone>,
    programs: SamplePrograms,
    server: AuthorizationServer,
    serving: Serving,
    node: Option<NodeProgram>,
    _data_dir: DataDir,
}

/// Starts everything, with these users and clients.
pub(crate) async fn start(cli: &Cli, demo: Arc<Demo>) -> Result<Running, Failure> {
    let data_dir = DataDir::open(cli.data_dir.clone())?;
    let listeners = Listeners::bind(cli.port, cli.origins).await?;
    let mut addresses = listeners.addresses().map_err(Failure::Addresses)?;
    let node = postcards(cli, &addresses, &demo).await;
    addresses.postcards = node.as_ref().map(|node| node.ready.origin.clone());
    let issuer = url(&addresses.issuer);

    let server = AuthorizationServer::open(ServerConfig::new(
        issuer.clone(),
        data_dir.authorization_server(),
    ))
    .await?;
    demo.register(server.registry(), &addresses).await?;
    let programs = SamplePrograms::open(ProgramsConfig {
        issuer,
        programs: program_configs(&addresses, &demo),
        notebook: Some(NotebookConfig {
            origin: addresses.notebook.clone(),
            client_id: NOTEBOOK.to_owned(),
            redirect_uri: redirect_uri(&addresses.notebook),
        }),
        host_origins: vec![addresses.simulator.clone()],
        data_dir: data_dir.programs(),
    })
    .await?;

    let storage = Storage::open(&data_dir).await;
    let tabs = Arc::new(Tabs::default());
    let serving = Serving::default();
    let screen = Screen::new(tabs.clone());
    let (host, sign_in) = sdk(cli, &addresses, &demo, &storage, &screen, &serving).await?;
    let manifests = addresses.programs.keys().filter_map(|id| programs.manifest(*id));
    let offered = manifests
        .chain(programs.notebook_manifest())
        .chain(node.as_ref().map(|node| node.ready.manifest.clone()))
        .map(|manifest| {
            let published = publish(&data_dir.publishers(), &manifest)?;
            Ok::<_, Failure>(Program::read(&manifest, &published)?)
        })
        .collect::<Result<_, _>>()?;
    let phone = Phone::new(Parts {
        origin: addresses.simulator.clone(),
        language: cli.locale,
        persistence: storage.persistence(),
        host,
        sign_in,
        programs: offered,
        not_installed: node.is_none().then(NotInstalled::postcards),
        tabs,
        sign_ins: screen.sign_ins,
        steering: server.steering(),
        demo,
    });

    serving.serve_authorization(
        Listener::on_loopback(listeners.authorization_server)?,
        server.clone(),
    );
    match listeners.programs {
        ProgramListeners::Shared(listener) => serving.serve(listener, programs.router()),
        ProgramListeners::Each(each, notebook) => {
            for (id, listener) in each {
                serving.serve(listener, programs.router_for(id));
            }
            serving.serve(notebook, programs.router_for_notebook());
        }
    }
    serving.serve(listeners.simulator, phone.router());
    let door = if cli.steering { Some(open_door(&server, &serving).await?) } else { None };
    serving.spawn(phone.clone().follow_user());
    let _data_dir = data_dir;
    Ok(Running { addresses, storage, door, phone, programs, server, serving, node, _data_dir })
}

impl Running {
    /// Stops everything: what is under way is ended or answered, and databases are closed.
    pub(crate) async fn stop(self) {
        self.phone.close().await;
        self.serving.stop().await;
        if let Some(node) = self.node {
            node.stop().await;
        }
        self.programs.close().await;
        self.server.close().await;
    }
}

/// Lets scripts steer the authorization server, at a port of their own.
async fn open_door(server: &AuthorizationServer, serving: &Serving) -> Result<Door, Failure> {
    let steering = Steering::new(server.steering(), server.registry().clone());
    let listener = listen(0).await?;
    let door = steering.door(listener.local_addr().map_err(Failure::Addresses)?);
    serving.serve(listener, steering.router());
    Ok(door)
}

async fn sdk(
    cli: &Cli,
    addresses: &Addresses,
    demo: &Demo,
    storage: &Storage,
    screen: &Screen,
    serving: &Serving,
) -> Result<(MiniHost, SignIn), Failure> {
    let issuer = Issuer::new(&addresses.issuer);
    let client = || ClientAuthentication::ClientSecretBasic {
        client_id: ClientId::new(HOST_CLIENT),
        client_secret: ClientSecret::new(demo.host_secret.expose_secret()),
    };
    let clock = Arc::new(SystemClock::new());
    let transport = Arc::new(ReqwestTransport::new());
    let session = TokenSession::new(
        SignInConfig::new(issuer.clone(), client()),
        transport.clone(),
        storage.secrets(),
        clock.clone(),
    )?;
    let code_issuer = ChallengeIssuer::new(
        ChallengeConfig { issuer: issuer.clone(), client: client() },
        transport,
        Arc::new(session.clone()),
        clock.clone(),
    )?;
    let info = HostInfo {
        name: "Harbour".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        platform: "simulator".to_owned(),
    };
    let mut config = HostConfig::new(issuer, info, Locale::new(cli.locale.tag()));
    // The programs are on this machine, and two of their manifests are unsigned on purpose.
    config.build = Build::Development;
    let screen = Arc::new(screen.clone());
    let ports = Ports {
        prompt: screen.clone(),
        sink: screen.clone(),
        code_issuer: Arc::new(code_issuer),
        grants: storage.grants(),
        audit: screen.clone(),
        clock,
        optional: OptionalPorts {
            settings: Some(screen.clone()),
            sign_in: Some(screen),
            ..OptionalPorts::default()
        },
    };
    let host = MiniHost::start(config, ports).await?;
    let account = Account::new(host.clone(), session.clone());
    if let Err(error) = account.restore().await {
        tracing::warn!(%error, "who was signed in before cannot be told");
    }
    serving.spawn(account.follow());
    Ok((host, SignIn::new(account, &session)))
}

/// The program with a backend in Node, where it is installed.
async fn postcards(cli: &Cli, addresses: &Addresses, demo: &Demo) -> Option<NodeProgram> {
    let folder = cli.postcards.clone().unwrap_or_else(node_program::folder);
    let (name, port) = for_node(cli.port, cli.origins, POSTCARDS);
    let setting = Setting {
        issuer: &addresses.issuer,
        client_id: POSTCARDS,
        client_secret: demo.postcards_secret.expose_secret(),
        host_origins: std::slice::from_ref(&addresses.simulator),
        name: &name,
        port,
    };
    NodeProgram::start(&folder, &setting).await
}

fn program_configs(addresses: &Addresses, demo: &Demo) -> Vec<ProgramConfig> {
    let programs = addresses.programs.iter();
    programs
        .map(|(id, origin)| ProgramConfig {
            id: *id,
            origin: origin.clone(),
            client_id: id.to_string(),
            client_secret: ProgramSecret::new(demo.program_secrets[id].expose_secret()),
            redirect_uri: redirect_uri(origin),
            customers: demo.customers(*id),
        })
        .collect()
}

fn url(origin: &str) -> url::Url {
    origin.parse().expect("http, an IP address and a port make a URL")
}
