//! A call as its settings describe it: the request that it makes, and what is kept of the answer.

use std::time::Duration;

use serde_json::Value;
use url::{Url, form_urlencoded::byte_serialize};
use zeroize::Zeroizing;

use super::{
    call::{CallMethod, CallSettings, Caller},
    credentials::Credentials,
    template::Values,
};
use crate::{
    http::Form,
    ports::{HttpRequest, SecretBytes, UserToken},
};

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

    /// The request: with the token where it is made in the user's name, with the credentials where it
    /// is made in the host's.
    pub(super) fn request(
        &self,
        origin: &Url,
        values: &Values,
        (user, host): (&UserToken, Option<Credentials>),
        time_allowed: Duration,
    ) -> Result<HttpRequest, &'static str> {
        let url = self.url(origin, values)?;
        let mut form = Form::empty();
        for (name, value) in &self.form {
            form.add(name.clone(), values.fill(value, str::to_owned).as_str());
        }
        let authorization = match &self.caller {
            Caller::Nobody | Caller::User => None,
            Caller::Captured(name) => Some(Zeroizing::new(format!("Bearer {}", values.get(name)))),
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
        Ok(match (&self.caller, authorization) {
            (Caller::User, _) => user.authorize(request),
            (_, Some(authorization)) => request.authorized(authorization),
            (_, None) => request,
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn call(json: Value) -> CallSettings {
        serde_json::from_value(json).unwrap()
    }

    fn values() -> Values {
        let mut values = Values::default();
        for (name, value) in [("user_id", "a/../b ü?"), ("scopes", "email"), ("admin", "a1")] {
            values.set(name, value);
        }
        values
    }

    fn request(call: &CallSettings) -> HttpRequest {
        let origin = "http://127.0.0.1:1/some/path?x".parse().unwrap();
        let speakers = (&UserToken::new("t1"), None);
        call.request(&origin, &values(), speakers, Duration::from_secs(1)).ok().unwrap()
    }

    #[test]
    fn a_value_in_the_path_is_one_segment_whatever_it_holds() {
        let call = call(json!({"method": "DELETE", "path": "/users/{user_id}?q={user_id}"}));
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
            let request = request(&call);
            let sent = request.headers().find(|(name, _)| *name == "authorization");
            assert_eq!(sent.map(|(_, value)| value), authorization);
            assert_eq!(request.body().unwrap(), br#"{"s":["email"]}"#);
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
