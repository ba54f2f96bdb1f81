//! A request for a code, from its acceptance to its end, and what it waits for in between.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use jiff::SignedDuration;
use minihost_protocol::method::request_code::{Prompt, RequestCode};

use super::{
    CallContext, Effect,
    pending::{Chance, Ended},
    screen::CameFrom,
};
use crate::{
    Action, Approval, AskedCode, AuditEvent, ConsentMode, EndingId, GrantKey, GrantParty, Moment,
    PromptId, SaveId, Scope, User, UserChoice, ViewDigest,
    consent::{ApprovedBy, Decision},
};

/// How old an answer may be when a code is asked for on its strength. Servers refuse those of over 300
/// seconds; the rest is for the way there.
const GOOD_FOR: SignedDuration = SignedDuration::from_secs(270);

/// One request for a code.
pub(super) struct CodeWork {
    pub(super) asked: AskedCode,
    pub(super) scopes: Arc<BTreeSet<Scope>>,
    pub(super) prompt: Prompt,
    pub(super) state: Option<String>,
    pub(super) party: GrantParty,
    pub(super) user: User,
    pub(super) manner: Manner,
    pub(super) stage: Stage,
    /// What was shown for it last, and answered.
    pub(super) seen: Seen,
    /// The uptime at which the server was asked.
    pub(super) sent: Option<Duration>,
    pub(super) chance: Chance,
    pub(super) came_from: CameFrom,
    /// What the user has agreed to when asked for it.
    pub(super) agreed: Option<Box<Agreed>>,
    /// How it came, for a request that begins anew once the user has signed in again.
    pub(super) context: CallContext,
}

/// What the user saw and answered of a request, as it is written down with its end.
#[derive(Clone, Default)]
pub(super) struct Seen {
    /// The last prompt, once one was shown.
    pub(super) digest: Option<ViewDigest>,
    /// The answer to it, and the uptime then.
    pub(super) choice: Option<(UserChoice, Duration)>,
}

impl Seen {
    /// Adds it to the event of the request's end.
    pub(super) fn noted(&self, received: Moment, event: AuditEvent) -> AuditEvent {
        let answered = self.choice.as_ref().map(|(_, at)| at.saturating_sub(received.uptime));
        AuditEvent {
            digest: self.digest.clone(),
            choice: self.choice.as_ref().map(|(choice, _)| choice.clone()),
            waited_for_user: answered,
            ..event
        }
    }
}

/// What a user has agreed to for one request, which the authorization server did not take yet.
pub(super) struct Agreed {
    pub(super) decision: Decision,
    pub(super) party: GrantParty,
    pub(super) scopes: BTreeSet<Scope>,
    /// Of these, what was granted before and not shown for this request: it ends as a grant does.
    pub(super) before: BTreeSet<Scope>,
}

impl Agreed {
    /// What of it ends when something is taken back: that which rests on a grant, or all of it.
    pub(super) fn resting(&self, modes: &[ConsentMode]) -> impl Iterator<Item = GrantKey> {
        let all = modes.contains(&ConsentMode::Prompt);
        let scopes = if all { &self.scopes } else { &self.before };
        scopes.iter().map(|scope| self.party.key(scope))
    }

    /// Makes an approval for the same request once more, where the answer is not too old to be shown
    /// to the authorization server.
    pub(super) fn approve(&self, now: Moment) -> Option<Approval> {
        let age = now.time.duration_since(self.decision.at);
        let is_fresh = !age.is_negative() && age < GOOD_FOR;
        is_fresh.then(|| {
            self.decision.approve(ApprovedBy {
                user: self.party.user.clone(),
                mini_program: self.party.mini_program.clone(),
                scopes: self.scopes.clone(),
            })
        })
    }
}

/// What the page may learn of a failure.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    /// Its reason, at once.
    Open,
    /// Nothing, and not before this uptime.
    Silent(Duration),
}

/// What a code request waits for.
pub(super) enum Stage {
    /// Nothing yet.
    Accepted,
    /// The user.
    Prompting { prompt: PromptId },
    /// The store of grants.
    Saving { save: SaveId, approval: Approval },
    /// The authorization server, to end what was taken back before.
    Ending { ends: BTreeSet<EndingId>, approval: Approval },
    /// The authorization server.
    Issuing { scopes: BTreeSet<Scope>, mode: ConsentMode, decision: Decision },
}

impl Stage {
    /// The authorization server is asked for what was approved.
    pub(super) fn issuing(approval: &Approval) -> Self {
        let (scopes, mode) = (approval.scopes().clone(), approval.mode());
        Self::Issuing { scopes, mode, decision: approval.decision().clone() }
    }
}

impl CodeWork {
    pub(super) fn audit(&self, ended: Ended<'_>) -> Effect {
        let (now, received) = (ended.now.uptime, ended.received);
        let (program, user) = (self.party.mini_program.clone(), Some(self.user.id.clone()));
        let event = ended.of(Action::RequestCode, program, user, (*self.scopes).clone());
        let waited_for_server = self.sent.map(|sent| now.saturating_sub(sent));
        Effect::Audit(self.seen.noted(received, AuditEvent { waited_for_server, ..event }))
    }

    /// The request, as the page could have made it.
    pub(super) fn into_request(self) -> RequestCode {
        let AskedCode {
            redirect_uri, code_challenge, nonce, audience, acr_values, max_age, ..
        } = self.asked;
        RequestCode {
            scopes: self.scopes.iter().map(ToString::to_string).collect(),
            code_challenge,
            redirect_uri: Some(redirect_uri.to_string()),
            state: self.state,
            nonce,
            audience: audience.map(|audience| audience.to_string()),
            prompt: self.prompt,
            acr_values,
            max_age,
        }
    }
}
