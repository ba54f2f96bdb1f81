//! How the parameters of a request differ at a server.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::{
    InvalidSettings,
    call::NAMES,
    template::{self, Values},
};
use crate::http::{Edit, Form};

/// How the parameters of a code request differ at a server from those of its profile.
///
/// PKCE, the client and the scopes always travel: they can be renamed and not left out.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ParameterSettings {
    /// Parameters of the profile that the server knows by other names.
    pub rename: BTreeMap<String, String>,
    /// Parameters that go with every request, with their values. Not for secrets.
    pub add: BTreeMap<String, String>,
    /// Parameters of the profile that the server does not take.
    pub leave_out: BTreeSet<String>,
}

/// The parameters that a profile sends.
pub(super) struct Known {
    /// All of them.
    pub(super) all: &'static [&'static str],
    /// Those without which a code would not be bound to its program.
    pub(super) bound: &'static [&'static str],
    /// Names that nothing else may have beside them.
    pub(super) reserved: &'static [&'static str],
}

impl ParameterSettings {
    /// Checks the settings; `captured` is what the values that are added may name beside the usual.
    pub(super) fn check(
        &self,
        known: &Known,
        captured: &BTreeSet<String>,
    ) -> Result<(), InvalidSettings> {
        let mut named = self.add.values().flat_map(|value| template::names(value));
        if let Some(name) = named.find(|name| !NAMES.contains(name) && !captured.contains(*name)) {
            return Err(InvalidSettings::new(format!("nothing is known as `{{{name}}}`")));
        }
        let is_known = |name: &String| known.all.contains(&name.as_str());
        if let Some(name) = self.rename.keys().chain(&self.leave_out).find(|name| !is_known(name)) {
            return Err(InvalidSettings::new(format!(
                "this profile sends no parameter `{name}` that could be renamed or left out"
            )));
        }
        if let Some(name) = known.bound.iter().find(|name| self.leave_out.contains(**name)) {
            return Err(InvalidSettings::new(format!(
                "`{name}` must not be left out, since it binds the code to its program"
            )));
        }
        let mut names: BTreeSet<&str> = known.reserved.iter().copied().collect();
        match self.sent(known).find(|name| name.is_empty() || !names.insert(name)) {
            Some(name) => Err(sent_twice(name)),
            None => Ok(()),
        }
    }

    /// Checks that a parameter can go beside these.
    pub(super) fn check_free(&self, known: &Known, name: &str) -> Result<(), InvalidSettings> {
        let taken = known.reserved.contains(&name) || self.sent(known).any(|sent| sent == name);
        if taken { Err(sent_twice(name)) } else { Ok(()) }
    }

    fn sent<'a>(&'a self, known: &Known) -> impl Iterator<Item = &'a str> {
        let sent = known.all.iter().filter(|name| !self.leave_out.contains(**name));
        let sent = sent.map(|name| self.rename.get(*name).map_or(*name, String::as_str));
        sent.chain(self.add.keys().map(String::as_str))
    }

    pub(super) fn apply(&self, form: &mut Form, values: &Values) {
        form.edit(|name| match self.rename.get(name) {
            _ if self.leave_out.contains(name) => Edit::LeaveOut,
            Some(new) => Edit::Rename(new.clone()),
            None => Edit::Keep,
        });
        self.add_to(form, values);
    }

    /// Adds what goes with every request.
    pub(super) fn add_to(&self, form: &mut Form, values: &Values) {
        for (name, value) in &self.add {
            form.add(name.clone(), values.fill(value, str::to_owned).as_str());
        }
    }
}

fn sent_twice(name: &str) -> InvalidSettings {
    InvalidSettings::new(format!("the parameter `{name}` would be sent twice, or has no name"))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const KNOWN: Known = Known {
        all: &["scope", "code_challenge", "nonce"],
        bound: &["code_challenge"],
        reserved: &["client_secret"],
    };

    fn settings(json: Value) -> ParameterSettings {
        serde_json::from_value(json).unwrap()
    }

    fn check(settings: &ParameterSettings) -> Result<(), InvalidSettings> {
        settings.check(&KNOWN, &BTreeSet::new())
    }

    #[test]
    fn parameters_are_renamed_added_and_left_out() {
        let settings = settings(json!({
            "rename": {"scope": "requested scopes"}, "add": {"login_hint": "{user_id}"}, "leave_out": ["nonce"],
        }));
        check(&settings).unwrap();
        let mut form = Form::new("scope", "a b");
        form.add("nonce", "n");
        form.add("code_challenge", "c");
        let mut values = Values::default();
        values.set("user_id", "alice");
        settings.apply(&mut form, &values);
        let body = String::from_utf8(form.encode().expose().to_vec()).unwrap();
        assert_eq!(body, "requested+scopes=a+b&code_challenge=c&login_hint=alice");
    }

    #[test]
    fn what_would_loosen_a_code_or_make_a_parameter_ambiguous_is_refused() {
        for (bad, says) in [
            (json!({"leave_out": ["code_challenge"]}), "must not be left out"),
            (json!({"leave_out": ["no_such"]}), "no parameter `no_such`"),
            (json!({"rename": {"no_such": "x"}}), "no parameter `no_such`"),
            (json!({"add": {"code_challenge": "x"}}), "sent twice"),
            (json!({"rename": {"nonce": "scope"}}), "sent twice"),
            (json!({"add": {"client_secret": "x"}}), "sent twice"),
            (json!({"add": {"": "x"}}), "no name"),
            (json!({"add": {"hint": "{unknown}"}}), "{unknown}"),
        ] {
            let refused = check(&settings(bad.clone())).unwrap_err();
            assert!(refused.to_string().contains(says), "{bad}: {refused}");
        }
        // What is left out or renamed gives its name away.
        check(&settings(json!({"leave_out": ["nonce"], "add": {"nonce": "x"}}))).unwrap();
        check(&settings(json!({"rename": {"nonce": "n"}, "add": {"nonce": "x"}}))).unwrap();
    }

    #[test]
    fn a_setting_that_nobody_knows_is_refused() {
        assert!(serde_json::from_value::<ParameterSettings>(json!({"drop": []})).is_err());
    }
}
