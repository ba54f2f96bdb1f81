//! Texts with placeholders, as `"/grants/{client_id}"`.

use std::collections::BTreeMap;

use minihost_core::Scope;
use serde_json::Value;
use zeroize::Zeroizing;

use super::wanted::Wanted;

/// The placeholder that becomes a JSON array where a string has nothing beside it.
const SCOPES: &str = "scopes";

/// What placeholders stand for. Has no `Debug`: some are secrets.
#[derive(Default)]
pub(super) struct Values(BTreeMap<String, Zeroizing<String>>);

impl Values {
    pub(super) fn set(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.insert(name.into(), Zeroizing::new(value.into()));
    }

    /// Sets what is known of the code that is wanted.
    pub(super) fn set_wanted(&mut self, wanted: &Wanted<'_>) {
        let scopes = Scope::join(wanted.scopes);
        for (name, value) in [
            ("user_id", wanted.user.id.as_str()),
            ("user_name", &wanted.user.display_name),
            ("client_id", wanted.asked.client_id.as_str()),
            ("redirect_uri", wanted.asked.redirect_uri.as_str()),
            ("scope", &scopes),
            (SCOPES, &scopes),
        ] {
            self.set(name, value);
        }
    }

    pub(super) fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", |value| value.as_str())
    }

    /// Fills in a text, each value as `escape` has it.
    pub(super) fn fill(
        &self,
        template: &str,
        escape: impl Fn(&str) -> String,
    ) -> Zeroizing<String> {
        let mut filled = Zeroizing::new(String::with_capacity(template.len()));
        for piece in pieces(template) {
            match piece {
                Piece::Text(text) => filled.push_str(text),
                Piece::Name(name) => filled.push_str(&escape(self.get(name))),
            }
        }
        filled
    }

    /// Fills in the strings of a JSON value. `scopes` is how the server writes each scope in a list;
    /// where it writes any, it leaves the others out.
    pub(super) fn fill_json(&self, template: &Value, scopes: &BTreeMap<String, Value>) -> Value {
        match template {
            Value::String(text) if *text == format!("{{{SCOPES}}}") => {
                let asked = self.get(SCOPES).split(' ').filter(|scope| !scope.is_empty());
                if scopes.is_empty() {
                    return asked.map(Value::from).collect();
                }
                asked.filter_map(|scope| scopes.get(scope).cloned()).collect()
            }
            Value::String(text) => Value::String(self.fill(text, str::to_owned).to_string()),
            Value::Array(values) => {
                values.iter().map(|value| self.fill_json(value, scopes)).collect()
            }
            Value::Object(members) => members
                .iter()
                .map(|(name, value)| (name.clone(), self.fill_json(value, scopes)))
                .collect(),
            plain => plain.clone(),
        }
    }
}

enum Piece<'a> {
    Text(&'a str),
    Name(&'a str),
}

/// A brace that opens no name is text.
fn pieces(template: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = template;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        if let Some((name, after)) = name_at(rest) {
            rest = after;
            return Some(Piece::Name(name));
        }
        let end = rest.char_indices().skip(1).find(|(at, _)| name_at(&rest[*at..]).is_some());
        let (text, after) = rest.split_at(end.map_or(rest.len(), |(at, _)| at));
        rest = after;
        Some(Piece::Text(text))
    })
}

fn name_at(text: &str) -> Option<(&str, &str)> {
    let (name, after) = text.strip_prefix('{')?.split_once('}')?;
    let is_name = !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    is_name.then_some((name, after))
}

/// The placeholders of a text.
pub(super) fn names(template: &str) -> Vec<&str> {
    let names = pieces(template).filter_map(|piece| match piece {
        Piece::Name(name) => Some(name),
        Piece::Text(_) => None,
    });
    names.collect()
}

/// The placeholders of a JSON value.
pub(super) fn names_in_json(template: &Value) -> Vec<&str> {
    match template {
        Value::String(text) => names(text),
        Value::Array(values) => values.iter().flat_map(names_in_json).collect(),
        Value::Object(members) => members.values().flat_map(names_in_json).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn values() -> Values {
        let mut values = Values::default();
        values.set("user_id", "alice/1");
        values.set("scopes", "email openid");
        values
    }

    #[test]
    fn placeholders_are_filled_in_and_other_braces_stay() {
        let filled = values().fill("/u/{user_id}/{", |text| text.replace('/', "%2F"));
        assert_eq!(*filled, "/u/alice%2F1/{");
        assert_eq!(*values().fill("{}{A b}é{user_id}", str::to_owned), "{}{A b}éalice/1");
    }

    #[test]
    fn a_string_of_json_becomes_the_list_of_scopes() {
        let template =
            json!({"for": "{user_id}", "scopes": "{scopes}", "list": ["as {scopes}"], "n": 1});
        let expected = json!({
            "for": "alice/1", "scopes": ["email", "openid"], "list": ["as email openid"], "n": 1,
        });
        assert_eq!(values().fill_json(&template, &BTreeMap::new()), expected);
        let scopes = BTreeMap::from([("email".to_owned(), json!({"id": 7}))]);
        let filled = values().fill_json(&json!(["{scopes}"]), &scopes);
        assert_eq!(filled, json!([[{"id": 7}]]));
        let mut names = names_in_json(&template);
        names.sort_unstable();
        assert_eq!(names, ["scopes", "scopes", "user_id"]);
    }

    proptest! {
        #[test]
        fn a_value_is_never_read_as_a_template(value in ".{0,40}") {
            let mut values = values();
            values.set("name", value.clone());
            let filled = values.fill("a{name}b", str::to_owned);
            prop_assert_eq!(filled.as_str(), format!("a{value}b"));
        }

        #[test]
        fn any_text_can_be_taken_apart(text in ".{0,60}") {
            let whole: String = pieces(&text)
                .map(|piece| match piece {
                    Piece::Text(text) => text.to_owned(),
                    Piece::Name(name) => format!("{{{name}}}"),
                })
                .collect();
            prop_assert_eq!(whole, text);
        }
    }
}
