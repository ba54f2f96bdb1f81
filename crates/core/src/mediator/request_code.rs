//! `auth.requestCode`, up to the point where it waits for the user or the server.

use std::collections::BTreeSet;

use minihost_protocol::{
    Failure, Reason,
    method::request_code::{Prompt, RequestCode},
};
use serde_json::{Map, Value};

use super::{
    CallContext, Effect, Mediator, Visibility,
    accept::{Accepted, Begun, Stop},
    code_work::{CodeWork, Manner, Seen, Stage},
    pending::{Chance, Ended, Pending, Work},
    responder::Responder,
    screen::CameFrom,
    sheet::Share,
    silent::Question,
};
use crate::{
    Action, Approval, CodeRequest, ConsentMode, DecisionId, Moment, Outcome, Scope, SilentTier,
    Ticket,
    code_request::Draft,
    consent::{ApprovedBy, Decision},
};

/// How an accepted request goes on.
enum Way {
    /// Live grants cover it, or the host lets every program know it.
    Approved(Approval, Manner),
    /// The user is asked, together with equal requests.
    Ask,
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
        match RequestCode::read(params) {
            Ok(request) => {
                let (chance, came_from) = (Chance::Open, CameFrom::Page);
                let (received, agreed, seen) = (now, None, Seen::default());
                let begun = Begun { received, context, responder, chance, came_from, agreed, seen };
                self.proceed(now, begun, request, effects);
            }
            Err(failure) => self.refuse_early(now, now, responder, &[], &failure, effects),
        }
    }

    /// Takes a request as far as it goes without waiting.
    pub(super) fn proceed(
        &mut self,
        now: Moment,
        begun: Begun<'_>,
        request: RequestCode,
        effects: &mut Vec<Effect>,
    ) {
        let decided = self.accept(now, &begun, &request).and_then(|accepted| {
            let way = self.way(now, &begun, &accepted)?;
            Ok((way, accepted))
        });
        let Begun { received, context, responder, chance, came_from, agreed, seen } = begun;
        let (way, accepted) = match decided {
            Ok(decided) => decided,
            Err(Stop::KeepSilent(asked)) => {
                let Some(session) = self.sessions.get(&responder.session) else { return };
                let mini_program = session.manifest.id.clone();
                let user = self.user.as_ref().map(|user| user.id.clone());
                let question = Question::Code { asked, mini_program, user };
                return self.keep_silent(received, responder, question);
            }
            Err(Stop::SignIn(how)) => {
                let begun = Begun { received, context, responder, chance, came_from, agreed, seen };
                return self.begin_sign_in(now, begun, request, how, effects);
            }
            Err(Stop::Refuse(failure)) => {
                let asked = &request.scopes;
                return self.refuse_early(now, received, responder, asked, &failure, effects);
            }
        };
        let Accepted { asked, scopes, prompt, state, party, user } = accepted;
        // A page that asks from the background brings nothing before the user later either.
        let visibility = match self.is_visible(responder.session) {
            true => context.visibility,
            false => Visibility::Hidden,
        };
        let ticket = self.pendings.new_ticket();
        let (manner, approval) = match way {
            Way::Ask => (Manner::Open, None),
            Way::Approved(approval, manner) => (manner, Some(approval)),
        };
        let by_answer =
            approval.as_ref().is_some_and(|approval| approval.mode() == ConsentMode::Prompt);
        let work = Work::Code(Box::new(CodeWork {
            asked,
            scopes,
            prompt,
            state,
            party,
            user,
            manner,
            stage: Stage::Accepted,
            seen,
            sent: None,
            chance,
            came_from,
            agreed: agreed.filter(|_| by_answer),
            // Whose message it is was found out before.
            context: CallContext { origin: None, visibility, ..context.clone() },
        }));
        let deadline = now.uptime.saturating_add(self.config.prompt_deadline);
        self.pendings.insert(ticket, deadline, Pending { responder, received, work });
        match approval {
            Some(approval) => self.issue_remembered(now, ticket, approval, effects),
            None => self.ask(ticket, deadline),
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
        let Some(pending) = self.pendings.get(ticket) else { return };
        let correlation = pending.responder.correlation.clone();
        let Some(work) = self.pendings.code_mut(ticket) else { return };
        let deadline = match work.manner {
            Manner::Open => now.uptime.saturating_add(self.config.network_deadline),
            Manner::Silent(until) => until,
        };
        work.stage = Stage::issuing(&approval);
        work.sent = Some(now.uptime);
        let draft = Draft {
            ticket,
            correlation,
            user: work.user.clone(),
            asked: work.asked.clone(),
            jti,
            time_allowed: deadline.saturating_sub(now.uptime),
        };
        self.pendings.wait_until(ticket, deadline);
        effects.push(Effect::IssueCode(Box::new(CodeRequest::new(approval, draft))));
    }

    /// Whether the user must be asked, and may be asked now.
    fn way(&mut self, now: Moment, begun: &Begun<'_>, accepted: &Accepted) -> Result<Way, Stop> {
        let Accepted { party, scopes, prompt, user, .. } = accepted;
        if *prompt != Prompt::Consent
            && let Some(approval) = self.grants.approve(party, scopes, now.time)
        {
            self.check_owed(party)?;
            return Ok(Way::Approved(approval, Manner::Open));
        }
        if let Some(approval) = begun.agreed.as_ref().and_then(|agreed| agreed.approve(now)) {
            self.check_owed(party)?;
            return Ok(Way::Approved(approval, Manner::Open));
        }
        if let Some(approval) = self.silent_approval(now, accepted) {
            let manner = match self.may_ask(now, begun, *prompt, scopes) {
                Err(Stop::KeepSilent(_)) => Manner::Silent(self.silence_ends(now)),
                _ => Manner::Open,
            };
            return Ok(Way::Approved(approval, manner));
        }
        self.may_ask(now, begun, *prompt, scopes)?;
        self.check_cooldown(now, &party.mini_program)?;
        self.check_owed(party)?;
        let share = Share::of(&begun.responder, user, scopes, &accepted.asked, *prompt);
        self.check_queue(&party.mini_program, &share)?;
        Ok(Way::Ask)
    }

    /// Whether a prompt may follow from this request. A page without a grant does not learn why not.
    pub(super) fn may_ask(
        &self,
        now: Moment,
        begun: &Begun<'_>,
        prompt: Prompt,
        scopes: &BTreeSet<Scope>,
    ) -> Result<(), Stop> {
        let allowed = match prompt {
            Prompt::None => {
                let message = "The user would have to be asked for what is not granted.";
                Err(Failure::new(Reason::ConsentRequired, message))
            }
            _ => self.may_prompt(begun.responder.session, begun.context, begun.came_from),
        };
        match allowed {
            Err(_) if !self.has_grant(now, begun.responder.session) => {
                Err(Stop::KeepSilent(scopes.clone()))
            }
            allowed => Ok(allowed?),
        }
    }

    /// What the host lets every program know without asking.
    fn silent_approval(&mut self, now: Moment, accepted: &Accepted) -> Option<Approval> {
        let Accepted { party, scopes, prompt, user, .. } = accepted;
        let recognise: BTreeSet<Scope> = [Scope::new("openid")].into();
        let asks = matches!(prompt, Prompt::Auto | Prompt::None) && **scopes == recognise;
        if self.config.silent != SilentTier::Recognise || !asks || party.audience.is_some() {
            return None;
        }
        self.check_owed(party).ok()?;
        let decision = Decision {
            id: DecisionId::new(self.new_id()),
            at: now.time,
            locale: self.config.locale.clone(),
            digest: None,
        };
        Some(decision.approve_silently(ApprovedBy {
            user: user.id.clone(),
            mini_program: party.mini_program.clone(),
            scopes: (**scopes).clone(),
        }))
    }

    fn refuse_early(
        &self,
        now: Moment,
        received: Moment,
        responder: Responder,
        asked: &[String],
        failure: &Failure,
        effects: &mut Vec<Effect>,
    ) {
        let Some(session) = self.sessions.get(&responder.session) else {
            return effects.push(responder.fail(failure));
        };
        let program = session.manifest.id.clone();
        let user = self.user.as_ref().map(|user| user.id.clone());
        let asked = asked.iter().map(Scope::new).collect();
        let outcome = Outcome::Refused(failure.reason);
        let ended = Ended { now, responder: &responder, received, outcome };
        let audit = Effect::Audit(ended.of(Action::RequestCode, program, user, asked));
        effects.push(responder.fail(failure));
        effects.push(audit);
    }
}
