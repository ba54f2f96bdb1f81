//! Calls of the host's own methods.

use std::collections::BTreeSet;

use minihost_protocol::{Failure, Reason, declaration::Prompting, limits};
use serde_json::{Map, Value};

use super::{
    Effect, Mediator,
    message::not_open,
    pending::{Called, Ended, Pending, Work, refuse},
    registry::Handler,
    responder::Responder,
};
use crate::{
    Action, GrantKey, HostCall, HostMethodDeclaration, HostMethodFailure, Moment, Outcome, Ticket,
};

impl Mediator {
    pub(super) fn call_host_method(
        &mut self,
        now: Moment,
        responder: Responder,
        method: HostMethodDeclaration,
        params: Map<String, Value>,
        effects: &mut Vec<Effect>,
    ) {
        let Some(session) = self.sessions.get(&responder.session) else {
            return effects.push(responder.fail(&not_open()));
        };
        let params = match method.take(params) {
            Ok(params) => params,
            Err(failure) => {
                let handler = Handler::Host(Box::new(method));
                return self.refuse_call(now, responder, &handler, &failure, effects);
            }
        };
        let party = self.program_party(responder.session);
        let rests_on = method.scope.clone().zip(party);
        let ticket = self.pendings.new_ticket();
        let time_allowed = match method.prompting {
            Prompting::Never => self.config.network_deadline,
            Prompting::Possible | Prompting::WhereNeeded => self.config.prompt_deadline,
        };
        let called = Box::new(Called {
            method: method.name.clone(),
            mini_program: session.manifest.id.clone(),
            user: self.user.as_ref().map(|user| user.id.clone()),
            rests_on: rests_on.map(|(scope, party)| GrantKey { party, scope }),
            prompting: method.prompting,
        });
        effects.push(Effect::CallMethod(Box::new(HostCall {
            ticket,
            correlation: responder.correlation.clone(),
            method: method.name,
            mini_program: session.manifest.id.clone(),
            session: responder.session,
            user: self.user.clone(),
            params,
            time_allowed,
        })));
        let deadline = now.uptime.saturating_add(time_allowed);
        let pending = Pending { responder, received: now, work: Work::HostMethod(called) };
        self.pendings.insert(ticket, deadline, pending);
    }

    /// Delivers what a method gave. A call that is over gets nothing.
    pub(super) fn method_returned(
        &mut self,
        now: Moment,
        ticket: Ticket,
        outcome: Result<Value, HostMethodFailure>,
        effects: &mut Vec<Effect>,
    ) {
        let is_call = |call: &Pending| matches!(call.work, Work::HostMethod(_));
        if !self.pendings.get(ticket).is_some_and(is_call) {
            return;
        }
        let Some(pending) = self.pendings.take(ticket) else { return };
        let given = outcome.and_then(|result| self.as_declared(&pending, result));
        match given.map(|result| pending.responder.text_of(&result)) {
            Ok(Some(text)) if text.len() <= limits::MESSAGE_BYTES => {
                let Pending { responder, received, work } = pending;
                let audit = work.audit(now, &responder, received, Outcome::Answered);
                effects.push(responder.send(text));
                effects.extend(audit);
            }
            Ok(_) => {
                let message = "What the host's method gave is larger than a message may be.";
                refuse(now, pending, &Failure::new(Reason::Internal, message), effects);
            }
            Err(HostMethodFailure { reason, message }) => {
                refuse(now, pending, &Failure::new(reason, message), effects);
            }
        }
    }

    /// What a method gave, where it is what the host said it would give.
    fn as_declared(&self, call: &Pending, result: Value) -> Result<Value, HostMethodFailure> {
        let Work::HostMethod(called) = &call.work else { return Ok(result) };
        let mut declared = self.config.methods.iter();
        if declared.any(|method| method.name == called.method && method.gives(&result)) {
            return Ok(result);
        }
        let message = "The host's method gave something else than it declares.".to_owned();
        Err(HostMethodFailure { reason: Reason::Internal, message })
    }

    /// Refuses a call before anything has come of it. Calls of the host's own methods are written down.
    pub(super) fn refuse_call(
        &self,
        now: Moment,
        responder: Responder,
        handler: &Handler,
        failure: &Failure,
        effects: &mut Vec<Effect>,
    ) {
        let audit = match (handler, self.sessions.get(&responder.session)) {
            (Handler::Host(method), Some(session)) => {
                let (program, user) = (session.manifest.id.clone(), self.user.as_ref());
                let outcome = Outcome::Refused(failure.reason);
                let ended = Ended { now, responder: &responder, received: now, outcome };
                let action = Action::CallMethod(method.name.clone());
                let user = user.map(|user| user.id.clone());
                Some(Effect::Audit(ended.of(action, program, user, BTreeSet::new())))
            }
            _ => None,
        };
        effects.push(responder.fail(failure));
        effects.extend(audit);
    }
}
