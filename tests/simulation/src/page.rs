//! What the pages of mini-programs send: what they should, and what they should not.

use std::collections::BTreeSet;

use minihost::{CallContext, Capability, DocumentId, Frame, ReplyToken, SessionId, Visibility};
use minihost_testkit::call;
use serde_json::{Value, json};

use crate::{
    chance::Chance,
    judge::{CodeAsked, Program, Wants},
};

pub(crate) const SCOPES: [&str; 4] = ["openid", "profile", "email", "phone"];

/// A message, with what the platform says of its sender.
pub(crate) struct Message {
    pub(crate) text: String,
    pub(crate) context: CallContext,
    pub(crate) wants: Wants,
    pub(crate) id: Value,
    pub(crate) genuine: bool,
    pub(crate) may_prompt: bool,
}

/// One open document and the numbers that its messages use up.
pub(crate) struct Page {
    pub(crate) session: SessionId,
    pub(crate) document: DocumentId,
    pub(crate) program: Program,
}

/// Numbers that are never used twice in a history.
#[derive(Default)]
pub(crate) struct Numbers {
    last_id: u64,
    last_token: u64,
    pub(crate) last_document: u64,
}

impl Numbers {
    fn id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    fn token(&mut self) -> ReplyToken {
        self.last_token += 1;
        ReplyToken(self.last_token)
    }
}

impl Page {
    /// What comes first.
    pub(crate) fn initialize(&self, numbers: &mut Numbers) -> Message {
        let id = numbers.id();
        let text = minihost_testkit::initialize(id).to_string();
        self.honest(numbers, text, json!(id), Wants::Method("host.initialize"))
    }

    /// Asks for a code, for some scopes in some way.
    pub(crate) fn request_code(&self, numbers: &mut Numbers, chance: &mut Chance) -> Message {
        let scopes = BTreeSet::from([chance.pick(&SCOPES)]);
        let scopes: BTreeSet<&str> = scopes.into_iter().chain(chance.some(SCOPES)).collect();
        let prompt = chance.weighted(&[
            (8, "auto"),
            (1, "none"),
            (3, "consent"),
            (1, "login"),
            (1, "select_account"),
        ]);
        self.ask(numbers, chance, scopes, prompt)
    }

    /// Asks for very little, again and again: equal requests share what they can.
    pub(crate) fn request_the_same(&self, numbers: &mut Numbers, chance: &mut Chance) -> Message {
        let prompt = chance.pick(&["auto", "consent"]);
        self.ask(numbers, chance, BTreeSet::from(["openid"]), prompt)
    }

    fn ask(
        &self,
        numbers: &mut Numbers,
        chance: &mut Chance,
        scopes: BTreeSet<&str>,
        prompt: &'static str,
    ) -> Message {
        let id = numbers.id();
        let code = CodeAsked {
            challenge: format!("{id:0>43}"),
            scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
            audience: chance.percent(15).then(|| "https://api.example".to_owned()),
            nonce: chance.percent(50).then(|| format!("nonce-{id}")),
            state: chance.percent(80).then(|| format!("state-{id}")),
            prompt,
        };
        let mut params = json!({
            "scopes": code.scopes,
            "codeChallenge": code.challenge,
            "codeChallengeMethod": "S256",
            "prompt": prompt,
        });
        let optional =
            [("audience", &code.audience), ("nonce", &code.nonce), ("state", &code.state)];
        for (name, value) in optional {
            if let Some(value) = value {
                params[name] = json!(value);
            }
        }
        let text = request(id, "auth.requestCode", &params);
        let mut message = self.honest(numbers, text, json!(id), Wants::Code(code));
        if chance.percent(6) {
            message.context.visibility = Visibility::Hidden;
            message.may_prompt = false;
        }
        if chance.percent(6) {
            message.context.gesture_age = Some(std::time::Duration::from_secs(60));
            message.may_prompt = false;
        }
        message
    }

    /// Calls something else.
    pub(crate) fn other_call(&self, numbers: &mut Numbers, chance: &mut Chance) -> Message {
        let method = chance.weighted(&[
            (2, "auth.getGrants"),
            (2, "auth.checkSession"),
            (3, "auth.revoke"),
            (1, "host.openSettings"),
            (4, "acme.print"),
        ]);
        let id = numbers.id();
        let (params, wants) = match method {
            "auth.revoke" if chance.percent(50) => (json!({}), Wants::Revoke(None)),
            "auth.revoke" => {
                let scopes = BTreeSet::from([chance.pick(&SCOPES).to_owned()]);
                (json!({"scopes": scopes}), Wants::Revoke(Some(scopes)))
            }
            method => (json!({}), Wants::Method(method)),
        };
        self.honest(numbers, request(id, method, &params), json!(id), wants)
    }

    /// Cancels something that waits, or nothing.
    pub(crate) fn cancel(&self, numbers: &mut Numbers, target: &Value) -> Message {
        let params = json!({"id": target});
        let text = json!({"jsonrpc": "2.0", "method": "$/cancelRequest", "params": params});
        self.honest(numbers, text.to_string(), Value::Null, Wants::NoAnswer)
    }

    /// Uses an id that waits already.
    pub(crate) fn reuse(&self, numbers: &mut Numbers, used: &Value) -> Message {
        let text = json!({"jsonrpc": "2.0", "id": used, "method": "auth.getGrants"}).to_string();
        self.honest(numbers, text, used.clone(), Wants::Nonsense)
    }

    /// What an attacker sends in the program's name: from elsewhere, or for another document.
    pub(crate) fn forged(&self, numbers: &mut Numbers, chance: &mut Chance) -> Message {
        let mut message = match chance.below(2) {
            0 => self.request_code(numbers, chance),
            _ => self.other_call(numbers, chance),
        };
        let context = &mut message.context;
        match chance.below(6) {
            0 => context.frame = Frame::Sub,
            1 => context.origin = Some("https://evil.example".to_owned()),
            2 => context.origin = Some(format!("https://{}.example.evil.example", self.program.id)),
            3 => {
                context.origin = None;
                context.capability = Capability::NotHeld;
            }
            4 => context.document = DocumentId(self.document.0.wrapping_sub(1)),
            _ => context.document = DocumentId(self.document.0 + 1_000_000),
        }
        message.genuine = false;
        message
    }

    /// What is no request, or none that can be carried out.
    pub(crate) fn nonsense(&self, numbers: &mut Numbers, chance: &mut Chance) -> Message {
        let id = numbers.id();
        let challenge = format!("{id:0>43}");
        let code = |params: Value| request(id, "auth.requestCode", &params);
        let text = match chance.below(14) {
            0 => "{".to_owned(),
            1 => String::new(),
            2 => format!("[{}]", request(id, "auth.getGrants", &json!({}))),
            3 => json!({"jsonrpc": "2.0", "id": id, "result": {"code": "mine"}}).to_string(),
            4 => json!({"jsonrpc": "1.0", "id": id, "method": "auth.getGrants"}).to_string(),
            5 => format!(r#"{{"jsonrpc":"2.0","id":{id},"id":1,"method":"auth.getGrants"}}"#),
            6 => request(id, "auth.getGrants", &json!({"x": "y".repeat(70_000)})),
            7 => format!("{}{}", "[".repeat(40), "]".repeat(40)),
            8 => request(id, "acme.locate", &json!({})),
            9 => request(id, "Auth.RequestCode", &json!({})),
            10 => code(json!({"scopes": ["openid"]})),
            11 => code(
                json!({"scopes": ["openid"], "codeChallenge": challenge, "codeChallengeMethod": "plain"}),
            ),
            12 => code(
                json!({"scopes": ["admin"], "codeChallenge": challenge, "codeChallengeMethod": "S256"}),
            ),
            _ => code(
                json!({"scopes": ["openid"], "codeChallenge": challenge, "codeChallengeMethod": "S256",
                "redirectUri": "https://evil.example/"}),
            ),
        };
        self.honest(numbers, text, json!(id), Wants::Nonsense)
    }

    fn honest(&self, numbers: &mut Numbers, text: String, id: Value, wants: Wants) -> Message {
        let context = call(&self.program.id, self.document, numbers.token());
        let context = match numbers.last_token % 5 {
            // Not every platform tells everything; then the message's way must prove it.
            0 => CallContext { origin: None, capability: Capability::Held, ..context },
            1 => CallContext { frame: Frame::Unknown, capability: Capability::Held, ..context },
            _ => context,
        };
        Message { text, context, wants, id, genuine: true, may_prompt: true }
    }
}

fn request(id: u64, method: &str, params: &Value) -> String {
    json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}).to_string()
}
