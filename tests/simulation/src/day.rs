//! What happens to a host, step by step: its pages speak, its user does things, time passes.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use jiff::SignedDuration;
use minihost::{ClientId, Launch, Locale, MiniProgramId, SessionId, Switch, Visibility};
use minihost_core::{PublisherKey, Trust};
use minihost_testkit::manifest;
use tokio::time::sleep;

use crate::{
    judge::Program,
    page::{Message, Numbers, Page},
    world::{Process, Todo, World},
};

const PROGRAMS: [&str; 3] = ["teahouse", "cinema", "bakery"];

/// The world with a host that runs in it.
pub(crate) struct Day<'a> {
    pub(crate) world: Arc<World>,
    pub(crate) process: Process,
    numbers: &'a mut Numbers,
    pages: BTreeMap<&'static str, Page>,
}

#[derive(Clone, Copy)]
enum Happens {
    RequestCode,
    OtherCall,
    Cancel,
    Hostile,
    Flood,
    Navigate,
    Reopen,
    Visibility,
    SignIn,
    SignOut,
    ServerEndsSignIns,
    Revoke,
    Switch,
    SettingsOpened,
    Locale,
    Calendar,
}

impl<'a> Day<'a> {
    pub(crate) fn new(world: Arc<World>, process: Process, numbers: &'a mut Numbers) -> Self {
        Self { world, process, numbers, pages: BTreeMap::new() }
    }

    /// One thing happens, and some time passes.
    pub(crate) async fn step(&mut self) {
        if self.follow_agenda() {
            sleep(Duration::from_millis(1)).await;
        }
        if let Some(program) = PROGRAMS.iter().find(|program| !self.pages.contains_key(*program)) {
            self.open(program);
        } else {
            let happens = self.choose();
            self.happen(happens);
        }
        let longest = self.world.state().chance.weighted(&[
            (60, 300),
            (25, 3_000),
            (10, 15_000),
            (4, 90_000),
            (1, 31 * 24 * 60 * 60 * 1000),
        ]);
        let time = self.world.state().chance.below(longest);
        sleep(Duration::from_millis(time)).await;
    }

    fn choose(&self) -> Happens {
        let signed_in = self.process.account.user().is_some();
        let mut state = self.world.state();
        let (hostile, changes) = (state.temper.hostile, state.temper.user_changes);
        state.chance.weighted(&[
            (40, Happens::RequestCode),
            (14, Happens::OtherCall),
            (4, Happens::Cancel),
            (hostile, Happens::Hostile),
            (hostile / 10, Happens::Flood),
            (4, Happens::Navigate),
            (2, Happens::Reopen),
            (4, Happens::Visibility),
            (if signed_in { changes } else { 60 }, Happens::SignIn),
            (changes, Happens::SignOut),
            (changes / 3, Happens::ServerEndsSignIns),
            (4, Happens::Revoke),
            (2, Happens::Switch),
            (3, Happens::SettingsOpened),
            (1, Happens::Locale),
            (2, Happens::Calendar),
        ])
    }

    fn happen(&mut self, happens: Happens) {
        let program = self.world.state().chance.pick(&PROGRAMS);
        match happens {
            Happens::RequestCode => {
                let repeats = self.world.state().chance.weighted(&[(4, 0), (1, 1), (1, 3)]);
                self.say(program, |page, numbers, chance| page.request_code(numbers, chance));
                for _ in 0..repeats {
                    self.say(program, |page, numbers, chance| {
                        page.request_the_same(numbers, chance)
                    });
                }
            }
            Happens::OtherCall => {
                self.say(program, |page, numbers, chance| page.other_call(numbers, chance));
            }
            Happens::Cancel => self.cancel(program),
            Happens::Hostile => self.hostile(program),
            Happens::Flood => {
                let messages = 40 + self.world.state().chance.below(90);
                for _ in 0..messages {
                    self.say(program, |page, numbers, chance| {
                        page.request_the_same(numbers, chance)
                    });
                }
            }
            Happens::Navigate => self.navigate(program),
            Happens::Reopen => {
                if let Some(page) = self.pages.remove(program) {
                    self.world.note(|| format!("{program} is closed"));
                    self.world.state().judge.closed(page.session);
                    self.world.state().open.remove(&page.session);
                    self.process.host.close(page.session);
                }
            }
            Happens::Visibility => self.visibility(program),
            Happens::SignIn => self.sign_in(),
            Happens::SignOut => self.sign_out(),
            Happens::ServerEndsSignIns => {
                self.world.note(|| "the server ends every sign-in".to_owned());
                self.world.state().server.end_sign_ins();
            }
            Happens::Revoke => self.revoke(program),
            Happens::Switch => {
                let on = self.world.state().chance.percent(70);
                self.world.note(|| format!("the host switches {program}: on is {on}"));
                let switch = if on { Switch::On } else { Switch::Off };
                self.process.host.switch(MiniProgramId::new(program), switch);
            }
            Happens::SettingsOpened => {
                self.world.note(|| "user: opens the settings".to_owned());
                self.world.state().judge.settings_opened();
                self.process.host.settings_opened();
            }
            Happens::Locale => {
                let locale = self.world.state().chance.pick(&["en", "zh-Hans"]);
                self.process.host.locale_changed(Locale::new(locale));
            }
            Happens::Calendar => {
                let hours = self.world.state().chance.pick(&[-1, 1, 24, -24 * 40, 24 * 31]);
                self.world.note(|| format!("the calendar is set {hours} hours on"));
                self.world.clock.jump(SignedDuration::from_hours(hours));
            }
        }
    }

    /// What the user had meant to do by now. Says whether that was anything.
    fn follow_agenda(&self) -> bool {
        let now = self.world.when().uptime;
        let due: Vec<Todo> = {
            let mut state = self.world.state();
            let due = state.agenda.extract_if(.., |(at, _)| *at <= now);
            due.map(|(_, todo)| todo).collect()
        };
        let any = !due.is_empty();
        for todo in due {
            match todo {
                Todo::Answer(view, choice) => self.world.answer(&view, choice),
                Todo::SettingsShown(ticket) => self.process.host.settings_shown(ticket),
            }
        }
        any
    }

    fn open(&mut self, program: &'static str) {
        let mut manifest = manifest(program);
        match self.world.state().chance.below(8) {
            0 => manifest.client_id = ClientId::new(format!("{program}-2")),
            1 => manifest.trust = Trust::Signed { key: PublisherKey::new("first-key") },
            2 => manifest.trust = Trust::Signed { key: PublisherKey::new("second-key") },
            _ => {}
        }
        let facts = Program {
            id: program.to_owned(),
            publisher_key: manifest.trust.publisher_key().to_string(),
            client: manifest.client_id.to_string(),
            redirect_uri: manifest.redirect_uris[0].to_string(),
        };
        self.world.note(|| format!("{program} is opened: {facts:?}"));
        let opened = self.process.host.open(manifest, Launch::default());
        let Ok(session) = opened else { return };
        self.world.state().open.insert(session, facts.clone());
        self.start_document(program, session, facts);
    }

    fn navigate(&mut self, program: &'static str) {
        let Some(page) = self.pages.remove(program) else { return };
        self.start_document(program, page.session, page.program);
    }

    fn start_document(&mut self, name: &'static str, session: SessionId, program: Program) {
        self.numbers.last_document += 1;
        let document = minihost::DocumentId(self.numbers.last_document);
        self.world.note(|| format!("{name}: document {} begins", document.0));
        let now = self.world.when().uptime;
        self.world.state().judge.document_started(now, name, session, document);
        self.process.host.document_started(session, document);
        self.pages.insert(name, Page { session, document, program });
        if self.world.state().chance.percent(90) {
            self.say(name, |page, numbers, _| page.initialize(numbers));
        }
    }

    fn say(
        &mut self,
        program: &str,
        message: impl FnOnce(&Page, &mut Numbers, &mut crate::chance::Chance) -> Message,
    ) {
        let Some(page) = self.pages.get(program) else { return };
        let message = message(page, self.numbers, &mut self.world.state().chance);
        crate::bridge::send(&self.world, &self.process, page, message);
    }

    fn cancel(&mut self, program: &str) {
        let Some(page) = self.pages.get(program) else { return };
        let mut ids = self.world.state().judge.ids_of(page.session);
        ids.push(serde_json::json!("nothing"));
        let index = self.world.state().chance.below(ids.len() as u64);
        let target = ids.swap_remove(usize::try_from(index).unwrap_or_default());
        let now = self.world.when().uptime;
        self.world.state().judge.may_take_back(now, program);
        self.say(program, |page, numbers, _| page.cancel(numbers, &target));
    }

    fn hostile(&mut self, program: &str) {
        let Some(page) = self.pages.get(program) else { return };
        let used = self.world.state().judge.ids_of(page.session).pop();
        let kind = self.world.state().chance.below(5);
        self.say(program, |page, numbers, chance| match (kind, used) {
            (0, Some(used)) => page.reuse(numbers, &used),
            (0..=2, _) => page.forged(numbers, chance),
            _ => page.nonsense(numbers, chance),
        });
    }

    fn visibility(&mut self, program: &str) {
        let Some(page) = self.pages.get(program) else { return };
        let visible = self.world.state().chance.percent(60);
        self.world.note(|| format!("{program} is on screen: {visible}"));
        let now = self.world.when().uptime;
        self.world.state().judge.visible(now, page.session, visible);
        let visibility = if visible { Visibility::Visible } else { Visibility::Hidden };
        self.process.host.visibility(page.session, visibility);
    }
}
