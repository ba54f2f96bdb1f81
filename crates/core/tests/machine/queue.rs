//! The queue of prompts beside a model of it: whoever waits, the prompt that comes next is the one
//! that is due, and it is shared by equals alone.

use std::collections::{BTreeMap, BTreeSet};

use minihost_core::{
    Choice, DocumentId, Effect, Input, IssueFailure, Remember, ReplyToken, Scope, SessionId,
    Visibility,
};
use minihost_protocol::Reason;
use minihost_testkit::{Machine, alice, call, initialize, manifest, request_code};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::Union;
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest, prop_state_machine};
use serde_json::json;

const PROGRAMS: [&str; 3] = ["teahouse", "cinema", "bakery"];
const SCOPES: [&[&str]; 5] =
    [&["openid"], &["email"], &["phone"], &["profile"], &["openid", "email"]];
/// The most prompts of one program that wait, the one on screen included.
const MOST: usize = 3;

/// One prompt: whose, for what, and how many requests wait for it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Sheet {
    program: usize,
    scopes: usize,
    requests: Vec<u64>,
}

/// What ought to be.
#[derive(Clone, Debug, Default)]
struct Queue {
    on_screen: Option<Sheet>,
    /// In the order in which they came.
    waiting: Vec<Sheet>,
    /// When a program had its last turn.
    turns: BTreeMap<usize, u64>,
    turn: u64,
    last_request: u64,
    /// Which request was cancelled last.
    cancelled: u64,
    /// Whose page is in the background.
    hidden: BTreeSet<usize>,
}

#[derive(Clone, Debug)]
enum Step {
    Ask {
        program: usize,
        scopes: usize,
    },
    /// All that is on screen, for this once.
    Allow,
    /// The host has a fault.
    CannotShow,
    /// One of those that wait.
    Cancel(usize),
    Navigate(usize),
    /// To the background.
    Hide(usize),
    /// And back.
    Show(usize),
}

impl Queue {
    fn sheets(&self) -> impl Iterator<Item = &Sheet> {
        self.waiting.iter().chain(&self.on_screen)
    }

    fn requests(&self) -> Vec<u64> {
        self.sheets().flat_map(|sheet| sheet.requests.iter().copied()).collect()
    }

    fn ask(&mut self, program: usize, scopes: usize) {
        self.last_request += 1;
        let request = self.last_request;
        let mut sheets = self.waiting.iter_mut().chain(&mut self.on_screen);
        let equal = sheets.find(|sheet| (sheet.program, sheet.scopes) == (program, scopes));
        if let Some(sheet) = equal {
            return sheet.requests.push(request);
        }
        if self.sheets().filter(|sheet| sheet.program == program).count() < MOST {
            self.waiting.push(Sheet { program, scopes, requests: vec![request] });
        }
    }

    fn leave(&mut self, stays: impl Fn(&Sheet, u64) -> bool) {
        for sheet in self.waiting.iter_mut().chain(&mut self.on_screen) {
            let mut requests = std::mem::take(&mut sheet.requests);
            requests.retain(|request| stays(sheet, *request));
            sheet.requests = requests;
        }
        self.waiting.retain(|sheet| !sheet.requests.is_empty());
        self.on_screen.take_if(|sheet| sheet.requests.is_empty());
    }

    /// What is on screen leaves it with its page, and is the oldest of its program's when that is back.
    fn hide(&mut self, program: usize) {
        self.hidden.insert(program);
        if let Some(sheet) = self.on_screen.take_if(|sheet| sheet.program == program) {
            self.waiting.insert(0, sheet);
        }
    }

    /// The longest without a turn comes next, and of its prompts the oldest; none for a page that is
    /// not on screen.
    fn show(&mut self) {
        if self.on_screen.is_some() {
            return;
        }
        let turn = |sheet: &Sheet| self.turns.get(&sheet.program).copied().unwrap_or(0);
        let ready = |sheet: &Sheet| !self.hidden.contains(&sheet.program);
        let waiting = self.waiting.iter().enumerate().filter(|(_, sheet)| ready(sheet));
        let next = waiting.min_by_key(|(age, sheet)| (turn(sheet), *age));
        let Some((index, _)) = next else { return };
        let sheet = self.waiting.remove(index);
        self.turn += 1;
        self.turns.insert(sheet.program, self.turn);
        self.on_screen = Some(sheet);
    }
}

impl ReferenceStateMachine for Queue {
    type State = Self;
    type Transition = Step;

    fn init_state() -> BoxedStrategy<Self> {
        Just(Self::default()).boxed()
    }

    fn transitions(state: &Self) -> BoxedStrategy<Step> {
        let program = 0..PROGRAMS.len();
        let mut steps = vec![
            (1, program.clone().prop_map(Step::Navigate).boxed()),
            (1, program.clone().prop_map(Step::Hide).boxed()),
            (2, program.clone().prop_map(Step::Show).boxed()),
        ];
        let seen: Vec<usize> = program.filter(|program| !state.hidden.contains(program)).collect();
        if !seen.is_empty() {
            let ask = (select(seen), 0..SCOPES.len());
            let ask = ask.prop_map(|(program, scopes)| Step::Ask { program, scopes });
            steps.push((8, ask.boxed()));
        }
        if state.on_screen.is_some() {
            steps.push((4, Just(Step::Allow).boxed()));
            steps.push((1, Just(Step::CannotShow).boxed()));
        }
        if !state.requests().is_empty() {
            steps.push((3, any::<usize>().prop_map(Step::Cancel).boxed()));
        }
        Union::new_weighted(steps).boxed()
    }

    fn preconditions(state: &Self, step: &Step) -> bool {
        match step {
            Step::Allow | Step::CannotShow => state.on_screen.is_some(),
            Step::Cancel(_) => !state.requests().is_empty(),
            // From the background it would ask nobody.
            Step::Ask { program, .. } => !state.hidden.contains(program),
            Step::Navigate(_) | Step::Hide(_) | Step::Show(_) => true,
        }
    }

    fn apply(mut state: Self, step: &Step) -> Self {
        match step {
            Step::Ask { program, scopes } => state.ask(*program, *scopes),
            Step::Allow | Step::CannotShow => state.on_screen = None,
            Step::Cancel(which) => {
                let requests = state.requests();
                let cancelled = requests[which % requests.len()];
                state.cancelled = cancelled;
                state.leave(|_, request| request != cancelled);
            }
            Step::Navigate(program) => state.leave(|sheet, _| sheet.program != *program),
            Step::Hide(program) => state.hide(*program),
            Step::Show(program) => {
                state.hidden.remove(program);
            }
        }
        state.show();
        state
    }
}

/// The machine, and the numbers of its documents and messages.
struct Host {
    machine: Machine,
    documents: [u64; 3],
    last: u64,
    /// Whose each request is.
    asked: BTreeMap<u64, usize>,
}

impl Host {
    fn send(&mut self, program: usize, message: &serde_json::Value) -> Vec<Effect> {
        self.last += 1;
        let document = DocumentId(self.documents[program]);
        let context = call(PROGRAMS[program], document, ReplyToken(self.last));
        self.machine.receive(session(program), context, &message.to_string())
    }

    fn seen(&mut self, program: usize, visibility: Visibility) {
        let session = session(program);
        let effects = self.machine.feed(Input::VisibilityChanged { session, visibility });
        self.refuse_codes(effects);
    }

    fn begin(&mut self, program: usize) {
        self.documents[program] += 1;
        let document = DocumentId(self.documents[program]);
        self.machine.feed(Input::DocumentStarted { session: session(program), document });
        self.send(program, &initialize(1_000_000 + self.last));
    }

    /// Codes are refused at once: what counts here is over by then.
    fn refuse_codes(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            if let Effect::IssueCode(request) = effect {
                let outcome = Err(IssueFailure::because(Reason::Network));
                self.machine.feed(Input::CodeIssued { ticket: request.ticket(), outcome });
            }
        }
    }
}

struct Beside;

impl StateMachineTest for Beside {
    type SystemUnderTest = Host;
    type Reference = Queue;

    fn init_test(_: &Queue) -> Host {
        let mut host = Host {
            machine: Machine::default(),
            documents: [0; 3],
            last: 0,
            asked: BTreeMap::new(),
        };
        host.machine.feed(Input::UserChanged(Some(alice())));
        for (program, id) in PROGRAMS.iter().enumerate() {
            host.machine.open(session(program), manifest(id));
            host.begin(program);
        }
        host
    }

    fn apply(mut host: Host, after: &Queue, step: Step) -> Host {
        // What pages take back counts as refused in the end; whether it does is no matter here.
        host.machine.feed(Input::SettingsOpened);
        // A session may not speak faster than this for long.
        host.machine.advance(std::time::Duration::from_millis(100));
        let shown = host.machine.mediator.open_prompt().cloned();
        match step {
            Step::Ask { program, scopes } => {
                let mut message = request_code(after.last_request, SCOPES[scopes]);
                message["params"]["prompt"] = json!("consent");
                host.asked.insert(after.last_request, program);
                host.send(program, &message);
            }
            Step::Allow => {
                let view = shown.expect("the model has a prompt on screen");
                let scopes = view.shown.scopes.iter().map(|scope| scope.name.clone()).collect();
                let choice = Choice::Allow { scopes, remember: Remember::Once };
                let effects = host.machine.feed(Input::Answered { prompt: view.prompt, choice });
                host.refuse_codes(effects);
            }
            Step::CannotShow => {
                let prompt = shown.expect("the model has a prompt on screen").prompt;
                host.machine.feed(Input::PromptFailed { prompt });
            }
            Step::Cancel(_) => {
                let program = host.asked[&after.cancelled];
                let params = json!({"id": after.cancelled});
                let message =
                    json!({"jsonrpc": "2.0", "method": "$/cancelRequest", "params": params});
                host.send(program, &message);
            }
            Step::Navigate(program) => host.begin(program),
            Step::Hide(program) => host.seen(program, Visibility::Hidden),
            Step::Show(program) => host.seen(program, Visibility::Visible),
        }
        host
    }

    fn check_invariants(host: &Host, after: &Queue) {
        let shown = host.machine.mediator.open_prompt();
        let shown = shown.map(|view| {
            let scopes = view.shown.scopes.iter().map(|scope| scope.name.clone());
            (view.shown.mini_program.id.to_string(), scopes.collect::<Vec<Scope>>())
        });
        let expected = after.on_screen.as_ref().map(|sheet| {
            let scopes = SCOPES[sheet.scopes].iter().copied().map(Scope::new);
            (PROGRAMS[sheet.program].to_owned(), scopes.collect::<Vec<Scope>>())
        });
        assert_eq!(shown, expected);
        assert_eq!(host.machine.mediator.pending_requests(), after.requests().len());
    }
}

fn session(program: usize) -> SessionId {
    SessionId(program as u64 + 1)
}

prop_state_machine! {
    #[test]
    fn the_next_prompt_is_the_one_that_is_due(sequential 1..60 => Beside);
}
