//! Taking grants back: here at once, and at the authorization server where it can be told.

use std::{collections::BTreeSet, time::Duration};

use minihost_protocol::method::revoke;
use serde_json::{Map, Value};

use super::{
    Effect, Mediator, RevokeOutcome, SaveOutcome,
    pending::{Pending, Work},
    responder::Responder,
    revocations::{Asker, Revoking, answer},
    server_end::Due,
};
use crate::{
    Action, AuditEvent, ConsentMode, CorrelationId, GrantEndedBy, GrantKey, GrantParty,
    MiniProgramId, Moment, Outcome, RevokeCall, RevokedBy, Scope, ServerEnd, User, UserId,
};

/// Whose grants are taken back.
struct Whose {
    user: UserId,
    mini_program: MiniProgramId,
    /// Nothing where the user means every program of that name.
    release: Option<GrantParty>,
}

impl Whose {
    fn are(&self, party: &GrantParty) -> bool {
        match &self.release {
            Some(release) => party.is_same_program(release),
            None => party.user == self.user && party.mini_program == self.mini_program,
        }
    }
}

/// Whom a taking back lets wait.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Begun {
    /// Nobody: there was nothing to take back.
    Nothing,
    /// Nobody but the host: only the server has something left.
    AtServer,
    /// Whoever asked.
    Here,
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
        let whose = Whose {
            user: party.user.clone(),
            mini_program: party.mini_program.clone(),
            release: Some(party.clone()),
        };
        let begun = self.begin_revocation(now, Asker::Page(ticket), whose, by, is_meant, effects);
        if begun != Begun::Here {
            return effects.push(responder.succeed(&answer(&BTreeSet::new(), ServerEnd::NotTold)));
        }
        let work = Work::Revocation;
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
            key.party.is_between(&issuer, &user, program) && is_among(&key.scope, scopes)
        };
        let by = (RevokedBy::User, self.new_correlation());
        let whose = Whose { user: user.clone(), mini_program: program.clone(), release: None };
        let asker = Asker::Host(call);
        let begun = self.begin_revocation(now, asker, whose, by, is_meant, effects);
        if begun == Begun::Nothing {
            effects.push(Effect::Revoked { call, outcome: nothing(SaveOutcome::Stored) });
        }
    }

    /// Ends grants, with the code requests that rest on them, and at the server those of programs
    /// that have none left.
    fn begin_revocation(
        &mut self,
        now: Moment,
        asker: Asker,
        whose: Whose,
        (by, correlation): (RevokedBy, CorrelationId),
        is_meant: impl Fn(&GrantKey) -> bool,
        effects: &mut Vec<Effect>,
    ) -> Begun {
        self.note_expired(now);
        let ended = self.grants.end(now.time, GrantEndedBy::Revoked, &is_meant);
        let modes = [ConsentMode::Prompt, ConsentMode::Remembered];
        self.end_what_rests_on(now, &is_meant, &modes, effects);
        self.forget_unsaved(&is_meant);
        // A page that is granted nothing must not learn by asking again what the server knows.
        let told: &[ServerEnd] = match asker {
            Asker::Page(_) => &[ServerEnd::NotTold],
            Asker::Host(_) | Asker::Nobody => &[ServerEnd::NotTold, ServerEnd::Due],
        };
        let left_at_server = !self.grants.known_at_server(told, &is_meant).is_empty();
        let due = match !ended.is_empty() || left_at_server {
            true => self.end_at_server_where_none_remain(now, |party| whose.are(party)),
            false => Due::default(),
        };
        let Whose { user, mini_program, .. } = whose;
        let (begun, asker) = match (ended.is_empty() && !self.store.may_hold_ended(), asker) {
            (true, _) if due.grants.is_empty() && !due.news => return Begun::Nothing,
            (true, Asker::Page(_)) => (Begun::AtServer, Asker::Nobody),
            (true, asker) => (Begun::AtServer, asker),
            (false, asker) => (Begun::Here, asker),
        };
        let save = match begun {
            _ if !ended.is_empty() => Some(self.save_end(now, effects)),
            _ if due.news => Some(self.save(now, effects)),
            Begun::Here => Some(self.save_of_end(now, effects)),
            Begun::AtServer | Begun::Nothing => None,
        };
        let waits = self.tell_server(now, due.grants, effects);
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
        let deadline = now.uptime.saturating_add(self.config.network_deadline);
        self.revocations.begin(
            now.uptime,
            deadline,
            Revoking { audit, asker, scopes, save, waits },
        );
        begun
    }

    /// Ends everything that a user granted, who has signed out of a host that forgets then.
    pub(super) fn forget_grants_of(&mut self, now: Moment, user: &User, effects: &mut Vec<Effect>) {
        let is_meant = |key: &GrantKey| key.party.user == user.id;
        self.forget_unsaved(is_meant);
        if !self.grants.end(now.time, GrantEndedBy::SignedOut, is_meant).is_empty() {
            self.save_end(now, effects);
            self.tell_what_waited(now);
        }
    }
}

fn is_among(scope: &Scope, scopes: Option<&BTreeSet<Scope>>) -> bool {
    scopes.is_none_or(|scopes| scopes.contains(scope))
}
