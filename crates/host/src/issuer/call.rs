//! A call to the server that is described by data.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use serde::Deserialize;
use serde_json::Value;
use url::{Url, form_urlencoded::byte_serialize};
use zeroize::Zeroizing;

use super::{
    InvalidSettings,
    client_authentication::Credentials,
    template::{self, Values},
};
use crate::{
    http::Form,
    ports::{HttpRequest, SecretBytes},
};

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
    /// With the user's token as a Bearer token.
    User,
    /// With the host's client authentication. More power than an app may hold.
    Host,
    /// With what an earlier call captured as a Bearer token. More power than an app may hold.
    Captured(String),
}

impl CallMethod {
    fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }
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

    /// Where it goes.
    pub(super) fn url(&self, origin: &Url, values: &Values) -> Result<Url, &'static str> {
        let escape = |value: &str| byte_serialize(value.as_bytes()).collect::<String>();
        // A space is `%20` in a path and in a query alike.
        let path = values.fill(&self.path, |value| escape(value).replace('+', "%20"));
        let url = origin.join(&path).map_err(|_| "the path of a call is no path")?;
        if url.origin() != origin.origin() {
            return Err("the path of a call leads elsewhere");
        }
        Ok(url)
    }

    /// The request; `host` where it is made as the host.
    pub(super) fn request(
        &self,
        origin: &Url,
        values: &Values,
        host: Option<Credentials>,
        time_allowed: Duration,
    ) -> Result<HttpRequest, &'static str> {
        let url = self.url(origin, values)?;
        let mut form = Form::empty();
        for (name, value) in &self.form {
            form.add(name.clone(), values.fill(value, str::to_owned).as_str());
        }
        let authorization = match &self.caller {
            Caller::Nobody => None,
            Caller::User => Some(bearer(values.get("user_token"))),
            Caller::Captured(name) => Some(bearer(values.get(name))),
            Caller::Host => {
                let host = host.ok_or("the host has no credentials for a call")?;
                form.extend(host.parameters);
                host.authorization
            }
        };
        let form = form.encode_some();
        let request = match &self.json {
            Some(_) if form.is_some() => {
                return Err("the host's credentials have no place in the body of a call");
            }
            Some(json) => {
                let body = SecretBytes::new(values.fill_json(json, &self.scopes).to_string());
                let method = self.method.as_str();
                HttpRequest::with_body(method, url, "application/json", body, time_allowed)
            }
            None => match (form, self.method) {
                (None, CallMethod::Get) => HttpRequest::get(url, time_allowed),
                (None, CallMethod::Delete) => HttpRequest::delete(url, None, time_allowed),
                (form, method) => {
                    let kind = "application/x-www-form-urlencoded";
                    let body = form.unwrap_or_else(|| SecretBytes::new(""));
                    HttpRequest::with_body(method.as_str(), url, kind, body, time_allowed)
                }
            },
        };
        Ok(match authorization {
            Some(authorization) => request.authorized(authorization),
            None => request,
        })
    }

    /// Keeps what is to be kept of an answer.
    pub(super) fn keep(&self, body: &[u8], values: &mut Values) -> Result<(), &'static str> {
        if self.capture.is_empty() {
            return Ok(());
        }
        let body: Value =
            serde_json::from_slice(body).map_err(|_| "a call's answer is not JSON")?;
        for (name, pointer) in &self.capture {
            let value = match body.pointer(pointer) {
                Some(Value::String(text)) => text.clone(),
                Some(Value::Number(number)) => number.to_string(),
                _ => return Err("a call's answer lacks what is to be captured"),
            };
            values.set(name.clone(), value);
        }
        Ok(())
    }
}

fn bearer(token: &str) -> Zeroizing<String> {
    Zeroizing::new(format!("Bearer {token}"))
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

    fn values() -> Values {
        let mut values = Values::default();
        for (name, value) in
            [("user_id", "a/../b ü?"), ("user_token", "t1"), ("scopes", "email"), ("admin", "a1")]
        {
            values.set(name, value);
        }
        values
    }

    fn request(call: &CallSettings) -> HttpRequest {
        let origin = "http://127.0.0.1:1/some/path?x".parse().unwrap();
        call.request(&origin, &values(), None, Duration::from_secs(1)).ok().unwrap()
    }

    #[test]
    fn a_value_in_the_path_is_one_segment_whatever_it_holds() {
        let call = call(json!({"method": "DELETE", "path": "/users/{user_id}?q={user_id}"}));
        check(&call).unwrap();
        let request = request(&call);
        let escaped = "a%2F..%2Fb%20%C3%BC%3F";
        assert_eq!(
            request.url().as_str(),
            format!("http://127.0.0.1:1/users/{escaped}?q={escaped}")
        );
        assert_eq!((request.method(), request.body()), ("DELETE", None));
    }

    #[test]
    fn a_call_speaks_in_the_name_that_its_settings_say() {
        for (caller, authorization) in [
            (json!("nobody"), None),
            (json!("user"), Some("Bearer t1")),
            (json!({"captured": "admin"}), Some("Bearer a1")),
        ] {
            let call = call(
                json!({"method": "POST", "path": "/", "as": caller, "json": {"s": "{scopes}"}}),
            );
            check(&call).unwrap();
            let request = request(&call);
            let sent = request.headers().find(|(name, _)| *name == "authorization");
            assert_eq!(sent.map(|(_, value)| value), authorization);
            assert_eq!(request.body().unwrap(), br#"{"s":["email"]}"#);
        }
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

    #[test]
    fn what_an_answer_holds_is_kept_for_the_calls_after_it() {
        let call =
            call(json!({"method": "GET", "path": "/", "capture": {"id": "/0/id", "n": "/0/n"}}));
        let mut values = Values::default();
        call.keep(br#"[{"id":"u1","n":7}]"#, &mut values).unwrap();
        assert_eq!((values.get("id"), values.get("n")), ("u1", "7"));
        assert!(call.keep(br#"[{"id":"u1"}]"#, &mut values).is_err());
        assert!(call.keep(b"<html>", &mut values).is_err());
    }
}
