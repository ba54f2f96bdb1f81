//! What is wrong or unwise in a manifest before it is signed. Above all: a secret in it is none,
//! for everybody who opens the program has it.

use serde_json::Value;

use super::{Build, Manifest, Trust, payload::parse};
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

/// The shortest text without a meaning of its own that looks like a key.
const KEY_LENGTH: usize = 32;

/// Words in names of members whose values are secrets.
const SECRET_NAMES: [&str; 9] = [
    "secret",
    "password",
    "passwd",
    "privatekey",
    "apikey",
    "accesskey",
    "accesstoken",
    "refreshtoken",
    "credential",
];

/// Beginnings of well-known kinds of keys and tokens.
const SECRET_BEGINNINGS: [(&str, &str); 9] = [
    ("-----BEGIN", "a PEM block"),
    ("eyJ", "a JSON Web Token or key"),
    ("AKIA", "an AWS access key"),
    ("AIza", "a Google API key"),
    ("ghp_", "a GitHub token"),
    ("github_pat_", "a GitHub token"),
    ("glpat-", "a GitLab token"),
    ("xox", "a Slack token"),
    ("sk_live_", "a Stripe key"),
];

/// Looks at a manifest's JSON. What a host would refuse, and every embedded secret, is an error.
pub fn lint(json: &[u8], build: Build) -> Vec<Finding> {
    let mut findings = Vec::new();
    match parse(json) {
        Err(error) => findings.push(error_at("", error.to_string())),
        Ok(value) => {
            look_for_secrets(&value, &mut Vec::new(), &mut findings);
            match Manifest::read(json, Trust::UnsignedDevelopment, build) {
                Err(error) => findings.push(error_at("", error.to_string())),
                Ok(manifest) => advise(&manifest, &value, &mut findings),
            }
        }
    }
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    findings
}

fn look_for_secrets(value: &Value, path: &mut Vec<String>, findings: &mut Vec<Finding>) {
    match value {
        Value::Object(members) => {
            let is_key = members.contains_key("kty")
                && (members.contains_key("d") || members.contains_key("k"));
            if is_key {
                findings.push(secret(path, "a private JSON Web Key"));
            }
            for (name, value) in members {
                path.push(name.clone());
                look_for_secrets(value, path, findings);
                path.pop();
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                path.push(index.to_string());
                look_for_secrets(item, path, findings);
                path.pop();
            }
        }
        Value::String(text) => {
            if let Some(what) = looks_like(path, text) {
                findings.push(secret(path, what));
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// What kind of secret a text looks like.
fn looks_like(path: &[String], text: &str) -> Option<&'static str> {
    let text = text.trim();
    let name = path.last().map(|name| {
        let letters = name.chars().filter(char::is_ascii_alphanumeric);
        letters.collect::<String>().to_ascii_lowercase()
    });
    let named = name.is_some_and(|name| SECRET_NAMES.iter().any(|word| name.contains(word)));
    if named && !text.is_empty() {
        return Some("a secret, by its name");
    }
    let begins = SECRET_BEGINNINGS
        .iter()
        .find(|(start, _)| text.starts_with(start) && text.len() >= start.len() + 8);
    if let Some((_, what)) = begins {
        return Some(what);
    }
    if has_user_information(text) {
        return Some("a password in a URL");
    }
    is_random(text).then_some("a key: a long text of random letters and digits")
}

fn has_user_information(text: &str) -> bool {
    url::Url::parse(text).is_ok_and(|url| url.password().is_some())
}

/// Whether a text is one long word that mixes digits and letters as keys in hex or base64 do.
fn is_random(text: &str) -> bool {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=_-".contains(&byte);
    if text.len() < KEY_LENGTH || !text.bytes().all(is_word) {
        return false;
    }
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let changes = text.as_bytes().windows(2).filter(|pair| kind(pair[0]) != kind(pair[1])).count();
    digits * 10 >= text.len() && changes * 4 >= text.len()
}

fn kind(byte: u8) -> u8 {
    match byte {
        b'0'..=b'9' => 0,
        b'a'..=b'z' => 1,
        b'A'..=b'Z' => 2,
        _ => 3,
    }
}

fn secret(path: &[String], what: &str) -> Finding {
    let message = format!(
        "it looks like {what}. A manifest is read by everybody who opens the program, so a secret in it is none: \
         take it out, consider it lost and replace it, and keep the new one on the program's own server"
    );
    error_at(&path.join("."), message)
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
    fn embedded_secrets_are_refused_wherever_they_are() {
        assert_eq!(errors(|m| m["clientSecret"] = json!("x")), ["clientSecret"]);
        assert_eq!(errors(|m| m["oauth"] = json!({"api-key": "abc"})), ["oauth.api-key"]);
        for text in [
            "-----BEGIN PRIVATE KEY-----\nMC4CAQ",
            "eyJhbGciOiJIUzI1NiJ9.e30.ZRrHA1JJJW8opsbCGfG_HACGpVUMN_a9IV7pAx_Zmeo",
            "AKIAIOSFODNN7EXAMPLE",
            "https://user:hunter2@tea.example/",
            "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "7Fjfp0ZBr1KtDRbnfVdmIw9b3Kq2Zx8Lw4",
        ] {
            assert_eq!(errors(|m| m["x"] = json!([{"y": text}])), ["x.0.y"], "{text}");
        }
        let jwk = json!({"kty": "EC", "crv": "P-256", "x": "a", "y": "b", "d": "c"});
        assert_eq!(errors(|m| m["keys"] = jwk), ["keys"]);
    }

    #[test]
    fn a_public_key_is_no_secret_and_a_shared_one_is() {
        let public = json!({"kty": "EC", "crv": "P-256", "x": "a", "y": "b"});
        assert_eq!(errors(|m| m["keys"] = public), [""; 0]);
        assert_eq!(errors(|m| m["keys"] = json!({"kty": "oct", "k": "a"})), ["keys"]);
        assert_eq!(errors(|m| m["sizes"] = json!({"d": 1, "k": 2})), [""; 0]);
    }

    #[test]
    fn a_word_is_long_enough_for_a_key_from_thirty_two_characters() {
        let hex = "0a1b2c3d4e5f60718293a4b5c6d7e8f9";
        assert_eq!(errors(|m| m["x"] = json!(hex)), ["x"]);
        assert_eq!(errors(|m| m["x"] = json!(hex[1..])), [""; 0]);
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
    fn ordinary_texts_are_no_secrets() {
        for text in [
            "https://tea.example/a/very/long/path/to/some/page.html",
            "To send your receipt to the address that you gave us last time.",
            "https://tea.example/callback-for-the-authorization-code",
            "teahouse-production-client-for-the-whole-of-europe",
            "茶馆小程序茶馆小程序茶馆小程序茶馆小程序茶馆小程序",
        ] {
            assert_eq!(errors(|m| m["x"] = json!(text)), [""; 0], "{text}");
        }
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
