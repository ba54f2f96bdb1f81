//! What is wrong or unwise in a manifest before it is signed. Above all: a secret in it is none,
//! for everybody who opens the program has it.

use serde_json::Value;

use super::{
    Build, Manifest, Trust,
    payload::parse,
    secrets::{Secret, secrets_in},
};
use crate::text::plain;

/// Something that a publisher should look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Whether it may be signed all the same.
    pub severity: Severity,
    /// Where in the manifest, as members and indexes joined by dots; empty for the whole.
    pub path: String,
    /// What is wrong and what to do.
    pub message: String,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth a thought.
    Warning,
    /// It must be mended before the manifest is signed.
    Error,
}

/// Looks at a manifest's JSON. What a host would refuse, and every embedded secret, is an error.
pub fn lint(json: &[u8], build: Build) -> Vec<Finding> {
    let mut findings = Vec::new();
    match parse(json) {
        Err(error) => findings.push(error_at("", error.to_string())),
        Ok(value) => {
            findings.extend(secrets_in(&value).iter().map(embedded));
            match Manifest::read(json, Trust::UnsignedDevelopment, build) {
                Err(error) => findings.push(error_at("", error.to_string())),
                Ok(manifest) => advise(&manifest, &value, &mut findings),
            }
        }
    }
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    findings
}

fn embedded(Secret { path, what }: &Secret) -> Finding {
    let message = format!(
        "it looks like {what}. A manifest is read by everybody who opens the program, so a secret in it is none: \
         take it out, consider it lost and replace it, and keep the new one on the program's own server"
    );
    error_at(path, message)
}

fn error_at(path: &str, message: String) -> Finding {
    Finding { severity: Severity::Error, path: path.to_owned(), message }
}

fn advise(manifest: &Manifest, value: &Value, findings: &mut Vec<Finding>) {
    let mut warn = |path: &str, message: &str| {
        let (path, message) = (path.to_owned(), message.to_owned());
        findings.push(Finding { severity: Severity::Warning, path, message });
    };
    for (index, scope) in value["scopes"].as_array().into_iter().flatten().enumerate() {
        let reason = scope["reason"].as_object().is_some_and(|texts| !texts.is_empty());
        if !reason && scope["name"] != "openid" {
            let message = "it says nothing of why the program wants it; users agree more readily to what they understand";
            warn(&format!("scopes.{index}"), message);
        }
    }
    if !value["icon"].is_null() && manifest.icon.is_none() {
        warn("icon", "it is not at one of the program's own origins, and is not shown");
    }
    if manifest.privacy_policy_url.is_none() {
        warn("privacyPolicyUrl", "there is none; many countries and app stores demand one");
    }
    for (path, texts) in [("name", &value["name"]), ("publisher.name", &value["publisher"]["name"])]
    {
        for (language, text) in texts.as_object().into_iter().flatten() {
            let shown = text.as_str().map(plain);
            if shown.as_deref() != text.as_str() {
                let message = "users will not see it as it is written: controls, direction marks, stray spaces or length are taken away";
                warn(&format!("{path}.{language}"), message);
            }
        }
    }
    let own = |uri: &str| {
        url::Url::parse(uri)
            .ok()
            .and_then(|url| crate::Origin::of(&url))
            .is_some_and(|origin| manifest.origins.contains(&origin))
    };
    for (index, uri) in manifest.redirect_uris.iter().enumerate() {
        if !own(uri.as_str()) {
            warn(&format!("redirectUris.{index}"), "it is not at one of the program's own origins");
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::manifest::tests::plain as manifest;

    fn found(change: impl FnOnce(&mut Value)) -> Vec<Finding> {
        let mut manifest = manifest();
        change(&mut manifest);
        lint(manifest.to_string().as_bytes(), Build::Release)
    }

    fn errors(change: impl FnOnce(&mut Value)) -> Vec<String> {
        let found = found(change).into_iter();
        found.filter(|one| one.severity == Severity::Error).map(|one| one.path).collect()
    }

    #[test]
    fn a_plain_manifest_has_no_error() {
        assert_eq!(errors(|_| {}), [""; 0]);
    }

    #[test]
    fn an_embedded_secret_is_an_error_that_names_its_place() {
        let found = found(|m| m["oauth"] = json!({"api-key": "abc"}));
        assert_eq!((found[0].severity, found[0].path.as_str()), (Severity::Error, "oauth.api-key"));
        assert!(found[0].message.contains("a secret, by its name"), "{}", found[0].message);
    }

    #[test]
    fn what_needs_no_advice_gets_none() {
        let scopes = json!([
            {"name": "openid"},
            {"name": "email", "reason": {"en": "To send your receipt."}},
            {"name": "phone", "reason": {}},
        ]);
        let warned = |icon: Option<&str>| {
            let found = found(|m| {
                m["scopes"] = scopes.clone();
                m["privacyPolicyUrl"] = json!("https://tea.example/privacy");
                match icon {
                    Some(icon) => m["icon"] = json!(icon),
                    None => drop(m.as_object_mut().unwrap().remove("icon")),
                }
            });
            found.into_iter().map(|finding| finding.path).collect::<Vec<_>>()
        };
        assert_eq!(warned(None), ["scopes.2"]);
        assert_eq!(warned(Some("https://tea.example/icon.svg")), ["scopes.2"]);
    }

    #[test]
    fn what_a_host_refuses_is_an_error_and_explained() {
        let found = found(|m| m["startUrl"] = json!("http://tea.localhost/"));
        assert!(found[0].message.contains("startUrl"), "{found:?}");
        assert_eq!(lint(b"{", Build::Release)[0].severity, Severity::Error);
    }

    #[test]
    fn what_is_unwise_is_a_warning() {
        let found = found(|m| {
            m["scopes"] = json!([{"name": "email"}]);
            m["icon"] = json!("https://elsewhere.example/icon.png");
            m["name"]["en"] = json!("Tea\u{202e}House");
            m["redirectUris"] = json!(["https://elsewhere.example/cb"]);
        });
        let paths: Vec<&str> = found.iter().map(|finding| finding.path.as_str()).collect();
        assert_eq!(paths, ["scopes.0", "icon", "privacyPolicyUrl", "name.en", "redirectUris.0"]);
    }
}
