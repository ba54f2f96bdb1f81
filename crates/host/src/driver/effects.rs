//! Carrying out what the mediator wants done.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, Weak,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use minihost_core::{
    AuditEvent, CodeRequest, Effect, EndingId, GrantId, HostCall, HostMethodName, Input, Reply,
    ReplyToken, RevokeCall, RevokeOutcome, SessionId, SignInHow, SignInRequest, Ticket, Told,
};
use tokio::{
    runtime::Handle,
    sync::{Semaphore, oneshot},
};
use tokio_util::{
    sync::{CancellationToken, DropGuard},
    task::TaskTracker,
};

use super::{
    afterwards::Afterwards,
    calls,
    lane::{Ground, Handed, Lane},
    leash::Leash,
    machine::Inner,
    prompts::PromptLane,
    saves::{Saves, saves},
    start::{OptionalPorts, Ports},
    undelivered::{Room, Undelivered},
    under_way::UnderWay,
};
use crate::{
    ports::{Browser, CodeIssuer, HostMethod, SettingsRequest, SignInPrompt},
    sync::lock,
};

/// The most audit events that wait for a host that does not take them.
const AUDIT_CAPACITY: usize = 1024;

/// The most calls that wait for a host's sink before ways back are no longer let go one by one.
const SINK_CAPACITY: usize = 1024;

/// The most grants that are ended at the authorization server at the same time.
const ENDS_AT_ONCE: usize = 4;

/// The ways out of the driver. Each holds its port alone, so that dropping this drops the ports.
pub(super) struct Outlets {
    prompt: PromptLane,
    sink: Lane<SinkCall>,
    undelivered: Undelivered,
    audit: Lane<AuditEvent>,
    lost_audits: AtomicU64,
    saves: Saves,
    ends: Arc<Semaphore>,
    settings: Option<Lane<SettingsRequest>>,
    sign_in: Option<Arc<dyn SignInPrompt>>,
    browser: Option<Arc<dyn Browser>>,
    code_issuer: Arc<dyn CodeIssuer>,
    methods: BTreeMap<HostMethodName, Arc<dyn HostMethod>>,
    under_way: UnderWay,
    revokes: Mutex<BTreeMap<RevokeCall, oneshot::Sender<RevokeOutcome>>>,
    // The machine is called from any thread of the host; tasks run on the runtime it began on.
    runtime: Handle,
    tasks: TaskTracker,
    ended: DropGuard,
    host: Weak<Inner>,
}

enum SinkCall {
    Deliver(Reply),
    Tell(Told),
    Settle(SessionId, ReplyToken),
}

impl Outlets {
    /// Starts the lanes. Must be called within a tokio runtime.
    pub(super) fn start(
        ports: Ports,
        tasks: TaskTracker,
        ground: &Ground,
        host: Weak<Inner>,
    ) -> std::io::Result<Self> {
        let Ports { prompt, sink, code_issuer, grants, audit, clock: _, optional } = ports;
        let OptionalPorts { settings, sign_in, browser, methods } = optional;
        let failing = host.clone();
        let settings = settings
            .map(|settings| Lane::new(ground, "settings", move |request| settings.show(request)));
        let undelivered = Undelivered::default();
        let delivered = undelivered.clone();
        let (saves, saving) = saves();
        tasks.spawn(saving.run(grants, host.clone()));
        Ok(Self {
            prompt: PromptLane::new(ground, prompt, move |prompt| {
                if let Some(host) = failing.upgrade() {
                    host.apply(Input::PromptFailed { prompt });
                }
            })?,
            sink: Lane::new(ground, "sink", move |call| match call {
                SinkCall::Deliver(Reply { session, document, in_reply_to, text }) => {
                    delivered.end(session);
                    sink.deliver(session, document, Some(in_reply_to), text);
                }
                SinkCall::Tell(Told { session, document, text }) => {
                    delivered.end(session);
                    sink.deliver(session, document, None, text);
                }
                SinkCall::Settle(session, reply_token) => sink.settle(session, reply_token),
            })?,
            undelivered,
            audit: Lane::new(ground, "audit", move |event| audit.record(event))?,
            lost_audits: AtomicU64::new(0),
            saves,
            ends: Arc::new(Semaphore::new(ENDS_AT_ONCE)),
            settings: settings.transpose()?,
            sign_in,
            browser,
            code_issuer,
            methods: methods
                .into_iter()
                .map(|method| (method.declaration().name, method))
                .collect(),
            under_way: UnderWay::default(),
            revokes: Mutex::default(),
            runtime: Handle::current(),
            tasks,
            ended: CancellationToken::new().drop_guard(),
            host,
        })
    }

    /// Carries out one effect without waiting for anything and without calling the host, and adds what
    /// is left to do.
    pub(super) fn carry_out(&self, effect: Effect, afterwards: &mut Vec<Afterwards>) {
        let handed = match effect {
            Effect::Reply(reply) => {
                return self.deliver(reply.session, SinkCall::Deliver(reply), afterwards);
            }
            Effect::Tell(told) => {
                return self.deliver(told.session, SinkCall::Tell(told), afterwards);
            }
            Effect::Settle { session, reply_token } => {
                return self.settle(session, reply_token, afterwards);
            }
            Effect::Prompt(view) => self.prompt.present(view),
            Effect::DismissPrompt(prompt) => self.prompt.dismiss(prompt),
            Effect::Save { save, remembered } => self.saves.hand(save, remembered),
            Effect::OpenSettings { ticket, mini_program } => match &self.settings {
                Some(settings) => settings.hand(SettingsRequest { ticket, mini_program }),
                None => Handed::Dropped,
            },
            Effect::Revoked { call, outcome } => {
                let told = lock(&self.revokes).remove(&call);
                return afterwards.extend(told.map(|told| Afterwards::Revoked(told, outcome)));
            }
            Effect::CallMethod(call) => return afterwards.extend(self.call(*call)),
            Effect::Audit(event) => return self.audit(event, afterwards),
            Effect::IssueCode(request) => return self.issue(*request),
            Effect::AbandonCode(ticket)
            | Effect::AbandonMethod(ticket)
            | Effect::AbandonSignIn(ticket) => {
                return self.under_way.abandon(ticket);
            }
            Effect::EndAtServer { ending, grant_id, time_allowed } => {
                return self.end_at_server(ending, grant_id, time_allowed);
            }
            Effect::SignIn(wanted) => return self.sign_in(*wanted),
        };
        if handed == Handed::Dropped {
            afterwards.push(Afterwards::PortGone);
        }
    }

    /// Ends the lanes and the saves after what they have, and code requests at once.
    pub(super) fn finish(self) -> (Vec<std::thread::JoinHandle<()>>, TaskTracker) {
        drop(self.ended);
        self.tasks.close();
        let threads = [self.prompt.finish(), self.sink.finish(), self.audit.finish()];
        let settings = self.settings.and_then(Lane::finish);
        (threads.into_iter().flatten().chain(settings).collect(), self.tasks)
    }

    fn deliver(&self, session: SessionId, call: SinkCall, afterwards: &mut Vec<Afterwards>) {
        let room = self.undelivered.begin(session);
        afterwards.push(match self.sink.put(usize::MAX, call) {
            Handed::Queued => Afterwards::Wake(self.sink.wake()),
            Handed::Dropped => Afterwards::PortGone,
        });
        if room == Room::None {
            afterwards.push(Afterwards::SinkStuck(session));
        }
    }

    fn settle(
        &self,
        session: SessionId,
        reply_token: ReplyToken,
        afterwards: &mut Vec<Afterwards>,
    ) {
        let call = SinkCall::Settle(session, reply_token);
        afterwards.push(match self.sink.put(SINK_CAPACITY, call) {
            Handed::Queued => Afterwards::Wake(self.sink.wake()),
            Handed::Dropped => Afterwards::SinkSlow,
        });
    }

    /// Notes who wants to know what comes of a taking back.
    pub(super) fn expect_revoked(&self, call: RevokeCall) -> oneshot::Receiver<RevokeOutcome> {
        let (told, outcome) = oneshot::channel();
        lock(&self.revokes).insert(call, told);
        outcome
    }

    fn issue(&self, request: CodeRequest) {
        let ticket = request.ticket();
        let (issuer, host) = (self.code_issuer.clone(), self.host.clone());
        self.spawn(ticket, |leash| calls::issue(leash, issuer, request, host));
    }

    fn sign_in(&self, wanted: SignInRequest) {
        let (ticket, host) = (wanted.ticket, self.host.clone());
        match (&wanted.how, self.sign_in.clone(), self.browser.clone()) {
            (SignInHow::InBrowser { page }, _, Some(browser)) => {
                let page = page.clone();
                self.spawn(ticket, |leash| calls::visit(leash, browser, wanted, page, host));
            }
            (SignInHow::Again { .. } | SignInHow::ChooseAccount, Some(prompt), _) => {
                self.spawn(ticket, |leash| calls::sign_in(leash, prompt, wanted, host));
            }
            // The machine wants nothing that the host was not said to have.
            _ => {}
        }
    }

    fn call(&self, call: HostCall) -> Option<Afterwards> {
        let Some(method) = self.methods.get(&call.method).cloned() else {
            return Some(Afterwards::NoSuchMethod(call.method));
        };
        let host = self.host.clone();
        self.spawn(call.ticket, |leash| calls::call(leash, method, call, host));
        None
    }

    fn end_at_server(&self, ending: EndingId, grant_id: GrantId, time_allowed: Duration) {
        let (issuer, turns) = (self.code_issuer.clone(), self.ends.clone());
        let host = self.host.clone();
        let leash = Leash::new(self.ended.token().child_token());
        let end = calls::EndAtServer { ending, grant_id, time_allowed, turns };
        let end = end.call(leash.clone(), issuer, host);
        self.tasks.spawn_on(async move { leash.hold(end).await }, &self.runtime);
    }

    /// Runs what a request waits for, until it is abandoned.
    fn spawn<W>(&self, ticket: Ticket, work: impl FnOnce(Leash) -> W)
    where
        W: Future<Output = ()> + Send + 'static,
    {
        // The guard cancels however this value ends, by `finish` or with its host.
        let abandoned = self.ended.token().child_token();
        let under_way = self.under_way.clone();
        let turn = self.under_way.begin(ticket, abandoned.clone());
        let leash = Leash::new(abandoned);
        let work = work(leash.clone());
        let work = async move {
            leash.hold(work).await;
            under_way.end(ticket, turn);
        };
        self.tasks.spawn_on(work, &self.runtime);
    }

    fn audit(&self, event: AuditEvent, afterwards: &mut Vec<Afterwards>) {
        if self.audit.put(AUDIT_CAPACITY, event) == Handed::Queued {
            return afterwards.push(Afterwards::Wake(self.audit.wake()));
        }
        let lost = self.lost_audits.fetch_add(1, Ordering::Relaxed) + 1;
        if lost.is_power_of_two() {
            afterwards.push(Afterwards::AuditsLost(lost));
        }
    }
}
