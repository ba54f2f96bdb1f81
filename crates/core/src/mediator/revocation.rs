//! Taking grants back: here at once, and at the authorization server where it can be told.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use minihost_protocol::{
    Failure, Reason,
    method::revoke::{self, Revoked},
};
use serde_json::{Map, Value};

use super::{
    Effect, EndOutcome, Mediator, SaveOutcome,
    pending::{Pending, Work},
    responder::Responder,
};
use crate::{
    Action, AuditEvent, ConsentMode, CorrelationId, EndingId, GrantEndedBy, GrantId, GrantKey,
    GrantParty, MiniProgramId, Moment, Outcome, RevokeCall, RevokedBy, SaveId, Scope, ServerEnd,
    Ticket, User, UserId,
};

/// One taking back that is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct RevocationId(u64);

/// All takings back that are under way.
#[derive(Default)]
pub(super) struct Revocations {
    under_way: BTreeMap<RevocationId, Revocation>,
    endings: BTreeMap<EndingId, BTreeSet<GrantId>>,
    last: u64,
    last_ending: u64,
}

struct Revocation {
    /// As it will be written down, but for its end.
    audit: AuditEvent,
    begun: Duration,
    asker: Asker,
    scopes: BTreeSet<Scope>,
    save: Step<SaveId, SaveOutcome>,
    server: Step<EndingId, ServerEnd>,
}

/// Who wants to know what came of it.
enum Asker {
    Page(Ticket),
    Host(RevokeCall),
    /// Whoever asked is gone.
    Nobody,
}

/// One thing that has to be done.
enum Step<I, O> {
    Waits(I),
    Done(O),
}

/// What came of a host's [`Input::Revoke`](crate::Input::Revoke).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevokeOutcome {
    /// What was granted and is no more.
    pub scopes: BTreeSet<Scope>,
    /// Whether that survives a crash.
    pub saved: SaveOutcome,
    /// What the authorization server was told. [`ServerEnd::Due`]: it could not be reached and is
    /// told at the next start.
    pub server: ServerEnd,
}

impl Mediator {
    /// `auth.revoke`.
    pub(super) fn revoke(
        &mut self,
        now: Moment,
        responder: Responder,
        params: &Map<String, Value>,
        effects: &mut Vec<Effect>,
    ) {
        let scopes = match revoke::scopes(params) {
            Ok(scopes) => scopes.map(|scopes| scopes.into_iter().map(Scope::new).collect()),
            Err(failure) => return effects.push(responder.fail(&failure)),
        };
        let Some(party) = self.program_party(responder.session) else {
            // The same answer as where nothing is granted.
            return effects.push(responder.succeed(&answer(&BTreeSet::new(), ServerEnd::NotTold)));
        };
        let ticket = self.pendings.new_ticket();
        let is_meant = |key: &GrantKey| {
            key.party.is_same_program(&party) && is_among(&key.scope, scopes.as_ref())
        };
        let by = (RevokedBy::Program, responder.correlation.clone());
        let whose = (party.user.clone(), party.mini_program.clone());
        let begun = self.begin_revocation(now, Asker::Page(ticket), whose, by, is_meant, effects);
        let Some(revocation) = begun else {
            return effects.push(responder.succeed(&answer(&BTreeSet::new(), ServerEnd::NotTold)));
        };
        let work = Work::Revocation(revocation);
        let deadline = now.uptime.saturating_add(self.config.network_deadline);
        self.pendings.insert(ticket, deadline, Pending { responder, received: now, work });
    }

    /// The user takes grants back in the host's own settings.
    pub(super) fn revoke_for_user(
        &mut self,
        now: Moment,
        call: RevokeCall,
        program: &MiniProgramId,
        scopes: Option<&BTreeSet<Scope>>,
        effects: &mut Vec<Effect>,
    ) {
        let issuer = self.config.issuer.clone();
        let nothing =
            |saved| RevokeOutcome { scopes: BTreeSet::new(), saved, server: ServerEnd::NotTold };
        let Some(user) = self.user.as_ref().map(|user| user.id.clone()) else {
            return effects.push(Effect::Revoked { call, outcome: nothing(SaveOutcome::Stored) });
        };
        let is_meant = |key: &GrantKey| {
            key.party.user == user
                && key.party.issuer == issuer
                && key.party.mini_program == *program
                && is_among(&key.scope, scopes)
        };
        let by = (RevokedBy::User, self.new_correlation());
        let whose = (user.clone(), program.clone());
        let asker = Asker::Host(call);
        if self.begin_revocation(now, asker, whose, by, is_meant, effects).is_none() {
            effects.push(Effect::Revoked { call, outcome: nothing(SaveOutcome::Stored) });
        }
    }

    /// Ends grants, with the code requests that rest on them, and at the server those of programs
    /// that have none left. `None` where nothing was granted and the store knows that.
    fn begin_revocation(
        &mut self,
        now: Moment,
        asker: Asker,
        (user, mini_program): (UserId, MiniProgramId),
        (by, correlation): (RevokedBy, CorrelationId),
        is_meant: impl Fn(&GrantKey) -> bool,
        effects: &mut Vec<Effect>,
    ) -> Option<RevocationId> {
        self.note_expired(now);
        let ended = self.grants.end(now.time, GrantEndedBy::Revoked, &is_meant);
        let modes = [ConsentMode::Prompt, ConsentMode::Remembered];
        self.end_codes_that_rest_on(now, &is_meant, &modes, effects);
        self.forget_unsaved(&is_meant);
        if ended.is_empty() && !self.store.may_hold_ended() {
            return None;
        }
        let due = match ended.first().map(|grant| grant.key.party.clone()) {
            Some(party) => self.end_at_server_where_none_remain(now, &party),
            None => BTreeSet::new(),
        };
        let save = self.save_end(now, effects);
        let server = match self.tell_server(due, effects) {
            Some(ending) => Step::Waits(ending),
            None => Step::Done(ServerEnd::NotTold),
        };
        self.revocations.last += 1;
        let revocation = RevocationId(self.revocations.last);
        let scopes: BTreeSet<Scope> = ended.into_iter().map(|grant| grant.key.scope).collect();
        let audit = AuditEvent {
            at: now.time,
            correlation,
            mini_program,
            user: Some(user),
            action: Action::Revoke(by),
            asked: scopes.clone(),
            digest: None,
            choice: None,
            outcome: Outcome::Revoked { server: ServerEnd::NotTold },
            took: Duration::ZERO,
            waited_for_user: None,
            waited_for_server: None,
        };
        let save = Step::Waits(save);
        let under_way = Revocation { audit, begun: now.uptime, asker, scopes, save, server };
        self.revocations.under_way.insert(revocation, under_way);
        Some(revocation)
    }

    /// Ends everything that a user granted, who has signed out of a host that forgets then.
    pub(super) fn forget_grants_of(&mut self, now: Moment, user: &User, effects: &mut Vec<Effect>) {
        let is_meant = |key: &GrantKey| key.party.user == user.id;
        self.forget_unsaved(is_meant);
        if !self.grants.end(now.time, GrantEndedBy::SignedOut, is_meant).is_empty() {
            self.save_end(now, effects);
        }
    }

    /// Marks what the server is to end: everything it knows of a program that has no grant left.
    pub(super) fn end_at_server_where_none_remain(
        &mut self,
        now: Moment,
        party: &GrantParty,
    ) -> BTreeSet<GrantId> {
        let same = |other: &GrantParty| {
            other.issuer == party.issuer
                && other.user == party.user
                && other.mini_program == party.mini_program
        };
        if self.grants.all_live(now.time).any(|grant| same(&grant.key.party)) {
            return BTreeSet::new();
        }
        let untold = self.grants.past().iter().filter(|grant| {
            let end = grant.ended.as_ref();
            same(&grant.key.party) && end.is_some_and(|end| end.server == ServerEnd::NotTold)
        });
        let due: BTreeSet<GrantId> = untold.filter_map(|grant| grant.grant_id.clone()).collect();
        for grant_id in &due {
            self.grants.note_server_end(grant_id, ServerEnd::Due);
        }
        due
    }

    /// Has the server told. `None` where there is nothing to tell.
    pub(super) fn tell_server(
        &mut self,
        grants: BTreeSet<GrantId>,
        effects: &mut Vec<Effect>,
    ) -> Option<EndingId> {
        if grants.is_empty() {
            return None;
        }
        self.revocations.last_ending += 1;
        let ending = EndingId(self.revocations.last_ending);
        self.revocations.endings.insert(ending, grants.clone());
        let time_allowed = self.config.network_deadline;
        effects.push(Effect::EndAtServer { ending, grants, time_allowed });
        Some(ending)
    }

    /// The server has answered, or could not be told.
    pub(super) fn ended_at_server(
        &mut self,
        now: Moment,
        ending: EndingId,
        outcome: EndOutcome,
        effects: &mut Vec<Effect>,
    ) {
        let Some(grants) = self.revocations.endings.remove(&ending) else { return };
        let server = match outcome {
            EndOutcome::Ended => ServerEnd::Ended,
            EndOutcome::LocalOnly => ServerEnd::LocalOnly,
            EndOutcome::Failed => ServerEnd::Due,
        };
        for grant_id in &grants {
            self.grants.note_server_end(grant_id, server);
        }
        if server != ServerEnd::Due {
            self.save(now, effects);
        }
        let waits = |revocation: &Revocation| matches!(revocation.server, Step::Waits(waited) if waited == ending);
        self.go_on(now, waits, |revocation| revocation.server = Step::Done(server), effects);
    }

    /// A save has ended; takings back that waited for it go on.
    pub(super) fn revocation_saved(
        &mut self,
        now: Moment,
        save: SaveId,
        outcome: SaveOutcome,
        effects: &mut Vec<Effect>,
    ) {
        let waits = |revocation: &Revocation| matches!(revocation.save, Step::Waits(waited) if waited == save);
        self.go_on(now, waits, |revocation| revocation.save = Step::Done(outcome), effects);
    }

    /// A page has waited long enough for the server.
    pub(super) fn revocation_due(&mut self, ticket: Ticket, effects: &mut Vec<Effect>) {
        let Some(Pending { responder, work: Work::Revocation(id), .. }) =
            self.pendings.take(ticket)
        else {
            return;
        };
        let Some(revocation) = self.revocations.under_way.get_mut(&id) else { return };
        revocation.asker = Asker::Nobody;
        effects.push(match revocation.save {
            Step::Done(SaveOutcome::Stored) => {
                responder.succeed(&answer(&revocation.scopes, ServerEnd::Due))
            }
            _ => responder.fail(&not_saved()),
        });
    }

    fn go_on(
        &mut self,
        now: Moment,
        is_meant: impl Fn(&Revocation) -> bool,
        step: impl FnOnce(&mut Revocation),
        effects: &mut Vec<Effect>,
    ) {
        let mut under_way = self.revocations.under_way.iter_mut();
        let Some((id, revocation)) = under_way.find(|(_, revocation)| is_meant(revocation)) else {
            return;
        };
        step(revocation);
        let (Step::Done(saved), Step::Done(server)) = (&revocation.save, &revocation.server) else {
            return;
        };
        let (id, saved, server) = (*id, *saved, *server);
        let Some(revocation) = self.revocations.under_way.remove(&id) else { return };
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

fn is_among(scope: &Scope, scopes: Option<&BTreeSet<Scope>>) -> bool {
    scopes.is_none_or(|scopes| scopes.contains(scope))
}

fn answer(scopes: &BTreeSet<Scope>, server: ServerEnd) -> Revoked<'_> {
    let revoked_scopes = scopes.iter().map(Scope::as_str).collect();
    Revoked { revoked_scopes, at_server: server == ServerEnd::Ended }
}

fn not_saved() -> Failure {
    let message =
        "What was taken back could not be stored; it may return at the host's next start.";
    Failure::new(Reason::TemporarilyUnavailable, message)
}
