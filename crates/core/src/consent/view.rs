//! What the user sees, in a form that two machines agree on.

use std::collections::BTreeSet;

use serde::Serialize;
use sha2::{Digest, Sha256};
use url::Url;

use super::{NameDoubt, Remember, Words, doubt::doubts};
use crate::{
    Audience, HostInfo, Locale, Manifest, MiniProgramId, PromptId, Scope, Trust, User, ViewDigest,
    encoding::base64url, text::plain,
};

/// What a host draws. Everything in it was verified or cleaned; nothing is taken from the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsentView {
    /// To be named in the answer.
    pub prompt: PromptId,
    /// To be repeated in the answer: the digest of all the rest.
    pub digest: ViewDigest,
    /// What is shown.
    pub shown: Shown,
}

/// The content of a consent view. Its JSON, members in this order, is the canonical form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Shown {
    /// Who asks.
    pub mini_program: ViewMiniProgram,
    /// The account that is used.
    pub account: String,
    /// What is asked, in the manifest's order; one box each.
    pub scopes: Vec<ViewScope>,
    /// The resource the code is for, where the program named one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audience: Option<Audience>,
    /// The language of the plain words.
    pub locale: Locale,
    /// For how long the user may agree; the first is what the host proposes.
    pub remember: Vec<Remember>,
}

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ViewMiniProgram {
    /// For machines.
    pub id: MiniProgramId,
    /// For people.
    pub name: String,
    /// Its publisher, for people.
    pub publisher: String,
    /// Its picture, at one of its own origins: to look at it tells nobody else. What stands for the
    /// picture is its address; what it shows is the publisher's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub icon: Option<Url>,
    /// Nobody vouches for this program: the host shows a warning.
    pub unsigned: bool,
    /// Why the names deserve a second look: the host shows a warning for each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub doubts: Vec<NameDoubt>,
}

/// One box.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ViewScope {
    /// The scope token.
    pub name: Scope,
    /// What it lets the program see or do, in plain words.
    pub title: String,
    /// Why the program says it wants it; empty where it does not say.
    pub reason: String,
}

impl Shown {
    /// The canonical form's SHA-256, base64url.
    pub fn digest(&self) -> ViewDigest {
        let canonical =
            serde_json::to_vec(self).expect("a structure of texts always serialises to JSON");
        ViewDigest::new(base64url(&Sha256::digest(&canonical)))
    }
}

/// Where a consent view is put together.
pub(crate) struct Surroundings<'a> {
    pub(crate) host: &'a HostInfo,
    pub(crate) locale: &'a Locale,
    pub(crate) words: &'a Words,
    pub(crate) remember: &'a [Remember],
    /// The names of other programs.
    pub(crate) others: Vec<String>,
}

/// Puts together what the user will see. `scopes` are those to ask for.
pub(crate) fn compose(
    manifest: &Manifest,
    user: &User,
    scopes: &BTreeSet<Scope>,
    audience: Option<&Audience>,
    around: &Surroundings<'_>,
) -> Shown {
    let Surroundings { host, locale, words, remember, others } = around;
    let asked = manifest.scopes.iter().filter(|declared| scopes.contains(&declared.name));
    let (name, publisher) = (manifest.name.pick(locale), manifest.publisher.name.pick(locale));
    let others = others.iter().map(String::as_str);
    Shown {
        mini_program: ViewMiniProgram {
            id: manifest.id.clone(),
            doubts: doubts([&name, &publisher], &host.name, others),
            name,
            publisher,
            icon: manifest.icon.clone(),
            unsigned: manifest.trust == Trust::UnsignedDevelopment,
        },
        account: plain(&user.display_name),
        scopes: asked
            .map(|declared| ViewScope {
                name: declared.name.clone(),
                title: words.scope_title(&declared.name, locale),
                reason: declared.reason.pick(locale),
            })
            .collect(),
        audience: audience.cloned(),
        locale: words.language(locale),
        remember: remember.to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown() -> Shown {
        Shown {
            mini_program: ViewMiniProgram {
                id: MiniProgramId::new("teahouse"),
                name: "Tea House".into(),
                publisher: "Acme Ltd".into(),
                icon: None,
                unsigned: false,
                doubts: Vec::new(),
            },
            account: "alice".into(),
            scopes: vec![ViewScope {
                name: Scope::new("email"),
                title: "See your email address".into(),
                reason: "To send your receipt.".into(),
            }],
            audience: None,
            locale: Locale::new("en"),
            remember: vec![Remember::ThirtyDays, Remember::Once],
        }
    }

    #[test]
    fn the_canonical_form_is_stable() {
        let canonical = serde_json::to_string(&shown()).unwrap();
        assert_eq!(
            canonical,
            r#"{"miniProgram":{"id":"teahouse","name":"Tea House","publisher":"Acme Ltd","unsigned":false},"account":"alice","scopes":[{"name":"email","title":"See your email address","reason":"To send your receipt."}],"locale":"en","remember":["thirtyDays","once"]}"#
        );
        assert_eq!(shown().digest().as_str().len(), 43);
    }

    #[test]
    fn whatever_the_user_sees_changes_the_digest() {
        let mut account = shown();
        account.account = "bob".into();
        let mut reason = shown();
        reason.scopes[0].reason.clear();
        let mut name = shown();
        name.mini_program.name = "Tea Hοuse".into();
        let mut icon = shown();
        icon.mini_program.icon = Some(Url::parse("https://tea.example/icon.svg").unwrap());
        let mut doubt = shown();
        doubt.mini_program.doubts.push(NameDoubt::LooksLikeHost);
        let mut remember = shown();
        remember.remember.pop();
        for changed in [account, reason, name, icon, doubt, remember] {
            assert_ne!(changed.digest(), shown().digest());
        }
    }
}
