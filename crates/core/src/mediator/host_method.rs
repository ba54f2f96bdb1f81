//! Calls of the host's own methods.

use minihost_protocol::{
    Failure, Reason,
    declaration::{Prompting, check},
};
use serde_json::{Map, Value};

use super::{
    CallContext, Effect, Mediator,
    message::not_open,
    pending::{Pending, Work},
    responder::Responder,
};
use crate::{HostCall, HostMethodDeclaration, HostMethodFailure, Moment, Ticket};

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
        if let Err(failure) = self.may_call(now, context, &responder, &method, &params) {
            return effects.push(responder.fail(&failure));
        }
        let Some(session) = self.sessions.get(&responder.session) else {
            return effects.push(responder.fail(&not_open()));
        };
        let ticket = self.pendings.new_ticket();
        let time_allowed = match method.prompting {
            Prompting::Never => self.config.network_deadline,
            Prompting::Possible => self.config.prompt_deadline,
        };
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
        let pending = Pending { responder, received: now, work: Work::HostMethod };
        self.pendings.insert(ticket, deadline, pending);
    }

    /// Delivers what a method gave. A call that is over gets nothing.
    pub(super) fn method_returned(
        &mut self,
        ticket: Ticket,
        outcome: Result<Value, HostMethodFailure>,
        effects: &mut Vec<Effect>,
    ) {
        if !self.pendings.get(ticket).is_some_and(|call| matches!(call.work, Work::HostMethod)) {
            return;
        }
        let Some(Pending { responder, .. }) = self.pendings.take(ticket) else { return };
        effects.push(match outcome {
            Ok(result) => responder.succeed(&result),
            Err(HostMethodFailure { reason, message }) => {
                responder.fail(&Failure::new(reason, message))
            }
        });
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
