//! Takings back that are under way: what each waits for, and what came of it.

use std::{collections::BTreeSet, time::Duration};

use minihost_protocol::{Failure, Reason, method::revoke::Revoked};

use super::{Effect, Mediator, SaveOutcome, pending::Pending};
use crate::{AuditEvent, EndingId, Moment, Outcome, RevokeCall, SaveId, Scope, ServerEnd, Ticket};

/// What came of a host's [`Input::Revoke`](crate::Input::Revoke).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevokeOutcome {
    /// What was granted and is no more.
    pub scopes: BTreeSet<Scope>,
    /// Whether that survives a crash. [`SaveOutcome::Failed`]: the store failed or did not answer in
    /// the time that the network is given; it is tried again.
    pub saved: SaveOutcome,
    /// What the authorization server was told. [`ServerEnd::Due`]: it could not be reached in that
    /// time; it is told again.
    pub server: ServerEnd,
}

/// All takings back that are under way. Each ends when its time is up, whatever is heard by then.
#[derive(Default)]
pub(super) struct Revocations {
    under_way: Vec<Revocation>,
}

struct Revocation {
    /// As it will be written down, but for its end.
    audit: AuditEvent,
    begun: Duration,
    deadline: Duration,
    asker: Asker,
    scopes: BTreeSet<Scope>,
    save: Save,
    server: AtServer,
}

/// Who wants to know what came of it.
#[derive(Clone, Copy)]
pub(super) enum Asker {
    Page(Ticket),
    Host(RevokeCall),
    /// Whoever asked need not wait.
    Nobody,
}

/// Where the store is.
#[derive(Clone, Copy)]
enum Save {
    Waits(SaveId),
    Done(SaveOutcome),
}

/// Where the server is.
struct AtServer {
    waits: BTreeSet<EndingId>,
    /// The worst that was heard.
    heard: ServerEnd,
}

/// One that begins.
pub(super) struct Revoking {
    /// As it will be written down, but for its end.
    pub(super) audit: AuditEvent,
    pub(super) asker: Asker,
    pub(super) scopes: BTreeSet<Scope>,
    /// Nothing where the store has it already.
    pub(super) save: Option<SaveId>,
    pub(super) waits: BTreeSet<EndingId>,
}

impl Revocations {
    /// Waits for the store and the server, and for neither beyond its time.
    pub(super) fn begin(&mut self, begun: Duration, deadline: Duration, revoking: Revoking) {
        let Revoking { audit, asker, scopes, save, waits } = revoking;
        let save = save.map_or(Save::Done(SaveOutcome::Stored), Save::Waits);
        let server = AtServer { waits, heard: ServerEnd::NotTold };
        self.under_way.push(Revocation { audit, begun, deadline, asker, scopes, save, server });
    }

    /// The uptime at which the next of them has had its time.
    pub(super) fn next_deadline(&self) -> Option<Duration> {
        self.under_way.iter().map(|revocation| revocation.deadline).min()
    }
}

impl Revocation {
    fn is_done(&self) -> bool {
        matches!(self.save, Save::Done(_)) && self.server.waits.is_empty()
    }

    /// What is known by now.
    fn outcome(&self) -> (SaveOutcome, ServerEnd) {
        let saved = match self.save {
            Save::Waits(_) => SaveOutcome::Failed,
            Save::Done(outcome) => outcome,
        };
        let is_told = self.server.waits.is_empty();
        (saved, if is_told { self.server.heard } else { ServerEnd::Due })
    }
}

impl Mediator {
    /// The server has answered, or could not be told; takings back that waited for it go on.
    pub(super) fn revocations_ended(
        &mut self,
        now: Moment,
        ending: EndingId,
        server: ServerEnd,
        effects: &mut Vec<Effect>,
    ) {
        for revocation in self.revocations.under_way.iter_mut() {
            if revocation.server.waits.remove(&ending) {
                revocation.server.heard = worse(revocation.server.heard, server);
            }
        }
        self.conclude_revocations(now, Revocation::is_done, effects);
    }

    /// A save has ended; takings back that waited for it go on.
    pub(super) fn revocations_saved(
        &mut self,
        now: Moment,
        save: SaveId,
        outcome: SaveOutcome,
        effects: &mut Vec<Effect>,
    ) {
        for revocation in self.revocations.under_way.iter_mut() {
            if matches!(revocation.save, Save::Waits(waited) if waited <= save) {
                revocation.save = Save::Done(outcome);
            }
        }
        self.conclude_revocations(now, Revocation::is_done, effects);
    }

    /// Ends the takings back that have had their time.
    pub(super) fn expire_revocations(&mut self, now: Moment, effects: &mut Vec<Effect>) {
        let is_due = |revocation: &Revocation| revocation.deadline <= now.uptime;
        self.conclude_revocations(now, is_due, effects);
    }

    /// Writes down, as far as they have come, the takings back that the host's end overtakes. Whoever
    /// asked hears of that.
    pub(super) fn overtake_revocations(&mut self, now: Moment, effects: &mut Vec<Effect>) {
        for revocation in self.revocations.under_way.iter_mut() {
            revocation.asker = Asker::Nobody;
        }
        self.conclude_revocations(now, |_| true, effects);
    }

    /// Says what came of takings back.
    fn conclude_revocations(
        &mut self,
        now: Moment,
        is_meant: impl Fn(&Revocation) -> bool,
        effects: &mut Vec<Effect>,
    ) {
        let under_way = &mut self.revocations.under_way;
        let concluded: Vec<Revocation> = under_way.extract_if(.., |it| is_meant(it)).collect();
        for revocation in concluded {
            let (saved, server) = revocation.outcome();
            let Revocation { audit, begun, asker, scopes, .. } = revocation;
            let outcome = match saved {
                SaveOutcome::Stored => Outcome::Revoked { server },
                SaveOutcome::Failed => Outcome::Refused(Reason::TemporarilyUnavailable),
            };
            let took = now.uptime.saturating_sub(begun);
            let audit = Effect::Audit(AuditEvent { at: now.time, outcome, took, ..audit });
            match asker {
                Asker::Nobody => {}
                Asker::Host(call) => {
                    let outcome = RevokeOutcome { scopes, saved, server };
                    effects.push(Effect::Revoked { call, outcome });
                }
                Asker::Page(ticket) => {
                    if let Some(Pending { responder, .. }) = self.pendings.take(ticket) {
                        effects.push(match saved {
                            SaveOutcome::Stored => responder.succeed(&answer(&scopes, server)),
                            SaveOutcome::Failed => responder.fail(&not_saved()),
                        });
                    }
                }
            }
            effects.push(audit);
        }
    }
}

/// Of two outcomes, the one that leaves more to be told.
fn worse(one: ServerEnd, other: ServerEnd) -> ServerEnd {
    let badness = |end| match end {
        ServerEnd::NotTold => 0,
        ServerEnd::Ended => 1,
        ServerEnd::LocalOnly => 2,
        ServerEnd::Due => 3,
    };
    if badness(other) > badness(one) { other } else { one }
}

/// What a page hears.
pub(super) fn answer(scopes: &BTreeSet<Scope>, server: ServerEnd) -> Revoked<'_> {
    let revoked_scopes = scopes.iter().map(Scope::as_str).collect();
    Revoked { revoked_scopes, at_server: server == ServerEnd::Ended }
}

fn not_saved() -> Failure {
    let message =
        "What was taken back could not be stored; it may return at the host's next start.";
    Failure::new(Reason::TemporarilyUnavailable, message)
}
