//! Calls of the host's own methods.

use std::collections::BTreeSet;

use minihost_protocol::{
    Failure, Reason,
    declaration::{Prompting, check},
};
use serde_json::{Map, Value};

use super::{
    CallContext, Effect, Mediator,
    message::not_open,
    pending::{Called, Ended, Pending, Work, refuse},
    responder::Responder,
};
use crate::{Action, HostCall, HostMethodDeclaration, HostMethodFailure, Moment, Outcome, Ticket};

impl Mediator {
    pub(super) fn call_host_method(
        &mut self,
        now: Moment,
        context: &CallContext,
        responder: Responder,
        method: HostMethodDeclaration,
        params: Map<String, Value>,
        effects: &mut Vec<Effect>,
    ) {
        let Some(session) = self.sessions.get(&responder.session) else {
            return effects.push(responder.fail(&not_open()));
        };
        if let Err(failure) = self.may_call(now, context, &responder, &method, &params) {
            let (program, user) = (session.manifest.id.clone(), self.user.as_ref());
            let outcome = Outcome::Refused(failure.reason);
            let ended = Ended { now, responder: &responder, received: now, outcome };
            let action = Action::CallMethod(method.name);
            let user = user.map(|user| user.id.clone());
            let audit = ended.of(action, program, user, BTreeSet::new());
            effects.push(responder.fail(&failure));
            return effects.push(Effect::Audit(audit));
        }
        let ticket = self.pendings.new_ticket();
        let time_allowed = match method.prompting {
            Prompting::Never => self.config.network_deadline,
            Prompting::Possible => self.config.prompt_deadline,
        };
        let called = Box::new(Called {
            method: method.name.clone(),
            mini_program: session.manifest.id.clone(),
            user: self.user.as_ref().map(|user| user.id.clone()),
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
        match outcome {
            Ok(result) => {
                let Pending { responder, received, work } = pending;
                let audit = work.audit(now, &responder, received, Outcome::Answered);
                effects.push(responder.succeed(&result));
                effects.extend(audit);
            }
            Err(HostMethodFailure { reason, message }) => {
                refuse(now, pending, &Failure::new(reason, message), effects);
            }
        }
    }

    fn may_call(
        &self,
        now: Moment,
        context: &CallContext,
        responder: &Responder,
        method: &HostMethodDeclaration,
        params: &Map<String, Value>,
    ) -> Result<(), Failure> {
        check(method.members(), params)?;
        if let Some(scope) = &method.scope {
            let granted = self.program_party(responder.session).is_some_and(|party| {
                let scopes = [scope.clone()].into();
                self.grants.live_scopes(&party, &scopes, now.time) == scopes
            });
            if !granted {
                // The same whether somebody is signed in or not.
                let message = "The user has not granted what this method needs.";
                return Err(Failure::new(Reason::ConsentRequired, message)
                    .detail("scopes", vec![scope.as_str()]));
            }
        }
        self.may_show(responder.session, context, method.prompting)
    }
}
