//! Carrying out what the mediator wants done.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicU64, Ordering},
    },
};

use minihost_core::{
    AuditEvent, CodeRequest, ConsentView, Effect, Grant, Input, IssueFailure, PromptId, Reply,
    ReplyToken, SaveId, SaveOutcome, SessionId, Ticket,
};
use minihost_protocol::Reason;
use tokio::{
    runtime::Handle,
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
};
use tokio_util::{
    sync::{CancellationToken, DropGuard},
    task::{AbortOnDropHandle, TaskTracker},
};

use super::{
    lane::{Handed, Lane},
    mini_host::{Inner, Ports},
};
use crate::ports::{CodeIssuer, GrantStore};

/// The most audit events that wait for a host that does not take them.
const AUDIT_CAPACITY: usize = 1024;

/// The most calls that wait for a host's sink before ways back are no longer let go one by one.
/// Replies are never dropped: the machine bounds them.
const SINK_CAPACITY: usize = 1024;

/// The ways out of the driver. Each holds its port alone, so that dropping this drops the ports.
pub(super) struct Outlets {
    prompt: Lane<PromptCall>,
    sink: Lane<SinkCall>,
    audit: Lane<AuditEvent>,
    lost_audits: AtomicU64,
    saves: UnboundedSender<(SaveId, Vec<Grant>)>,
    code_issuer: Arc<dyn CodeIssuer>,
    code_requests: CodeRequests,
    // The machine is called from any thread of the host; tasks run on the runtime it began on.
    runtime: Handle,
    tasks: TaskTracker,
    ended: DropGuard,
    host: Weak<Inner>,
}

enum PromptCall {
    Present(ConsentView),
    Dismiss(PromptId),
}

enum SinkCall {
    Deliver(Reply),
    Settle(SessionId, ReplyToken),
}

impl Outlets {
    /// Starts the lanes. Must be called within a tokio runtime.
    pub(super) fn start(ports: Ports, host: Weak<Inner>) -> std::io::Result<Self> {
        let Ports { prompt, sink, code_issuer, grants, audit, clock: _ } = ports;
        let tasks = TaskTracker::new();
        let (saves, queue) = unbounded_channel();
        tasks.spawn(save_in_order(grants, queue, host.clone()));
        Ok(Self {
            prompt: Lane::new("prompt", move |call| match call {
                PromptCall::Present(view) => prompt.present(view),
                PromptCall::Dismiss(id) => prompt.dismiss(id),
            })?,
            sink: Lane::new("sink", move |call| match call {
                SinkCall::Deliver(Reply { session, document, in_reply_to, text }) => {
                    sink.deliver(session, document, Some(in_reply_to), text);
                }
                SinkCall::Settle(session, reply_token) => sink.settle(session, reply_token),
            })?,
            audit: Lane::new("audit", move |event| audit.record(event))?,
            lost_audits: AtomicU64::new(0),
            saves,
            code_issuer,
            code_requests: CodeRequests::default(),
            runtime: Handle::current(),
            tasks,
            ended: CancellationToken::new().drop_guard(),
            host,
        })
    }

    /// Carries out one effect without waiting for anything.
    pub(super) fn carry_out(&self, effect: Effect) {
        let handed = match effect {
            Effect::Reply(reply) => self.sink.hand(SinkCall::Deliver(reply)),
            Effect::Settle { session, reply_token } => {
                return self.settle(session, reply_token);
            }
            Effect::Prompt(view) => self.prompt.hand(PromptCall::Present(view)),
            Effect::DismissPrompt(prompt) => self.prompt.hand(PromptCall::Dismiss(prompt)),
            Effect::SaveGrants { save, grants } => match self.saves.send((save, grants)) {
                Ok(()) => Handed::Queued,
                Err(_) => Handed::Dropped,
            },
            Effect::IssueCode(request) => return self.issue(*request),
            Effect::AbandonCode(ticket) => return self.code_requests.abandon(ticket),
            Effect::Audit(event) => return self.audit(event),
        };
        if handed == Handed::Dropped {
            tracing::error!("a port of the host has ended; a call to it is lost");
        }
    }

    /// Ends the lanes and the saves after what they have, and code requests at once.
    pub(super) fn finish(self) -> (Vec<std::thread::JoinHandle<()>>, TaskTracker) {
        drop(self.ended);
        self.tasks.close();
        (vec![self.prompt.finish(), self.sink.finish(), self.audit.finish()], self.tasks)
    }

    fn settle(&self, session: SessionId, reply_token: ReplyToken) {
        let call = SinkCall::Settle(session, reply_token);
        if self.sink.hand_below(SINK_CAPACITY, call) == Handed::Dropped {
            tracing::debug!("the host's sink is slow; a way back is not let go");
        }
    }

    fn issue(&self, request: CodeRequest) {
        // The guard cancels however this value ends, by `finish` or with its host.
        let abandoned = self.ended.token().child_token();
        let ticket = request.ticket();
        let (issuer, host) = (self.code_issuer.clone(), self.host.clone());
        let code_requests = self.code_requests.clone();
        self.code_requests.begin(ticket, abandoned.clone());
        let issue = async move {
            abandoned.run_until_cancelled(issue(issuer, request, host)).await;
            code_requests.end(ticket);
        };
        self.tasks.spawn_on(issue, &self.runtime);
    }

    fn audit(&self, event: AuditEvent) {
        if self.audit.hand_below(AUDIT_CAPACITY, event) == Handed::Dropped {
            let lost = self.lost_audits.fetch_add(1, Ordering::Relaxed) + 1;
            if lost.is_power_of_two() {
                tracing::warn!(lost, "the host does not take audit events fast enough");
            }
        }
    }
}

/// Writes grants one save after the other, so that the last one is what stays.
async fn save_in_order(
    store: Arc<dyn GrantStore>,
    mut queue: UnboundedReceiver<(SaveId, Vec<Grant>)>,
    host: Weak<Inner>,
) {
    while let Some((save, grants)) = queue.recv().await {
        let store = store.clone();
        // A task of its own, so that a panic in a host's store costs one save.
        let saved = tokio::spawn(async move { store.save(&grants).await });
        let outcome = match saved.await {
            Ok(Ok(())) => SaveOutcome::Stored,
            Ok(Err(error)) => {
                tracing::warn!(%error, "the grant is not remembered: its store failed");
                SaveOutcome::Failed
            }
            Err(_panicked) => {
                tracing::error!("the grant is not remembered: its store panicked");
                SaveOutcome::Failed
            }
        };
        // What is queued is written, though the host may be gone.
        if let Some(host) = host.upgrade() {
            host.apply(Input::GrantsSaved { save, outcome });
        }
    }
}

async fn issue(issuer: Arc<dyn CodeIssuer>, request: CodeRequest, host: Weak<Inner>) {
    let ticket = request.ticket();
    let correlation = request.correlation().clone();
    let time_allowed = request.time_allowed();
    // A task of its own, so that a panic in a host's issuer still leads to an answer.
    let attempt = AbortOnDropHandle::new(tokio::spawn(async move {
        tokio::time::timeout(time_allowed, issuer.issue(&request)).await
    }));
    let failure = |reason, retry_after| Err(IssueFailure { reason, retry_after });
    let outcome = match attempt.await {
        Ok(Ok(Ok(issued))) => Ok(issued),
        Ok(Ok(Err(error))) => {
            tracing::warn!(%correlation, %error, "no code was issued");
            Err(error.failure())
        }
        Ok(Err(_elapsed)) => failure(Reason::Timeout, None),
        Err(_panicked) => {
            tracing::error!(%correlation, "the code issuer panicked");
            failure(Reason::Internal, None)
        }
    };
    if let Some(host) = host.upgrade() {
        host.apply(Input::CodeIssued { ticket, outcome });
    }
}

/// The code requests under way, each with the means to give it up.
#[derive(Clone, Default)]
struct CodeRequests(Arc<Mutex<BTreeMap<Ticket, CancellationToken>>>);

impl CodeRequests {
    fn begin(&self, ticket: Ticket, abandoned: CancellationToken) {
        self.lock().insert(ticket, abandoned);
    }

    fn abandon(&self, ticket: Ticket) {
        if let Some(abandoned) = self.lock().remove(&ticket) {
            abandoned.cancel();
        }
    }

    fn end(&self, ticket: Ticket) {
        self.lock().remove(&ticket);
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Ticket, CancellationToken>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
