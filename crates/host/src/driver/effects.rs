//! Carrying out what the mediator wants done.

use std::sync::{
    Arc, Weak,
    atomic::{AtomicU64, Ordering},
};

use minihost_core::{
    AuditEvent, CodeRequest, ConsentView, Effect, Grant, Input, IssueFailure, PromptId, Reply,
    ReplyToken, SaveId, SaveOutcome, SessionId,
};
use minihost_protocol::Reason;
use tokio::{
    runtime::Handle,
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
};
use tokio_util::{
    sync::{CancellationToken, DropGuard},
    task::TaskTracker,
};

use super::{
    lane::{Handed, Lane},
    mini_host::{Inner, Ports},
};
use crate::ports::{CodeIssuer, GrantStore};

/// The most audit events that wait for a host that does not take them.
const AUDIT_CAPACITY: usize = 1024;

/// The ways out of the driver. Each holds its port alone, so that dropping this drops the ports.
pub(super) struct Outlets {
    prompt: Lane<PromptCall>,
    sink: Lane<SinkCall>,
    audit: Lane<AuditEvent>,
    lost_audits: AtomicU64,
    saves: UnboundedSender<(SaveId, Vec<Grant>)>,
    code_issuer: Arc<dyn CodeIssuer>,
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
            audit: Lane::bounded("audit", AUDIT_CAPACITY, move |event| audit.record(event))?,
            lost_audits: AtomicU64::new(0),
            saves,
            code_issuer,
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
                self.sink.hand(SinkCall::Settle(session, reply_token))
            }
            Effect::Prompt(view) => self.prompt.hand(PromptCall::Present(view)),
            Effect::DismissPrompt(prompt) => self.prompt.hand(PromptCall::Dismiss(prompt)),
            Effect::SaveGrants { save, grants } => {
                // Without the task that saves, the machine's own deadline answers for it.
                let _ = self.saves.send((save, grants));
                Handed::Queued
            }
            Effect::IssueCode(request) => {
                let issue = issue(self.code_issuer.clone(), *request, self.host.clone());
                // The guard cancels however this value ends, by `finish` or with its host.
                let ended = self.ended.token().clone();
                let until_ended = async move { ended.run_until_cancelled(issue).await };
                self.tasks.spawn_on(until_ended, &self.runtime);
                Handed::Queued
            }
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

    fn audit(&self, event: AuditEvent) {
        if self.audit.hand(event) == Handed::Dropped {
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
        let outcome = match store.save(&grants).await {
            Ok(()) => SaveOutcome::Stored,
            Err(error) => {
                tracing::warn!(%error, "the grant is not remembered: its store failed");
                SaveOutcome::Failed
            }
        };
        let Some(host) = host.upgrade() else { return };
        host.apply(Input::GrantsSaved { save, outcome });
    }
}

async fn issue(issuer: Arc<dyn CodeIssuer>, request: CodeRequest, host: Weak<Inner>) {
    let ticket = request.ticket();
    let correlation = request.correlation().clone();
    let time_allowed = request.time_allowed();
    // A task of its own, so that a panic in a host's issuer still leads to an answer.
    let attempt =
        tokio::spawn(
            async move { tokio::time::timeout(time_allowed, issuer.issue(&request)).await },
        );
    let abort = AbortOnDrop(attempt.abort_handle());
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
    drop(abort);
    if let Some(host) = host.upgrade() {
        host.apply(Input::CodeIssued { ticket, outcome });
    }
}

struct AbortOnDrop(tokio::task::AbortHandle);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}
