//! What pages send.

use minihost_core::{ReplyToken, Visibility};
use minihost_testkit::call;
use serde_json::{Value, json};

use super::{Waiting, World, session_id};
use crate::histories::event::{Call, PROGRAMS, scopes};

impl World {
    pub(super) fn send(&mut self, session: usize, message: Value, visible: bool) {
        let id = session_id(session);
        self.last_token += 1;
        let token = ReplyToken(self.last_token);
        let document = self.documents[&id];
        let asks_silently = message["method"] == "auth.checkSession"
            || message["params"]["prompt"] == "none"
            || ((!visible || self.hidden.contains(&session))
                && message["method"] == "auth.requestCode");
        let granted = self
            .user
            .as_ref()
            .is_some_and(|user| !self.remembered_now(user, PROGRAMS[session]).is_empty());
        let silent = asks_silently && !granted && !self.switched_off.contains(&session);
        let silent_since = silent.then(|| self.machine.now().uptime);
        let waiting = Waiting { document, id: message["id"].clone(), silent_since };
        self.unanswered.insert((id, token), waiting);
        let mut context = call(PROGRAMS[session], document, token);
        if !visible {
            context.visibility = Visibility::Hidden;
        }
        let effects = self.machine.receive(id, context, &message.to_string());
        self.observe(effects);
    }

    pub(super) fn send_raw(&mut self, session: usize, text: &str) {
        let id = session_id(session);
        self.last_token += 1;
        let token = ReplyToken(self.last_token);
        let document = self.documents[&id];
        let answers = !text.contains("cancelRequest");
        if answers {
            let waiting = Waiting { document, id: Value::Null, silent_since: None };
            self.unanswered.insert((id, token), waiting);
        }
        let context = call(PROGRAMS[session], document, token);
        let effects = self.machine.receive(id, context, text);
        self.observe(effects);
        assert!(!self.unanswered.contains_key(&(id, token)), "garbage is answered at once");
    }

    pub(super) fn call(&mut self, session: usize, call: &Call, visible: bool) {
        let (method, params) = match call {
            Call::GetGrants => ("auth.getGrants", json!({})),
            Call::CheckSession => ("auth.checkSession", json!({})),
            Call::Revoke(bits) => {
                if !self.switched_off.contains(&session) {
                    self.forget(session, *bits);
                    self.page_revoked = Some(self.machine.now().uptime);
                }
                let named = bits.map(scopes).map(|scopes| json!({"scopes": scopes}));
                ("auth.revoke", named.unwrap_or_else(|| json!({})))
            }
            Call::OpenSettings => ("host.openSettings", json!({})),
            Call::Print => ("acme.print", json!({})),
            Call::Hidden => ("acme.locate", json!({})),
        };
        self.last_id += 1;
        let message =
            json!({"jsonrpc": "2.0", "id": self.last_id, "method": method, "params": params});
        self.send(session, message, visible);
    }
}
