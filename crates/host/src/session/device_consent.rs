//! The consent evidence with which a user lets another device in.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use minihost_core::{
    Audience, ClientId, ConsentEvidence, ConsentMode, DecisionId, Locale, Scope, ViewDigest,
};
use ring::digest::{SHA256, digest};
use serde::Serialize;

use super::{DeviceAsked, DeviceClient};

/// What a host draws of it in this language. Its JSON, members in this order, is the canonical
/// form.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown<'a> {
    client: ShownClient<'a>,
    scopes: Vec<&'a Scope>,
    #[serde(skip_serializing_if = "<[Audience]>::is_empty")]
    resources: &'a [Audience],
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_agent: Option<&'a str>,
    requested_at: Timestamp,
    locale: &'a Locale,
}

#[derive(Serialize)]
struct ShownClient<'a> {
    id: &'a ClientId,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    publisher: Option<&'a str>,
}

/// Evidence that the user has just allowed what the client asks for.
pub(super) fn evidence(
    asked: &DeviceAsked,
    client: &DeviceClient,
    locale: Locale,
    now: Timestamp,
) -> ConsentEvidence {
    let in_language = |text: &'_ super::Localized| text.in_language(locale.as_str()).to_owned();
    let (name, publisher) = (in_language(&client.name), client.publisher.as_ref().map(in_language));
    let shown = Shown {
        client: ShownClient { id: &client.id, name: &name, publisher: publisher.as_deref() },
        scopes: client.scopes.iter().collect(),
        resources: &client.resources,
        address: asked.address.as_deref(),
        user_agent: asked.user_agent.as_deref(),
        requested_at: asked.requested_at,
        locale: &locale,
    };
    let canonical = serde_json::to_vec(&shown).expect("a structure of texts serialises to JSON");
    let view = ViewDigest::new(URL_SAFE_NO_PAD.encode(digest(&SHA256, &canonical)));
    ConsentEvidence {
        jti: random_id(),
        id: DecisionId::new(random_id()),
        at: now,
        mode: ConsentMode::Prompt,
        scopes: client.scopes.clone(),
        locale,
        digest: Some(view),
    }
}

/// 128 bits, base64url.
fn random_id() -> String {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("the operating system has a source of randomness");
    URL_SAFE_NO_PAD.encode(bytes)
}
