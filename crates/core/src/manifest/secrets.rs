//! What looks like a secret in a JSON text that everybody can read.

use serde_json::{Map, Value};

/// Something that looks like a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Secret {
    /// Where it is, as members and indexes joined by dots. A name that is itself the secret is cut.
    pub(super) path: String,
    /// What it looks like.
    pub(super) what: &'static str,
}

/// The shortest text without a meaning of its own that looks like a key.
const KEY_LENGTH: usize = 32;

/// How much must follow a beginning before it is more than an unlucky word.
const FOLLOWING: usize = 8;

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

/// Ends of names of members whose values are secrets. A `tokenEndpoint` is none.
const SECRET_ENDS: [&str; 2] = ["token", "tokens"];

/// Beginnings of well-known kinds of keys and tokens.
const SECRET_BEGINNINGS: [(&str, &str); 8] = [
    ("eyJ", "a JSON Web Token or key"),
    ("AKIA", "an AWS access key"),
    ("AIza", "a Google API key"),
    ("ghp_", "a GitHub token"),
    ("github_pat_", "a GitHub token"),
    ("glpat-", "a GitLab token"),
    ("xox", "a Slack token"),
    ("sk_live_", "a Stripe key"),
];

/// Everything in a value that looks like a secret.
pub(super) fn secrets_in(value: &Value) -> Vec<Secret> {
    let mut search = Search { path: Vec::new(), found: Vec::new() };
    search.value(value);
    search.found
}

struct Search {
    path: Vec<String>,
    found: Vec<Secret>,
}

impl Search {
    fn value(&mut self, value: &Value) {
        match value {
            Value::Object(members) => self.object(members),
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.within(index.to_string(), |search| search.value(item));
                }
            }
            Value::String(text) => self.note(looks_like(text)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn object(&mut self, members: &Map<String, Value>) {
        let is_key =
            members.contains_key("kty") && (members.contains_key("d") || members.contains_key("k"));
        self.note(is_key.then_some("a private JSON Web Key"));
        for (name, value) in members {
            if let Some(what) = looks_like(name) {
                let cut = name.chars().take(4).chain(['…']).collect();
                self.within(cut, |search| {
                    search.note(Some(what));
                    search.value(value);
                });
            } else if names_a_secret(name) && says_something(value) {
                // However it is wrapped, it is the secret that its name promises.
                self.within(name.clone(), |search| search.note(Some("a secret, by its name")));
            } else {
                self.within(name.clone(), |search| search.value(value));
            }
        }
    }

    fn within(&mut self, step: String, look: impl FnOnce(&mut Self)) {
        self.path.push(step);
        look(self);
        self.path.pop();
    }

    fn note(&mut self, what: Option<&'static str>) {
        let path = || self.path.join(".");
        self.found.extend(what.map(|what| Secret { path: path(), what }));
    }
}

fn names_a_secret(name: &str) -> bool {
    let letters = name.chars().filter(char::is_ascii_alphanumeric);
    let letters = letters.collect::<String>().to_ascii_lowercase();
    SECRET_NAMES.iter().any(|word| letters.contains(word))
        || SECRET_ENDS.iter().any(|end| letters.ends_with(end))
}

/// Whether there is room for a secret in a value. Yes and no keep none.
fn says_something(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(_) => false,
        Value::Number(_) => true,
        Value::String(text) => !text.trim().is_empty(),
        Value::Array(items) => items.iter().any(says_something),
        Value::Object(members) => members.values().any(says_something),
    }
}

/// What kind of secret a text is or has in it.
fn looks_like(text: &str) -> Option<&'static str> {
    if text.contains("-----BEGIN") {
        return Some("a PEM block");
    }
    let begins = |(start, _): &&(&str, &str)| has_word_that_begins(text, start);
    if let Some((_, what)) = SECRET_BEGINNINGS.iter().find(begins) {
        return Some(what);
    }
    text.split_whitespace().find_map(|word| {
        let word = word.trim_matches(|c| "\"'`()<>[]{},;".contains(c));
        if has_user_information(word) {
            return Some("a name or password in a URL");
        }
        // A page, picture or embedded file may have a long name or content without a meaning.
        let is_address = word.contains("://") || word.starts_with("data:");
        let mut parts = word.split(|c| !is_of_a_key(c));
        let random = !is_address && parts.any(is_random);
        random.then_some("a key: a long text of random letters and digits")
    })
}

fn has_word_that_begins(text: &str, start: &str) -> bool {
    text.match_indices(start).any(|(at, _)| {
        let follows = text[at + start.len()..].chars().take_while(|c| is_of_a_key(*c));
        let is_word = !text[..at].ends_with(|c: char| c.is_ascii_alphanumeric());
        is_word && follows.take(FOLLOWING).count() == FOLLOWING
    })
}

fn has_user_information(text: &str) -> bool {
    url::Url::parse(text).is_ok_and(|url| !url.username().is_empty() || url.password().is_some())
}

/// Whether a character is of the alphabets of base64 and base64url.
fn is_of_a_key(character: char) -> bool {
    character.is_ascii_alphanumeric() || "+/=_-".contains(character)
}

/// Whether a word is long and mixes digits and letters as keys in hex or base64 do.
fn is_random(word: &str) -> bool {
    if word.len() < KEY_LENGTH {
        return false;
    }
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    let changes = word.as_bytes().windows(2).filter(|pair| kind(pair[0]) != kind(pair[1])).count();
    digits * 10 >= word.len() && changes * 4 >= word.len()
}

fn kind(byte: u8) -> u8 {
    match byte {
        b'0'..=b'9' => 0,
        b'a'..=b'z' => 1,
        b'A'..=b'Z' => 2,
        _ => 3,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn paths(value: &Value) -> Vec<String> {
        secrets_in(value).into_iter().map(|secret| secret.path).collect()
    }

    const JWT: &str = "eyJhbGciOiJIUzI1NiJ9.e30.ZRrHA1JJJW8opsbCGfG_HACGpVUMN_a9IV7pAx_Zmeo";

    #[test]
    fn what_is_named_a_secret_is_one_however_it_is_wrapped() {
        for value in [
            json!("x"),
            json!(12_345_678),
            json!(["hunter2"]),
            json!({"value": "hunter2"}),
            json!([{"parts": [[7]]}]),
        ] {
            for name in ["clientSecret", "client_secret", "API-Key", "token", "apiToken", "tokens"]
            {
                assert_eq!(
                    paths(&json!({"a": [{name: value}]})),
                    [format!("a.0.{name}")],
                    "{value}"
                );
            }
        }
    }

    #[test]
    fn a_name_alone_gives_nothing_away() {
        for value in
            [json!(""), json!(" "), json!(null), json!(true), json!([]), json!({"a": [""]})]
        {
            assert_eq!(paths(&json!({"clientSecret": value})), [""; 0], "{value}");
        }
        assert_eq!(paths(&json!({"tokenEndpoint": "https://as.example/token"})), [""; 0]);
    }

    #[test]
    fn keys_are_known_by_their_look_wherever_they_stand() {
        for text in [
            "-----BEGIN PRIVATE KEY-----\nMC4CAQ",
            "The key: -----BEGIN PRIVATE KEY-----",
            JWT,
            "AKIAIOSFODNN7EXAMPLE",
            "my key is AKIAIOSFODNN7EXAMPLE",
            "key=AKIAIOSFODNN7EXAMPLE,x",
            "https://tea.example/?key=AIzaSyA-1234567",
            "https://user:hunter2@tea.example/",
            "https://ghp_x@tea.example/",
            "see (https://user@tea.example/)",
            "postgres://tea:tea@db.example/tea",
            "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "sha of it: 9f86d081884c7d659a2feaa0c55ad015.",
            "7Fjfp0ZBr1KtDRbnfVdmIw9b3Kq2Zx8Lw4",
        ] {
            assert_eq!(paths(&json!({"x": [{"y": text}]})), ["x.0.y"], "{text}");
        }
    }

    #[test]
    fn a_secret_that_is_a_name_is_found_and_not_repeated() {
        assert_eq!(paths(&json!({"x": {JWT: 1}})), ["x.eyJh…"]);
        let inner = json!({"AKIAIOSFODNN7EXAMPLE": {"apiKey": "x"}});
        assert_eq!(paths(&inner), ["AKIA…", "AKIA….apiKey"]);
    }

    #[test]
    fn a_public_key_is_no_secret_and_a_private_or_shared_one_is() {
        let public = json!({"kty": "EC", "crv": "P-256", "x": "a", "y": "b"});
        assert_eq!(paths(&json!({"keys": public})), [""; 0]);
        let private = json!({"kty": "EC", "crv": "P-256", "x": "a", "y": "b", "d": "c"});
        assert_eq!(paths(&json!({"keys": private})), ["keys"]);
        assert_eq!(paths(&json!({"keys": {"kty": "oct", "k": "a"}})), ["keys"]);
        assert_eq!(paths(&json!({"sizes": {"d": 1, "k": 2}})), [""; 0]);
    }

    #[test]
    fn a_word_is_long_enough_for_a_key_from_thirty_two_characters() {
        let hex = "0a1b2c3d4e5f60718293a4b5c6d7e8f9";
        assert_eq!(paths(&json!({"x": hex})), ["x"]);
        assert_eq!(paths(&json!({"x": hex[1..]})), [""; 0]);
    }

    #[test]
    fn capitals_small_letters_digits_and_signs_are_four_kinds() {
        for three in ["ABC", "abc", "123"] {
            let key = format!("{}1234", format!("{three}+").repeat(7));
            assert_eq!(paths(&json!({"x": key})), ["x"], "{key}");
        }
        assert_eq!(paths(&json!({"x": "abcdefghijklmnopqrstuvwxyzABC1234"})), [""; 0]);
    }

    #[test]
    fn a_beginning_counts_from_the_start_of_a_word_and_with_eight_more() {
        assert_eq!(paths(&json!(["AKIA1234567", "AKIA12345678"])), ["1"]);
        assert_eq!(paths(&json!(["BAKIA12345678", "_AKIA12345678"])), ["1"]);
    }

    #[test]
    fn ordinary_texts_are_no_secrets() {
        for text in [
            "https://tea.example/a/very/long/path/to/some/page.html",
            "https://tea.example/icon.9f86d081884c7d659a2feaa0c55ad015.png",
            "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk",
            "mailto:tea@tea.example",
            "To send your receipt to the address that you gave us last time.",
            "https://tea.example/callback-for-the-authorization-code",
            "teahouse-production-client-for-the-whole-of-europe",
            "1.2.3;4.5.6;7.8.9;1.2.3;4.5.6;7.8.9",
            "茶馆小程序茶馆小程序茶馆小程序茶馆小程序茶馆小程序",
        ] {
            assert_eq!(paths(&json!({"x": text})), [""; 0], "{text}");
        }
    }
}
