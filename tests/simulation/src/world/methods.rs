//! The host's own method, its settings, and its audit stream.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use minihost::{
    AuditEvent, Form, HostCall, HostMethodDeclaration, HostMethodFailure, HostMethodMember,
    HostMethodName, Presence, Programs, Prompting, Reason, Scope,
    ports::{AuditSink, HostMethod, SettingsPage, SettingsRequest},
};
use serde_json::{Value, json};

use super::{Todo, World, never, throw};
use crate::{judge::Party, rule::Rule};

/// `acme.print`, for programs to which the user has granted `profile`.
pub(crate) struct Printer(pub(crate) Arc<World>);

#[async_trait]
impl HostMethod for Printer {
    fn declaration(&self) -> HostMethodDeclaration {
        HostMethodDeclaration {
            name: HostMethodName::new("acme.print").expect("the name is in the right form"),
            params: Vec::new(),
            result: vec![HostMethodMember {
                name: "printed".to_owned(),
                form: Form::Flag,
                presence: Presence::Required,
            }],
            scope: Some(Scope::new("profile")),
            prompting: Prompting::Never,
            programs: Programs::AllThatDeclareIt,
        }
    }

    async fn call(&self, call: &HostCall) -> Result<Value, HostMethodFailure> {
        let now = self.0.when().time;
        let what = || format!("method: {} prints", call.mini_program);
        let fate = self.0.called(what, |state| {
            let program = state.open.get(&call.session).cloned();
            let granted = program.zip(call.user.as_ref()).is_some_and(|(program, user)| {
                let party = Party::of(user.id.as_str(), &program, None);
                state.judge.is_granted(&party, "profile", now)
            });
            if !granted {
                let what = "a method is called without its scope";
                state.judge.blame(Rule::OnlyWhatWasGranted, what);
            }
            state.chance.below(10)
        });
        let Some(fate) = fate else { return never().await };
        self.0.wait(0, 500).await;
        match fate {
            0 => never().await,
            1 => throw(),
            2 => Err(HostMethodFailure { reason: Reason::Busy, message: "No paper.".to_owned() }),
            _ => Ok(json!({"printed": true})),
        }
    }
}

/// The settings, which a page may open.
pub(crate) struct Settings(pub(crate) Arc<World>);

impl SettingsPage for Settings {
    fn show(&self, request: SettingsRequest) {
        let now = self.0.when().uptime;
        let what = || format!("settings: {} wants them", request.mini_program);
        let throws = self.0.called(what, |state| {
            state.judge.settings_wanted(now);
            let fate = state.chance.below(8);
            if fate > 1 {
                let after = Duration::from_millis(state.chance.below(8_000));
                state.agenda.push((now + after, Todo::SettingsShown(request.ticket)));
            }
            fate == 1
        });
        if throws == Some(true) {
            throw();
        }
    }
}

/// Where the host writes down what happened.
pub(crate) struct Auditor(pub(crate) Arc<World>);

impl AuditSink for Auditor {
    fn record(&self, event: AuditEvent) {
        let written = format!("{event:?}");
        let looks = self.0.called(
            || format!("audit: {:?}", event.outcome),
            |state| {
                state.judge.readable("an audit event", &written);
                state.chance.percent(5)
            },
        );
        if looks == Some(true)
            && let Some(process) = self.0.process()
        {
            let _ = process.host.grants();
        }
    }
}
