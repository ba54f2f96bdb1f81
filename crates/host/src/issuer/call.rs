//! A call to the server that is described by data.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;

use super::{InvalidSettings, template};

/// What a placeholder may name wherever a profile makes calls.
pub(super) const NAMES: [&str; 7] =
    ["user_id", "user_name", "user_token", "client_id", "redirect_uri", "scope", "scopes"];
/// What it may name when a grant ends.
const NAMES_AT_REVOCATION: [&str; 4] = ["user_id", "user_name", "user_token", "client_id"];

/// One call to the origin of the authorization endpoint.
///
/// Strings of `path`, `form` and `json` may hold placeholders: `{user_id}`, `{user_name}`,
/// `{user_token}`, `{client_id}`, `{redirect_uri}`, `{scope}` (as one string), `{scopes}` (a string
/// of JSON that is this alone becomes an array), and what an earlier call captured. Cookies that the
/// server sets go along with all that follows.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallSettings {
    /// The method.
    pub method: CallMethod,
    /// Where, from the root of the server; may have a query.
    pub path: String,
    /// In whose name.
    #[serde(default, rename = "as")]
    pub caller: Caller,
    /// A form body.
    #[serde(default)]
    pub form: BTreeMap<String, String>,
    /// A JSON body.
    #[serde(default)]
    pub json: Option<Value>,
    /// How the server writes each scope where `{scopes}` becomes an array, for servers that do not
    /// know them by name; scopes that are not here are left out of it.
    #[serde(default)]
    pub scopes: BTreeMap<String, Value>,
    /// What is kept of a JSON answer: names, and where it stands (RFC 6901).
    #[serde(default)]
    pub capture: BTreeMap<String, String>,
}

/// How a call is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum CallMethod {
    /// Asks.
    Get,
    /// Does something.
    Post,
    /// Sets something.
    Put,
    /// Ends something.
    Delete,
}

/// In whose name a call is made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Caller {
    /// In nobody's, beside the cookies.
    #[default]
    Nobody,
    /// With the user's token, and a proof where it is bound to a key (RFC 9449 §7.1).
    User,
    /// With the host's client authentication. More power than an app may hold.
    Host,
    /// With what an earlier call captured as a Bearer token. More power than an app may hold.
    Captured(String),
}

impl CallSettings {
    /// Whether whoever holds the settings could act for any user.
    pub(super) fn needs_power(&self) -> bool {
        matches!(self.caller, Caller::Host | Caller::Captured(_))
    }

    /// Checks the call; `captured` is what is known by then.
    pub(super) fn check(&self, captured: &mut BTreeSet<String>) -> Result<(), InvalidSettings> {
        self.check_against(&NAMES, captured)
    }

    /// Checks a call that ends a grant.
    pub(super) fn check_at_revocation(
        &self,
        captured: &mut BTreeSet<String>,
    ) -> Result<(), InvalidSettings> {
        self.check_against(&NAMES_AT_REVOCATION, captured)
    }

    fn check_against(
        &self,
        names: &[&str],
        captured: &mut BTreeSet<String>,
    ) -> Result<(), InvalidSettings> {
        let Self { path, .. } = self;
        if !path.starts_with('/') || path.starts_with("//") || path.contains(['#', '\\']) {
            return Err(InvalidSettings::new(format!(
                "`{path}` is no path from the root of the authorization server"
            )));
        }
        if self.json.is_some() && !self.form.is_empty() {
            return Err(InvalidSettings::new(format!("the call to `{path}` has two bodies")));
        }
        let form = self.form.values().flat_map(|value| template::names(value));
        let json = self.json.iter().flat_map(template::names_in_json);
        let bearer = match &self.caller {
            Caller::Captured(name) => Some(name.as_str()),
            _ => None,
        };
        for name in template::names(path).into_iter().chain(form).chain(json).chain(bearer) {
            if !names.contains(&name) && !captured.contains(name) {
                return Err(InvalidSettings::new(format!(
                    "nothing is known as `{{{name}}}` when `{path}` is called"
                )));
            }
        }
        if let Some(name) = self.capture.keys().find(|name| NAMES.contains(&name.as_str())) {
            return Err(InvalidSettings::new(format!("`{{{name}}}` has a meaning already")));
        }
        captured.extend(self.capture.keys().cloned());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn call(json: Value) -> CallSettings {
        serde_json::from_value(json).unwrap()
    }

    fn check(call: &CallSettings) -> Result<(), InvalidSettings> {
        call.check(&mut BTreeSet::from(["admin".to_owned()]))
    }

    #[test]
    fn what_acts_for_any_user_is_known_as_power() {
        let with = |caller| call(json!({"method": "POST", "path": "/", "as": caller}));
        assert!(with(json!("host")).needs_power());
        assert!(with(json!({"captured": "admin"})).needs_power());
        assert!(!with(json!("user")).needs_power() && !with(json!("nobody")).needs_power());
    }

    #[test]
    fn calls_that_lead_elsewhere_or_know_too_little_are_refused() {
        for (bad, says) in [
            (json!({"method": "GET", "path": "https://evil.example/"}), "no path"),
            (json!({"method": "GET", "path": "//evil.example/"}), "no path"),
            (json!({"method": "GET", "path": "/\\evil.example/"}), "no path"),
            (json!({"method": "GET", "path": "/{unknown}"}), "{unknown}"),
            (json!({"method": "POST", "path": "/", "json": ["{unknown}"]}), "{unknown}"),
            (json!({"method": "POST", "path": "/", "form": {"a": "{unknown}"}}), "{unknown}"),
            (json!({"method": "POST", "path": "/", "as": {"captured": "unknown"}}), "{unknown}"),
            (json!({"method": "POST", "path": "/", "form": {"a": "b"}, "json": {}}), "two bodies"),
            (json!({"method": "GET", "path": "/", "capture": {"user_id": "/id"}}), "meaning"),
        ] {
            let refused = check(&call(bad.clone())).unwrap_err().to_string();
            assert!(refused.contains(says), "{bad}: {refused}");
        }
    }
}
