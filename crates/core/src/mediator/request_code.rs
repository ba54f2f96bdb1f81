//! `auth.requestCode`, up to the point where it waits for the user or the server.

use std::{collections::BTreeSet, time::Duration};

use minihost_protocol::{
    Failure, Reason,
    method::request_code::{Prompt, RequestCode},
};
use serde_json::{Map, Value, json};

use super::{
    CallContext, Effect, GesturePolicy, Mediator, Visibility,
    message::not_open,
    pending::{Pending, Stage, interaction_required},
    prompts::cooling_down,
    responder::Responder,
    sheet::Share,
};
use crate::{
    Approval, AskedCode, Audience, AuditEvent, CodeRequest, GrantParty, Manifest, Moment, Outcome,
    RedirectUri, Scope, Ticket, User, code_request::Draft,
};

/// The most prompts of one program that may wait, the one on screen included.
const WAITING_PROMPTS: usize = 3;

/// A request that is allowed, before it waits for anything.
struct Accepted {
    asked: AskedCode,
    scopes: BTreeSet<Scope>,
    prompt: Prompt,
    state: Option<String>,
    party: GrantParty,
    user: User,
}

/// How an accepted request goes on.
enum Way {
    /// Live grants cover it.
    Approved(Approval),
    /// The user is asked, together with equal requests.
    Ask(Share),
}

impl Mediator {
    pub(super) fn request_code(
        &mut self,
        now: Moment,
        context: &CallContext,
        responder: Responder,
        params: &Map<String, Value>,
        effects: &mut Vec<Effect>,
    ) {
        let decided = self.accept(context, &responder, params).and_then(|accepted| {
            let way = self.way(now, context, &responder, &accepted)?;
            Ok((way, accepted))
        });
        let (way, accepted) = match decided {
            Ok(decided) => decided,
            Err(failure) => return self.refuse_early(now, responder, params, &failure, effects),
        };
        let Accepted { asked, scopes, prompt, state, party, user } = accepted;
        let ticket = self.pendings.new_ticket();
        let mut deadline = now.uptime.saturating_add(self.config.prompt_deadline);
        let (stage, approval, digest) = match way {
            Way::Ask(share) => {
                let joined = self.sheets.join(share, &party.mini_program, ticket, deadline);
                deadline = joined.deadline;
                (Stage::Prompting { prompt: joined.prompt }, None, joined.digest)
            }
            Way::Approved(approval) => {
                let (scopes, mode) = (approval.scopes().clone(), approval.mode());
                (Stage::Issuing { scopes, mode }, Some(approval), None)
            }
        };
        let pending = Pending {
            responder,
            asked,
            scopes,
            prompt,
            state,
            party,
            user,
            received: now,
            deadline,
            stage,
            digest,
        };
        self.pendings.insert(ticket, pending);
        if let Some(approval) = approval {
            self.issue_remembered(now, ticket, approval, effects);
        }
    }

    /// Uses an approval up for a code request.
    pub(super) fn issue(
        &mut self,
        now: Moment,
        ticket: Ticket,
        approval: Approval,
        effects: &mut Vec<Effect>,
    ) {
        let jti = self.new_id();
        let time_allowed = self.config.network_deadline;
        let Some(pending) = self.pendings.get_mut(ticket) else { return };
        pending.stage = Stage::Issuing { scopes: approval.scopes().clone(), mode: approval.mode() };
        pending.deadline = now.uptime.saturating_add(time_allowed);
        let draft = Draft {
            ticket,
            correlation: pending.responder.correlation.clone(),
            user: pending.user.clone(),
            asked: pending.asked.clone(),
            jti,
            time_allowed,
        };
        effects.push(Effect::IssueCode(Box::new(CodeRequest::new(approval, draft))));
    }

    /// Whether the mini-program may ask for this at all.
    fn accept(
        &self,
        context: &CallContext,
        responder: &Responder,
        params: &Map<String, Value>,
    ) -> Result<Accepted, Failure> {
        let request = RequestCode::read(params)?;
        let session = self.sessions.get(&responder.session).ok_or_else(not_open)?;
        let manifest = &session.manifest;
        let scopes = declared_scopes(manifest, &request.scopes)?;
        let redirect_uri = redirect_uri(manifest, request.redirect_uri)?;
        let audience = audience(manifest, request.audience)?;
        if matches!(request.prompt, Prompt::Login | Prompt::SelectAccount) {
            let message = "This host cannot sign the user in again on request.";
            return Err(interaction_required(message));
        }
        let Some(user) = self.user.clone() else {
            // A page that could not have the user asked must not learn why it could not.
            self.may_ask(context, request.prompt)?;
            return Err(Failure::new(Reason::LoginRequired, "Nobody is signed in to the host."));
        };
        Ok(Accepted {
            party: GrantParty {
                issuer: self.config.issuer.clone(),
                user: user.id.clone(),
                mini_program: manifest.id.clone(),
                publisher_key: manifest.trust.publisher_key(),
                client_id: manifest.client_id.clone(),
                audience: audience.clone(),
            },
            asked: AskedCode {
                client_id: manifest.client_id.clone(),
                redirect_uri,
                code_challenge: request.code_challenge,
                nonce: request.nonce,
                audience,
                acr_values: request.acr_values,
                max_age: request.max_age,
            },
            scopes,
            prompt: request.prompt,
            state: request.state,
            user,
        })
    }

    /// Whether the user must be asked, and may be asked now.
    fn way(
        &self,
        now: Moment,
        context: &CallContext,
        responder: &Responder,
        accepted: &Accepted,
    ) -> Result<Way, Failure> {
        let Accepted { party, scopes, prompt, user, .. } = accepted;
        if *prompt != Prompt::Consent
            && let Some(approval) = self.grants.approve(party, scopes, now.time)
        {
            return Ok(Way::Approved(approval));
        }
        self.may_ask(context, *prompt)?;
        if let Some(until) = self.cooldowns.active(&user.id, &party.mini_program, now.uptime) {
            return Err(cooling_down(until, now));
        }
        let share = Share::of(responder, user, scopes, &accepted.asked, *prompt);
        let full = self.sheets.waiting_of(&party.mini_program) >= WAITING_PROMPTS;
        if full && !self.sheets.has(&share) {
            let message = "Three prompts of this mini-program wait for the user already.";
            return Err(Failure::new(Reason::Busy, message).retry_after(5));
        }
        Ok(Way::Ask(share))
    }

    /// Whether the page's situation allows a prompt.
    fn may_ask(&self, context: &CallContext, prompt: Prompt) -> Result<(), Failure> {
        if prompt == Prompt::None {
            return Err(interaction_required("The user would have to be asked."));
        }
        if context.visibility == Visibility::Hidden {
            return Err(interaction_required("The user is asked only while the page is visible."));
        }
        if let GesturePolicy::WithinWhereKnown(limit) = self.config.gesture
            && context.gesture_age.is_some_and(|age| age > limit)
        {
            return Err(interaction_required("The user is asked only after touching the page."));
        }
        Ok(())
    }

    fn refuse_early(
        &mut self,
        now: Moment,
        responder: Responder,
        params: &Map<String, Value>,
        failure: &Failure,
        effects: &mut Vec<Effect>,
    ) {
        let Some(session) = self.sessions.get(&responder.session) else {
            return effects.push(responder.fail(failure));
        };
        let asked = RequestCode::read(params).map(|request| request.scopes).unwrap_or_default();
        let audit = Effect::Audit(AuditEvent {
            at: now.time,
            correlation: responder.correlation.clone(),
            mini_program: session.manifest.id.clone(),
            user: self.user.as_ref().map(|user| user.id.clone()),
            asked: asked.iter().map(Scope::new).collect(),
            digest: None,
            outcome: Outcome::Refused(failure.reason),
            took: Duration::ZERO,
        });
        effects.push(responder.fail(failure));
        effects.push(audit);
    }
}

fn declared_scopes(manifest: &Manifest, asked: &[String]) -> Result<BTreeSet<Scope>, Failure> {
    let asked: BTreeSet<Scope> = asked.iter().map(Scope::new).collect();
    let undeclared: Vec<&str> = asked
        .iter()
        .filter(|scope| manifest.declared(scope).is_none())
        .map(Scope::as_str)
        .collect();
    if undeclared.is_empty() {
        return Ok(asked);
    }
    let message = "The manifest does not declare every scope that is asked for.";
    Err(Failure::new(Reason::ScopeNotDeclared, message).detail("scopes", json!(undeclared)))
}

fn redirect_uri(manifest: &Manifest, asked: Option<String>) -> Result<RedirectUri, Failure> {
    let wrong = |message| Err(Failure::new(Reason::InvalidRequest, message));
    match (asked.map(RedirectUri::new), manifest.redirect_uris.as_slice()) {
        (Some(asked), known) if known.contains(&asked) => Ok(asked),
        (Some(_), _) => wrong("`redirectUri` is not one of the manifest's."),
        (None, [only]) => Ok(only.clone()),
        (None, _) => wrong("`redirectUri` is required: the manifest has more than one."),
    }
}

fn audience(manifest: &Manifest, asked: Option<String>) -> Result<Option<Audience>, Failure> {
    match asked.map(Audience::new) {
        Some(asked) if !manifest.audiences.contains(&asked) => {
            let message = "`audience` is not one of the manifest's.";
            Err(Failure::new(Reason::InvalidRequest, message))
        }
        asked => Ok(asked),
    }
}
