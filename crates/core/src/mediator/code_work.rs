//! A request for a code, from its acceptance to its end, and what it waits for in between.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use minihost_protocol::method::request_code::{Prompt, RequestCode};

use super::{
    CallContext, Effect,
    pending::{Chance, Ended},
};
use crate::{
    Action, Approval, AskedCode, AuditEvent, ConsentMode, GrantParty, PromptId, SaveId, Scope,
    User, UserChoice, ViewDigest,
};

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
    /// What the user saw, once something was shown for it.
    pub(super) digest: Option<ViewDigest>,
    /// What the user answered, and the uptime then.
    pub(super) choice: Option<(UserChoice, Duration)>,
    /// The uptime at which the server was asked.
    pub(super) sent: Option<Duration>,
    pub(super) chance: Chance,
    /// How it came, for a request that begins anew once the user has signed in again.
    pub(super) context: CallContext,
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
    /// The authorization server.
    Issuing { scopes: BTreeSet<Scope>, mode: ConsentMode },
}

impl CodeWork {
    pub(super) fn audit(&self, ended: Ended<'_>) -> Effect {
        let (now, received) = (ended.now.uptime, ended.received.uptime);
        let (program, user) = (self.party.mini_program.clone(), Some(self.user.id.clone()));
        Effect::Audit(AuditEvent {
            digest: self.digest.clone(),
            choice: self.choice.as_ref().map(|(choice, _)| choice.clone()),
            waited_for_user: self.choice.as_ref().map(|(_, at)| at.saturating_sub(received)),
            waited_for_server: self.sent.map(|sent| now.saturating_sub(sent)),
            ..ended.of(Action::RequestCode, program, user, (*self.scopes).clone())
        })
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
