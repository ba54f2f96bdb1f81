//! One process of the host, from its start to its end.

use std::{sync::Arc, time::Duration};

use minihost::{
    Account, Build, ClientId, HostConfig, HostInfo, Issuer, Locale, MiniHost, OptionalPorts, Ports,
    issuer::{ChallengeConfig, ChallengeIssuer, ClientAuthentication, ClientSecret},
    session::{SignInConfig, TokenSession},
};
use tokio::{runtime::Builder, time::sleep};

use crate::{
    day::Day,
    history::Broken,
    judge::SECRET,
    limits,
    page::Numbers,
    rule::Rule,
    world::{
        Auditor, Container, ISSUER, Life, Network, Person, Printer, Process, Secrets, Settings,
        SignInScreen, Store, World, Writing,
    },
};

/// How a process came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// In the middle of whatever it was doing.
    Died,
    /// It was shut down.
    ShutDown,
    /// A rule did not hold.
    Stopped,
}

/// Lives through one process. At most so many things happen in it.
pub(crate) fn live(world: &Arc<World>, numbers: &mut Numbers, broken: Broken, steps: u64) -> End {
    let runtime = Builder::new_current_thread().enable_time().start_paused(true).build();
    let runtime = runtime.expect("a runtime without I/O needs nothing of the system");
    let end = runtime.block_on(async {
        world.clock.process_begins();
        let end = run(world, numbers, broken, steps).await;
        world.clock.process_ends();
        end
    });
    // Whatever was under way ends here, as it does when a process is killed.
    world.state().life = Life::Died;
    world.end();
    drop(runtime);
    end
}

async fn run(world: &Arc<World>, numbers: &mut Numbers, broken: Broken, steps: u64) -> End {
    begin(world);
    let person = Arc::new(Person(world.clone()));
    let process = start(world, broken, person.clone()).await;
    world.begin(process.clone());
    let follower = tokio::spawn(process.account.follow());
    // The secret store may be locked; somebody may sign in later.
    let _ = process.account.restore().await;
    let mut day = Day::new(world.clone(), process.clone(), numbers);
    for _ in 0..steps {
        day.step().await;
        inspect(world, &process).await;
        let state = world.state();
        if state.judge.violation.is_some() {
            return End::Stopped;
        }
        if state.life == Life::Died {
            return End::Died;
        }
    }
    world.note(|| "the host shuts down".to_owned());
    process.host.shutdown().await;
    follower.abort();
    let host_is_gone = Arc::strong_count(&person) == 1;
    let mut state = world.state();
    if state.life == Life::Died {
        return End::Died;
    }
    state.judge.shut_down();
    if !host_is_gone {
        state.judge.blame(Rule::BadInputCostsNothing, "a port is held after the end");
    }
    End::ShutDown
}

/// Decides whether and when the process will die: at any of its calls into a port.
fn begin(world: &World) {
    let mut state = world.state();
    state.life = Life::Runs;
    let cases = state.temper.dies * 20;
    let dies = state.chance.percent(cases);
    state.calls_left = dies.then(|| state.chance.below(120));
}

/// Starts the host, again and again while its grants are out of reach.
async fn start(world: &Arc<World>, broken: Broken, person: Arc<Person>) -> Process {
    let network = Arc::new(Network(world.clone()));
    let clock: Arc<dyn minihost::Clock> = Arc::new(WorldClock(world.clone()));
    let client = ClientAuthentication::ClientSecretBasic {
        client_id: ClientId::new("host"),
        client_secret: ClientSecret::new(format!("{SECRET}of-the-host")),
    };
    let sign_in = SignInConfig::new(Issuer::new(ISSUER), client.clone());
    let secrets = Arc::new(Secrets(world.clone()));
    let session = TokenSession::new(sign_in, network.clone(), secrets, clock.clone());
    let session = session.expect("the issuer is in the right form");
    let codes = ChallengeConfig { issuer: Issuer::new(ISSUER), client };
    let codes = ChallengeIssuer::new(codes, network, Arc::new(session.clone()), clock.clone());
    let codes = Arc::new(codes.expect("the issuer is in the right form"));
    let has_sign_in = world.state().temper.has_sign_in;
    loop {
        let screen = Arc::new(SignInScreen(world.clone()));
        let ports = Ports {
            prompt: person.clone(),
            sink: Arc::new(Container(world.clone())),
            code_issuer: codes.clone(),
            grants: Arc::new(Store::new(world.clone())),
            audit: Arc::new(Auditor(world.clone())),
            clock: clock.clone(),
            optional: OptionalPorts {
                settings: Some(Arc::new(Settings(world.clone()))),
                sign_in: has_sign_in.then(|| screen.clone() as _),
                browser: has_sign_in.then(|| screen.clone() as _),
                methods: vec![Arc::new(Printer(world.clone()))],
            },
        };
        let (of_ids, config) = (world.clone(), config(world, broken));
        let ids = Box::new(move || of_ids.state().chance.id());
        match MiniHost::simulate(config, ports, ids).await {
            Ok(host) => {
                world.note(|| "the host starts".to_owned());
                let account = Account::new(host.clone(), session);
                return Process { host, account };
            }
            Err(error) => {
                world.note(|| format!("the host does not start: {error}"));
                sleep(Duration::from_secs(1)).await;
            }
        }
    }
}

fn config(world: &World, broken: Broken) -> HostConfig {
    let info = HostInfo {
        name: "Harbour".to_owned(),
        version: "1.0.0".to_owned(),
        platform: "simulated".to_owned(),
    };
    let mut config = HostConfig::new(Issuer::new(ISSUER), info, Locale::new("en"));
    let state = world.state();
    config.build = Build::Development;
    config.prompt_deadline = limits::PROMPT;
    config.save_deadline = limits::SAVE;
    config.network_deadline = limits::NETWORK;
    config.settings_deadline = limits::SETTINGS;
    config.silent_delay = limits::SILENT;
    config.silent = state.temper.silent;
    config.on_sign_out = state.temper.on_sign_out;
    config.breakage = broken.0;
    config
}

/// Lets everything come to rest, and looks at it.
async fn inspect(world: &World, process: &Process) {
    // Time moves on only when no task can.
    sleep(Duration::from_millis(1)).await;
    let (user, pending) = (process.account.user(), process.host.pending_requests());
    let (grants, prompts) = (process.host.grants(), process.host.pending_prompts());
    let (when, written) = (world.when(), Writing::take());
    let mut state = world.state();
    if state.life == Life::Died {
        return;
    }
    state.judge.at_rest(when, user, pending);
    state.judge.check_grants(&grants, when.time);
    let shown = state.judge.view().map(|view| view.prompt);
    if shown != prompts.first().map(|view| view.prompt) {
        state.judge.blame(Rule::OnePromptAtATime, "the prompt on screen is not the machine's");
    }
    state.judge.readable("the host's log", &written);
}

/// The world's clock as a port.
struct WorldClock(Arc<World>);

impl minihost::Clock for WorldClock {
    fn now(&self) -> minihost::Moment {
        self.0.clock.now()
    }
}
