//! Handing a page's message to the host, with the judge looking on.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{
    judge::{Party, Sent, Wants},
    page::{Message, Page},
    world::{Life, Process, World},
};

/// Sends one message.
pub(crate) fn send(world: &World, process: &Process, page: &Page, message: Message) {
    let Message { text, context, wants, id, genuine, may_prompt } = message;
    let (document, token) = (context.document, context.reply_token);
    let (program, session) = (page.program.clone(), page.session);
    let takes_back = match &wants {
        Wants::Revoke(scopes) if genuine => Some(scopes.clone()),
        _ => None,
    };
    let user = process.account.user().map(|user| user.id.to_string());
    let when = world.when();
    {
        let mut state = world.state();
        let from = if genuine { "" } else { " (forged)" };
        let shown: String = text.chars().take(300).collect();
        state.log.line(world.clock.total(), || {
            format!("{}{from}, document {}, way back {}: {shown}", program.id, document.0, token.0)
        });
        let sent = Sent {
            session,
            document,
            token,
            program: program.clone(),
            wants,
            id,
            genuine,
            may_prompt,
            user: user.clone(),
        };
        state.judge.sent(when, sent);
    }
    let answer = process.host.receive(session, context, &text);
    if world.state().life == Life::Died {
        return;
    }
    let refused = answer.as_ref().is_some_and(|answer| is_error(answer));
    if let (Some(scopes), Some(user), false) = (takes_back, user, refused) {
        let party = Party::of(&user, &program, None);
        world.state().judge.taken_back(|of, scope| {
            let same = Party { audience: None, ..of.clone() } == party;
            same && is_among(scope, scopes.as_ref())
        });
    }
    if let Some(answer) = answer {
        world.note(|| format!("at once: {answer}"));
        world.arrived(session, document, Some(token), &answer);
    }
}

fn is_error(answer: &str) -> bool {
    serde_json::from_str::<Value>(answer).is_ok_and(|answer| answer["error"].is_object())
}

fn is_among(scope: &str, scopes: Option<&BTreeSet<String>>) -> bool {
    scopes.is_none_or(|scopes| scopes.contains(scope))
}
