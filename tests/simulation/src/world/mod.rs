//! Everything around the host: its user, its programs' containers, its disk, its network and the
//! authorization server. Each port decides by chance whether it behaves.

mod clock;
mod container;
mod disk;
mod methods;
mod network;
mod person;
mod secret_store;
mod server;
mod sign_in;
mod store;
mod temper;
mod writing;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use minihost::{Account, Clock as _, store::MemorySecretStore};
use minihost::{Choice, ConsentView, MiniHost, OnSignOut, SessionId, Ticket, User};

pub(crate) use clock::SimulatedClock;
pub(crate) use container::Container;
pub(crate) use disk::Disk;
pub(crate) use methods::{Auditor, Printer, Settings};
pub(crate) use network::Network;
pub(crate) use person::Person;
pub(crate) use secret_store::Secrets;
pub(crate) use server::{ISSUER, Server, password_of};
pub(crate) use sign_in::SignInScreen;
pub(crate) use store::Store;
pub(crate) use temper::Temper;
pub(crate) use writing::Writing;

use crate::{
    chance::Chance,
    judge::{Judge, Program, When},
    log::{Keep, Log},
};

/// What outlives the host's process.
pub(crate) struct World {
    pub(crate) clock: SimulatedClock,
    pub(crate) disk: Arc<Disk>,
    pub(crate) secrets: Arc<MemorySecretStore>,
    state: Mutex<State>,
    process: Mutex<Option<Process>>,
}

/// What changes.
pub(crate) struct State {
    pub(crate) chance: Chance,
    pub(crate) log: Log,
    pub(crate) judge: Judge,
    pub(crate) server: Server,
    pub(crate) temper: Temper,
    /// What is open, and what it is.
    pub(crate) open: BTreeMap<SessionId, Program>,
    /// What the user will do, and when.
    pub(crate) agenda: Vec<(Duration, Todo)>,
    /// After so many calls into ports the process dies.
    pub(crate) calls_left: Option<u64>,
    pub(crate) life: Life,
}

/// Whether the host's process runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Life {
    Runs,
    /// Nothing that it does reaches anybody.
    Died,
}

/// Something that the user will do.
pub(crate) enum Todo {
    Answer(Box<ConsentView>, Choice),
    SettingsShown(Ticket),
}

/// The host's process, as those see it that are called by it.
#[derive(Clone)]
pub(crate) struct Process {
    pub(crate) host: MiniHost,
    pub(crate) account: Account,
}

impl World {
    pub(crate) fn new(seed: u64, keep: Keep, disk: Arc<Disk>) -> Arc<Self> {
        let mut chance = Chance::new(seed);
        let temper = Temper::new(&mut chance);
        let forgets = temper.on_sign_out == OnSignOut::ForgetGrants;
        let state = State {
            temper,
            chance,
            log: Log::new(keep),
            judge: Judge::new(forgets),
            server: Server::default(),
            open: BTreeMap::new(),
            agenda: Vec::new(),
            calls_left: None,
            life: Life::Runs,
        };
        disk.clear();
        Arc::new(Self {
            clock: SimulatedClock::default(),
            disk,
            secrets: Arc::new(MemorySecretStore::default()),
            state: Mutex::new(state),
            process: Mutex::new(None),
        })
    }

    /// The state. Never held while the host is called.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One call of the host into a port, and what is decided at that moment. `None` where the process
    /// has died: the call never happens.
    pub(crate) fn called<T>(
        &self,
        what: impl FnOnce() -> String,
        decide: impl FnOnce(&mut State) -> T,
    ) -> Option<T> {
        let mut state = self.state();
        if let Some(left) = &mut state.calls_left {
            if *left == 0 {
                if state.life == Life::Runs {
                    state.life = Life::Died;
                    state.log.line(self.clock.total(), || "† the process dies".to_owned());
                }
                return None;
            }
            *left -= 1;
        }
        if state.life == Life::Died {
            return None;
        }
        state.log.line(self.clock.total(), what);
        Some(decide(&mut state))
    }

    /// One line of the log.
    pub(crate) fn note(&self, what: impl FnOnce() -> String) {
        self.state().log.line(self.clock.total(), what);
    }

    pub(crate) fn when(&self) -> When {
        let now = self.clock.now();
        When { uptime: now.uptime, time: now.time }
    }

    pub(crate) fn process(&self) -> Option<Process> {
        self.process.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Who is signed in.
    pub(crate) fn user(&self) -> Option<User> {
        self.process()?.account.user()
    }

    pub(crate) fn begin(&self, process: Process) {
        *self.process.lock().unwrap_or_else(PoisonError::into_inner) = Some(process);
    }

    /// Lets the process go, which is over.
    pub(crate) fn end(&self) {
        self.process.lock().unwrap_or_else(PoisonError::into_inner).take();
        let mut state = self.state();
        state.agenda.clear();
        state.open.clear();
        state.judge.process_ended();
    }

    /// Is not there for a while, for as long as chance wants.
    pub(crate) async fn wait(&self, least: u64, most: u64) {
        let time = least + self.state().chance.below(most - least + 1);
        tokio::time::sleep(Duration::from_millis(time)).await;
    }
}

/// What a fault in the host's own code does, without a word on the terminal.
pub(crate) fn throw() -> ! {
    std::panic::resume_unwind(Box::new("a fault in the host"))
}

/// What the future of a port does in a process that has died.
pub(crate) async fn never<T>() -> T {
    std::future::pending().await
}
