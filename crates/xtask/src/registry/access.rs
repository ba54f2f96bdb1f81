//! The access rules alone, for whoever checks that nothing else can be called.

use minihost_protocol::declaration::{Access, Prompting};
use minihost_protocol::registry::{METHODS, RESERVED};
use serde_json::{Map, Value, json};

use super::description::pretty;

pub(super) fn text() -> String {
    let methods: Map<String, Value> = METHODS
        .iter()
        .map(|method| {
            let rule = json!({
                "access": method.rule.access.as_str(),
                "scope": method.rule.scope,
                "mayPrompt": method.rule.prompting != Prompting::Never,
            });
            (method.name.to_owned(), rule)
        })
        .collect();
    pretty(&json!({
        "default": "refused",
        "methods": methods,
        "hostMethods": {"access": Access::Declared.as_str(), "neverBegin": RESERVED},
    }))
}
