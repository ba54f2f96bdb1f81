//! Effects as JSON, for transcripts. Only tests may do this: a reply may carry a code.

use minihost_core::{
    Action, Effect, Grant, Outcome, RevokedBy, SaveOutcome, Scope, SignInHow, UserChoice,
};
use serde_json::{Value, json};

/// One effect.
pub fn render(effect: &Effect) -> Value {
    match effect {
        Effect::Reply(reply) => json!({"reply": {
            "session": reply.session,
            "document": reply.document,
            "to": reply.in_reply_to,
            "message": message(&reply.text),
        }}),
        Effect::Settle { session, reply_token } => {
            json!({"settle": {"session": session, "to": reply_token}})
        }
        Effect::Prompt(view) => json!({"prompt": {
            "prompt": view.prompt,
            "digest": view.digest,
            "shown": view.shown,
        }}),
        Effect::DismissPrompt(prompt) => json!({"dismiss": prompt}),
        Effect::Save { save, remembered } => {
            let (past, live): (Vec<&Grant>, Vec<&Grant>) =
                remembered.grants.iter().partition(|grant| grant.ended.is_some());
            let scopes: Vec<&Scope> = live.iter().map(|grant| &grant.key.scope).collect();
            json!({"save": {"save": save, "scopes": scopes, "grants": live, "past": past,
                "releases": remembered.releases, "refusals": remembered.refusals}})
        }
        Effect::Tell(told) => json!({"tell": {
            "session": told.session,
            "document": told.document,
            "message": message(&told.text),
        }}),
        Effect::EndAtServer { ending, grant_id, .. } => {
            json!({"endAtServer": {"ending": ending, "grantId": grant_id}})
        }
        Effect::Revoked { call, outcome } => json!({"revoked": {
            "call": call,
            "scopes": outcome.scopes,
            "stored": outcome.saved == SaveOutcome::Stored,
            "server": outcome.server,
        }}),
        Effect::OpenSettings { ticket, mini_program } => {
            json!({"openSettings": {"ticket": ticket, "miniProgram": mini_program}})
        }
        Effect::CallMethod(call) => json!({"call": {
            "ticket": call.ticket,
            "method": call.method.as_str(),
            "miniProgram": call.mini_program,
            "user": call.user.as_ref().map(|user| &user.id),
            "params": call.params,
        }}),
        Effect::SignIn(wanted) => json!({"signIn": {
            "ticket": wanted.ticket,
            "miniProgram": wanted.mini_program,
            "user": wanted.user.as_ref().map(|user| &user.id),
            "how": match &wanted.how {
                SignInHow::Again { acr_values, max_age } => {
                    json!({"again": {"acrValues": acr_values, "maxAge": max_age}})
                }
                SignInHow::ChooseAccount => json!("chooseAccount"),
                SignInHow::InBrowser { page } => json!({"inBrowser": page.as_str()}),
            },
        }}),
        Effect::AbandonSignIn(ticket) => json!({"abandonSignIn": ticket}),
        Effect::AbandonMethod(ticket) => json!({"abandonCall": ticket}),
        Effect::IssueCode(request) => {
            let asked = request.asked();
            json!({"issue": {
                "ticket": request.ticket(),
                "user": request.user().id,
                "clientId": asked.client_id,
                "redirectUri": asked.redirect_uri,
                "codeChallenge": asked.code_challenge,
                "nonce": asked.nonce,
                "audience": asked.audience,
                "scopes": request.scopes(),
                "consent": request.evidence(),
            }})
        }
        Effect::AbandonCode(ticket) => json!({"abandon": ticket}),
        Effect::Audit(event) => json!({"audit": {
            "correlationId": event.correlation,
            "miniProgram": event.mini_program,
            "user": event.user,
            "action": match &event.action {
                Action::RequestCode => json!("requestCode"),
                Action::Revoke(RevokedBy::Program) => json!({"revoke": "program"}),
                Action::Revoke(RevokedBy::User) => json!({"revoke": "user"}),
                Action::CallMethod(method) => json!({"call": method.as_str()}),
            },
            "asked": event.asked,
            "choice": event.choice.as_ref().map(|choice| match choice {
                UserChoice::Allowed { scopes, remember } => {
                    json!({"allowed": scopes, "remember": remember})
                }
                UserChoice::Denied => json!("denied"),
                UserChoice::Dismissed => json!("dismissed"),
            }),
            "secondsForUser": event.waited_for_user.map(|time| time.as_secs()),
            "secondsForServer": event.waited_for_server.map(|time| time.as_secs()),
            "digest": event.digest,
            "outcome": match &event.outcome {
                Outcome::Delivered { scopes, mode } => json!({"delivered": scopes, "mode": mode}),
                Outcome::Revoked { server } => json!({"revoked": server}),
                Outcome::Answered => json!("answered"),
                Outcome::Refused(reason) => json!({"refused": reason}),
                Outcome::DocumentGone => json!("document gone"),
            },
            "seconds": event.took.as_secs(),
        }}),
    }
}

fn message(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| json!({"not JSON": text}))
}
