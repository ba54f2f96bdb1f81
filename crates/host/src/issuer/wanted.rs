//! What a profile asks a server for.

use std::{collections::BTreeSet, time::Duration};

use minihost_core::{AskedCode, CodeRequest, ConsentEvidence, CorrelationId, Scope, User};
use serde::Serialize;

use crate::http::Form;

/// The evidence that the user agreed.
#[derive(Clone, Copy, Serialize)]
#[serde(untagged)]
pub(super) enum Evidence<'a> {
    /// Of this host's own mediator.
    Own(&'a ConsentEvidence),
    /// Of an app, whose backend hands it on.
    #[cfg(feature = "backend")]
    OfApp(&'a serde_json::Value),
}

impl Evidence<'_> {
    pub(super) fn to_json(self) -> String {
        serde_json::to_string(&self).expect("evidence is made of strings")
    }
}

/// A code that is wanted, whoever saw the user agree.
pub(super) struct Wanted<'a> {
    pub(super) user: &'a User,
    pub(super) asked: &'a AskedCode,
    /// What the user agreed to.
    pub(super) scopes: &'a BTreeSet<Scope>,
    pub(super) consent: Evidence<'a>,
    /// New for every code that is wanted.
    pub(super) jti: &'a str,
    pub(super) correlation: &'a CorrelationId,
    pub(super) time_allowed: Duration,
}

impl<'a> From<&'a CodeRequest> for Wanted<'a> {
    fn from(request: &'a CodeRequest) -> Self {
        Self {
            user: request.user(),
            asked: request.asked(),
            scopes: request.scopes(),
            consent: Evidence::Own(request.evidence()),
            jti: &request.evidence().jti,
            correlation: request.correlation(),
            time_allowed: request.time_allowed(),
        }
    }
}

impl Wanted<'_> {
    /// The parameters of an authorization request (RFC 6749 §4.1.1) with the client under `client`.
    pub(super) fn form(&self, client: &'static str) -> Form {
        let asked = self.asked;
        let mut form = Form::new("response_type", "code");
        form.add(client, asked.client_id.as_str());
        form.add("redirect_uri", asked.redirect_uri.as_str());
        form.add("scope", Scope::join(self.scopes));
        form.add("code_challenge", asked.code_challenge.as_str());
        form.add("code_challenge_method", "S256");
        form.add_some("nonce", asked.nonce.as_deref());
        form.add_some("resource", asked.audience.as_ref().map(|audience| audience.as_str()));
        form.add_some("acr_values", joined(&asked.acr_values));
        form.add_some("max_age", asked.max_age.map(|seconds| seconds.to_string()));
        form
    }
}

fn joined(values: &[String]) -> Option<String> {
    (!values.is_empty()).then(|| values.join(" "))
}
