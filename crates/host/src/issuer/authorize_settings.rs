//! What a server with an ordinary authorization endpoint is like.

use std::collections::BTreeSet;

use serde::Deserialize;
use url::{Origin, Url};

use super::{CallSettings, InvalidSettings, ParameterSettings, parameters::Known};
use crate::http::secure_url;

const MOST_HOPS: u8 = 20;

const PARAMETERS: Known = Known {
    all: &[
        "response_type",
        "client_id",
        "redirect_uri",
        "scope",
        "code_challenge",
        "code_challenge_method",
        "nonce",
        "resource",
        "acr_values",
        "max_age",
        "state",
    ],
    bound: &["client_id", "scope", "code_challenge", "code_challenge_method", "state"],
    reserved: &["request", "request_uri"],
};

/// Settings of the `authorize` profile. All have a default.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AuthorizeSettings {
    /// The authorization endpoint, where it is not the one of the metadata.
    pub endpoint: Option<String>,
    /// How the parameters differ. Values that are added may hold placeholders, as those of
    /// [`CallSettings`].
    pub parameters: ParameterSettings,
    /// How the server knows who the user is.
    pub user: UserProof,
    /// Calls that are made first, as to a consent API of the server.
    pub before: Vec<CallSettings>,
    /// The most redirects within the server that are followed, at most 20.
    pub max_hops: u8,
    /// Other origins at which the server signs users in: a redirect there is one to a login page, and
    /// no captive portal. Nothing is ever sent there.
    pub login_origins: Vec<String>,
    /// Mini-programs that are public clients and whose requests are pushed (RFC 9126). The requests of
    /// confidential clients cannot be: the host does not have their credentials.
    pub public_clients: BTreeSet<String>,
    /// Ends what a user granted a mini-program. Without it grants end at the host alone.
    pub revoke: Option<CallSettings>,
}

/// How the server knows who the user is.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UserProof {
    /// By the user's token in the `Authorization` header (RFC 6750 §2.1), with a proof where it is bound to
    /// a key (RFC 9449 §7.1).
    #[default]
    Bearer,
    /// By the user's token as the value of the cookie of this name: the host's session with the
    /// server is the user's.
    Cookie(String),
    /// By the user's token as the parameter of this name.
    Parameter(String),
    /// By cookies, or by what is captured, that the server gives for a call. One call in an app.
    Session(Calls),
}

/// One call, or several in a row.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Calls {
    /// One.
    One(Box<CallSettings>),
    /// Several.
    Row(Vec<CallSettings>),
}

impl Calls {
    pub(super) fn as_slice(&self) -> &[CallSettings] {
        match self {
            Self::One(call) => std::slice::from_ref(call),
            Self::Row(calls) => calls,
        }
    }
}

impl Default for AuthorizeSettings {
    fn default() -> Self {
        Self {
            endpoint: None,
            parameters: ParameterSettings::default(),
            user: UserProof::default(),
            before: Vec::new(),
            max_hops: 5,
            login_origins: Vec::new(),
            public_clients: BTreeSet::new(),
            revoke: None,
        }
    }
}

impl AuthorizeSettings {
    fn session(&self) -> &[CallSettings] {
        match &self.user {
            UserProof::Session(calls) => calls.as_slice(),
            _ => &[],
        }
    }

    /// Refuses what an app must not hold.
    pub(super) fn refuse_power(&self) -> Result<(), InvalidSettings> {
        let calls = self.session().iter().chain(&self.before).chain(&self.revoke);
        match calls.into_iter().find(|call| call.needs_power()) {
            Some(call) => Err(InvalidSettings::too_much_power(&call.path)),
            None => Ok(()),
        }
    }

    pub(super) fn check(&self) -> Result<(), InvalidSettings> {
        let mut known = BTreeSet::new();
        for call in self.session() {
            call.check(&mut known)?;
        }
        if let Some(revoke) = &self.revoke {
            revoke.check_at_revocation(&mut known.clone())?;
        }
        for call in &self.before {
            call.check(&mut known)?;
        }
        self.parameters.check(&PARAMETERS, &known)?;
        if let UserProof::Parameter(name) | UserProof::Cookie(name) = &self.user {
            let token = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
            if name.is_empty() || !name.bytes().all(token) {
                return Err(InvalidSettings::new(format!(
                    "`{name}` is no name for the user's token"
                )));
            }
        }
        if let UserProof::Parameter(name) = &self.user {
            self.parameters.check_free(&PARAMETERS, name)?;
        }
        if !(1..=MOST_HOPS).contains(&self.max_hops) {
            return Err(InvalidSettings::new(format!("`max_hops` must be 1 to {MOST_HOPS}")));
        }
        if self.endpoint.as_deref().is_some_and(|endpoint| secure_url(endpoint).is_err()) {
            return Err(InvalidSettings::new(
                "`endpoint` must be an https URL, or http on the loopback interface",
            ));
        }
        match self.login_origins.iter().find(|text| origin(text).is_none()) {
            Some(bad) => Err(InvalidSettings::new(format!("`{bad}` is no origin"))),
            None => Ok(()),
        }
    }
}

/// Reads an origin as it is written in settings.
pub(super) fn origin(text: &str) -> Option<Origin> {
    Some(Url::parse(text).ok()?.origin()).filter(Origin::is_tuple)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn settings(json: Value) -> AuthorizeSettings {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn every_setting_has_a_default_and_none_is_made_up() {
        settings(json!({})).check().unwrap();
        assert!(serde_json::from_value::<AuthorizeSettings>(json!({"follow": true})).is_err());
    }

    #[test]
    fn one_call_or_several_make_a_session() {
        let call = json!({"method": "POST", "path": "/session", "as": "user"});
        for (session, count) in [(call.clone(), 1), (json!([call, call]), 2)] {
            let settings = settings(json!({"user": {"session": session}}));
            settings.check().unwrap();
            assert_eq!(settings.session().len(), count);
        }
    }

    #[test]
    fn power_is_refused_to_an_app_with_a_sentence_that_says_where_it_belongs() {
        let power = json!({"method": "POST", "path": "/impersonate", "as": "host"});
        for bad in [
            json!({"user": {"session": power}}),
            json!({"before": [power]}),
            json!({"revoke": power}),
            json!({"user": {"session": [
                {"method": "POST", "path": "/session", "as": "user", "capture": {"admin": "/token"}},
                {"method": "POST", "path": "/impersonate", "as": {"captured": "admin"}},
            ]}}),
        ] {
            let settings = settings(bad);
            settings.check().unwrap();
            let refused = settings.refuse_power().unwrap_err().to_string();
            assert!(refused.contains("`/impersonate`") && refused.contains("`relay`"), "{refused}");
        }
    }

    #[test]
    fn settings_that_could_not_work_are_refused_at_once() {
        let revoke = |path: &str| json!({"revoke": {"method": "DELETE", "path": path}});
        for (bad, says) in [
            (json!({"max_hops": 0}), "max_hops"),
            (json!({"max_hops": 21}), "max_hops"),
            (json!({"endpoint": "http://as.example/authorize"}), "endpoint"),
            (json!({"login_origins": ["login.example"]}), "origin"),
            (json!({"user": {"cookie": "a=b"}}), "no name"),
            (json!({"user": {"parameter": "scope"}}), "sent twice"),
            (json!({"parameters": {"leave_out": ["state"]}}), "left out"),
            (json!({"parameters": {"add": {"request_uri": "x"}}}), "sent twice"),
            (json!({"parameters": {"add": {"ticket": "{ticket}"}}}), "{ticket}"),
            (revoke("/grants/{scope}"), "{scope}"),
        ] {
            let refused = settings(bad.clone()).check().unwrap_err().to_string();
            assert!(refused.contains(says), "{bad}: {refused}");
        }
        settings(revoke("/grants/{client_id}")).check().unwrap();
    }
}
