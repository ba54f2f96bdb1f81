//! What documents are told without asking. Never more than they could learn by asking.

use std::time::Duration;

use minihost_protocol::{
    declaration::Event,
    event::{GRANTS_CHANGED, SESSION_CHANGED, VISIBILITY_CHANGED, Visible},
    method::{
        check_session,
        get_grants::{GrantInfo, Grants},
    },
    reply,
};
use serde::Serialize;

use super::{Effect, Mediator, Told, Visibility};
use crate::{DocumentId, Grant, GrantParty, Moment, SessionId, UserId};

/// What a document has been told last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Known {
    grants: Vec<GrantInfo>,
    /// Whose sign-in, where the program has a grant.
    user: Option<(UserId, u64)>,
}

impl Mediator {
    /// What the page of a session may know of its user.
    pub(super) fn knowable(&self, now: Moment, session: SessionId) -> Known {
        let Some(party) = self.program_party(session) else { return Known::default() };
        let grants: Vec<GrantInfo> = self.grants.of_program(&party, now.time).map(info).collect();
        let user = self.user.as_ref().filter(|_| !grants.is_empty());
        Known { user: user.map(|user| (user.id.clone(), user.epoch)), grants }
    }

    /// Answers `auth.getGrants`.
    pub(super) fn grant_infos(&self, now: Moment, session: SessionId) -> Vec<GrantInfo> {
        self.knowable(now, session).grants
    }

    /// Whether the signed-in user has granted the session's program anything that still holds.
    pub(super) fn has_grant(&self, now: Moment, session: SessionId) -> bool {
        let party = self.program_party(session);
        party.is_some_and(|party| self.grants.of_program(&party, now.time).next().is_some())
    }

    /// The signed-in user and the session's program, without a resource.
    pub(super) fn program_party(&self, session: SessionId) -> Option<GrantParty> {
        let manifest = &self.sessions.get(&session)?.manifest;
        let user = self.user.as_ref()?;
        Some(GrantParty {
            issuer: self.config.issuer.clone(),
            user: user.id.clone(),
            mini_program: manifest.id.clone(),
            publisher_key: manifest.trust.publisher_key(),
            client_id: manifest.client_id.clone(),
            audience: None,
        })
    }

    /// Makes history of what the signed-in user's grants have come to the end of.
    pub(super) fn expire_grants(&mut self, now: Moment) {
        if self.grant_expires.is_some_and(|due| due <= now.uptime) {
            self.note_expired(now);
            self.grants_or_user_changed = true;
        }
    }

    /// Tells every document what it may know and does not know yet.
    pub(super) fn tell_changes(&mut self, now: Moment, effects: &mut Vec<Effect>) {
        if !std::mem::take(&mut self.grants_or_user_changed) {
            return;
        }
        self.grant_expires = self.next_grant_expiry(now);
        let listening: Vec<SessionId> = self
            .sessions
            .iter()
            .filter(|(_, session)| session.document.as_ref().is_some_and(|d| d.known.is_some()))
            .filter(|(_, session)| !self.switched_off.contains(&session.manifest.id))
            .map(|(session, _)| *session)
            .collect();
        for session in listening {
            let now_known = self.knowable(now, session);
            let document = self.sessions.get_mut(&session).and_then(|s| s.document.as_mut());
            let Some(document) = document else { continue };
            let id = document.id;
            let Some(before) = document.known.replace(now_known.clone()) else { continue };
            if before.user != now_known.user {
                let mut tell = |valid| {
                    let params = check_session::Session { valid };
                    effects.extend(event(session, id, &SESSION_CHANGED, &params));
                };
                // A page must not take the next user for the one before.
                if before.user.is_some() {
                    tell(false);
                }
                if now_known.user.is_some() {
                    tell(true);
                }
            }
            if before.grants != now_known.grants {
                let params = Grants { grants: &now_known.grants };
                effects.extend(event(session, id, &GRANTS_CHANGED, &params));
            }
        }
    }

    /// When a page must hear that a grant has ended, though nobody did anything.
    fn next_grant_expiry(&self, now: Moment) -> Option<Duration> {
        let own = self.grants.all_live(now.time).filter(|grant| self.is_own(grant));
        let next = own.filter_map(|grant| grant.expires_at).min()?;
        let left = Duration::try_from(next.duration_since(now.time)).ok()?;
        now.uptime.checked_add(left)
    }

    pub(super) fn change_visibility(
        &mut self,
        session: SessionId,
        visibility: Visibility,
        effects: &mut Vec<Effect>,
    ) {
        let Some(opened) = self.sessions.get_mut(&session) else { return };
        if std::mem::replace(&mut opened.visibility, visibility) == visibility {
            return;
        }
        if visibility == Visibility::Hidden {
            self.withdraw_prompt_of(session, effects);
        }
        let Some(opened) = self.sessions.get(&session) else { return };
        if let Some(document) = opened.document.as_ref().filter(|document| document.known.is_some())
        {
            let params = Visible { visible: visibility == Visibility::Visible };
            effects.extend(event(session, document.id, &VISIBILITY_CHANGED, &params));
        }
    }
}

fn event<T: Serialize>(
    session: SessionId,
    document: DocumentId,
    event: &Event,
    params: &T,
) -> Option<Effect> {
    let text = reply::event(event, params).ok()?;
    Some(Effect::Tell(Told { session, document, text }))
}

fn info(grant: &Grant) -> GrantInfo {
    GrantInfo {
        scope: grant.key.scope.to_string(),
        audience: grant.key.party.audience.as_ref().map(ToString::to_string),
        granted_at: grant.granted_at.to_string(),
        expires_at: grant.expires_at.map(|end| end.to_string()),
    }
}
