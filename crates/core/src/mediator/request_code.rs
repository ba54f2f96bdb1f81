//! `auth.requestCode`, up to the point where it waits for the user or the server.

use std::{collections::BTreeSet, sync::Arc};

use minihost_protocol::{
    Failure, Reason,
    method::request_code::{Prompt, RequestCode},
};
use serde_json::{Map, Value, json};

use super::{
    CallContext, Effect, Mediator, SignInHow, SignInSupport, Visibility,
    code_work::{Agreed, CodeWork, Manner, Seen, Stage},
    message::not_open,
    pending::{Chance, Ended, Pending, Work, interaction_required},
    responder::Responder,
    screen::CameFrom,
    sheet::Share,
    silent::Question,
};
use crate::{
    Action, Approval, AskedCode, Audience, CodeRequest, ConsentMode, DecisionId, GrantParty,
    Manifest, Moment, Outcome, RedirectUri, Scope, SilentTier, Ticket, User,
    code_request::Draft,
    consent::{ApprovedBy, Decision},
};

/// A request that is allowed, before it waits for anything.
struct Accepted {
    asked: AskedCode,
    scopes: Arc<BTreeSet<Scope>>,
    prompt: Prompt,
    state: Option<String>,
    party: GrantParty,
    user: User,
}

/// How an accepted request goes on.
enum Way {
    /// Live grants cover it, or the host lets every program know it.
    Approved(Approval, Manner),
    /// The user is asked, together with equal requests.
    Ask,
}

/// A request that has come, with the way back to its page.
pub(super) struct Begun<'a> {
    pub(super) received: Moment,
    pub(super) context: &'a CallContext,
    pub(super) responder: Responder,
    pub(super) chance: Chance,
    pub(super) came_from: CameFrom,
    /// What its user has agreed to already.
    pub(super) agreed: Option<Box<Agreed>>,
    /// What its user has seen and answered already.
    pub(super) seen: Seen,
}

/// Why a request goes no further.
enum Stop {
    /// The user signs in first, or chooses an account.
    SignIn(SignInHow),
    /// The page is told at once.
    Refuse(Failure),
    /// The page must not learn anything.
    KeepSilent(BTreeSet<Scope>),
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Refuse(failure)
    }
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

    /// Whether the mini-program may ask for this at all.
    fn accept(
        &self,
        now: Moment,
        begun: &Begun<'_>,
        request: &RequestCode,
    ) -> Result<Accepted, Stop> {
        let session = self.sessions.get(&begun.responder.session).ok_or_else(not_open)?;
        let manifest = &session.manifest;
        let scopes = declared_scopes(manifest, &request.scopes)?;
        let redirect_uri = redirect_uri(manifest, request.redirect_uri.clone())?;
        let audience = audience(manifest, request.audience.clone())?;
        let how = match request.prompt {
            Prompt::Login => Some(SignInHow::again(request)),
            Prompt::SelectAccount => Some(SignInHow::ChooseAccount),
            Prompt::Auto | Prompt::None | Prompt::Consent => None,
        };
        if let Some(how) = how {
            if self.config.sign_in == SignInSupport::Absent {
                let message = "This host cannot sign the user in again on request.";
                return Err(interaction_required(message).into());
            }
            self.may_ask(now, begun, request.prompt, &scopes)?;
            self.check_cooldown(now, &manifest.id)?;
            return Err(Stop::SignIn(how));
        }
        let Some(user) = self.user.clone() else {
            // A page that could not have the user asked must not learn why it could not.
            self.may_ask(now, begun, request.prompt, &scopes)?;
            if self.config.sign_in == SignInSupport::Present {
                self.check_cooldown(now, &manifest.id)?;
                return Err(Stop::SignIn(SignInHow::again(request)));
            }
            let message = "Nobody is signed in to the host.";
            return Err(Failure::new(Reason::LoginRequired, message).into());
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
                code_challenge: request.code_challenge.clone(),
                nonce: request.nonce.clone(),
                audience,
                acr_values: request.acr_values.clone(),
                max_age: request.max_age,
            },
            scopes: Arc::new(scopes),
            prompt: request.prompt,
            state: request.state.clone(),
            user,
        })
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
    fn may_ask(
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

fn declared_scopes(manifest: &Manifest, asked: &[String]) -> Result<BTreeSet<Scope>, Failure> {
    let asked: BTreeSet<Scope> = asked.iter().map(Scope::new).collect();
    let declared: BTreeSet<Scope> =
        asked.iter().filter_map(|scope| Some(manifest.declared(scope)?.name.clone())).collect();
    let undeclared: Vec<&str> = asked.difference(&declared).map(Scope::as_str).collect();
    if undeclared.is_empty() {
        return Ok(declared);
    }
    let message = "The manifest does not declare every scope that is asked for.";
    Err(Failure::new(Reason::ScopeNotDeclared, message).detail("scopes", json!(undeclared)))
}

fn redirect_uri(manifest: &Manifest, asked: Option<String>) -> Result<RedirectUri, Failure> {
    let wrong = |message| Err(Failure::new(Reason::InvalidRequest, message));
    match (asked, manifest.redirect_uris.as_slice()) {
        (Some(asked), known) => match known.iter().find(|known| known.as_str() == asked) {
            Some(known) => Ok(known.clone()),
            None => wrong("`redirectUri` is not one of the manifest's."),
        },
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
