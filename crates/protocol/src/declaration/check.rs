//! Holding values against their declaration.

use serde_json::{Map, Value};

use super::{Form, Member, Presence};
use crate::{Failure, Reason};

/// Checks what a page sent. Unknown members are ignored.
///
/// # Errors
/// `invalid_scope` where a list of scopes is none, else `invalid_request`; the message names the
/// member and what it must be.
pub fn check<'a>(
    members: impl IntoIterator<Item = Member<'a>>,
    params: &Map<String, Value>,
) -> Result<(), Failure> {
    members.into_iter().try_for_each(|member| check_member(&member, params, member.name))
}

fn check_member(
    member: &Member<'_>,
    values: &Map<String, Value>,
    path: &str,
) -> Result<(), Failure> {
    let Some(value) = values.get(member.name) else {
        return match member.presence {
            Presence::Optional => Ok(()),
            Presence::Required => {
                Err(Failure::new(Reason::InvalidRequest, format!("`{path}` is required.")))
            }
        };
    };
    if !member.form.fits(value) {
        // A list of something else is a malformed parameter; a list of malformed scopes is not.
        let scopes = matches!(member.form, Form::Scopes | Form::AnyScopes) && is_text_list(value);
        let reason = if scopes { Reason::InvalidScope } else { Reason::InvalidRequest };
        return Err(Failure::new(reason, format!("`{path}` must be {}.", member.form.demand())));
    }
    let inner = |members: &[Member<'static>], value: &Value| {
        let Some(values) = value.as_object() else { return Ok(()) };
        members
            .iter()
            .try_for_each(|inner| check_member(inner, values, &format!("{path}.{}", inner.name)))
    };
    match (member.form, value) {
        (Form::Object(members), value) => inner(members, value),
        (Form::Objects(members), Value::Array(items)) => {
            items.iter().try_for_each(|item| inner(members, item))
        }
        _ => Ok(()),
    }
}

fn is_text_list(value: &Value) -> bool {
    value.as_array().is_some_and(|items| items.iter().all(Value::is_string))
}

/// What of an object is declared, within objects and lists of objects too: what a page adds goes no
/// further.
pub fn declared<'a>(
    members: impl IntoIterator<Item = Member<'a>>,
    mut values: Map<String, Value>,
) -> Map<String, Value> {
    members
        .into_iter()
        .filter_map(|Member { name, form, .. }| {
            Some((name.to_owned(), declared_within(form, values.remove(name)?)))
        })
        .collect()
}

fn declared_within(form: Form, value: Value) -> Value {
    match (form, value) {
        (Form::Object(members), Value::Object(values)) => {
            Value::Object(declared(members.iter().copied(), values))
        }
        (Form::Objects(members), Value::Array(items)) => {
            let each = |item| declared_within(Form::Object(members), item);
            Value::Array(items.into_iter().map(each).collect())
        }
        (_, value) => value,
    }
}

/// Whether what the host sends is exactly what is declared: no member more, none missing.
pub fn conforms(members: &[Member<'_>], value: &Value) -> bool {
    let Some(values) = value.as_object() else { return false };
    let known = |name: &String| members.iter().any(|member| member.name == name);
    values.keys().all(known)
        && members.iter().all(|member| match values.get(member.name) {
            None => member.presence == Presence::Optional,
            Some(value) => member.form.fits(value) && conforms_within(member.form, value),
        })
}

fn conforms_within(form: Form, value: &Value) -> bool {
    match (form, value) {
        (Form::Object(members), value) => conforms(members, value),
        (Form::Objects(members), Value::Array(items)) => {
            items.iter().all(|item| conforms(members, item))
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const POINT: &[Member<'static>] = &[
        Member::required("x", Form::Whole, "Right."),
        Member::optional("y", Form::Whole, "Down."),
    ];
    const MEMBERS: &[Member<'static>] = &[
        Member::required("scopes", Form::Scopes, "What."),
        Member::optional("at", Form::Object(POINT), "Where."),
        Member::optional("path", Form::Objects(POINT), "Along."),
    ];

    fn checked(params: Value) -> Result<(), Failure> {
        check(MEMBERS.iter().copied(), params.as_object().unwrap())
    }

    #[test]
    fn what_a_page_adds_is_ignored_and_what_it_forgets_is_named() {
        assert_eq!(checked(json!({"scopes": ["a"], "future": 1})), Ok(()));
        let failure = checked(json!({})).unwrap_err();
        assert_eq!(failure.reason, Reason::InvalidRequest);
        assert_eq!(failure.message, "`scopes` is required.");
    }

    #[test]
    fn of_what_a_page_sends_only_what_is_declared_goes_on() {
        let sent = json!({
            "scopes": ["a"], "admin": true,
            "at": {"x": 1, "admin": true}, "path": [{"x": 1, "y": 2, "admin": true}, {"x": 3}]
        });
        let Value::Object(sent) = sent else { panic!("an object") };
        assert_eq!(
            Value::Object(declared(MEMBERS.iter().copied(), sent)),
            json!({"scopes": ["a"], "at": {"x": 1}, "path": [{"x": 1, "y": 2}, {"x": 3}]})
        );
    }

    #[test]
    fn members_within_objects_and_lists_are_named_by_their_path() {
        let failure = checked(json!({"scopes": ["a"], "at": {"y": 1}})).unwrap_err();
        assert_eq!(failure.message, "`at.x` is required.");
        let failure = checked(json!({"scopes": ["a"], "path": [{"x": 1}, {"x": -1}]})).unwrap_err();
        assert!(failure.message.starts_with("`path.x` must be"), "{}", failure.message);
    }

    #[test]
    fn malformed_scopes_have_a_reason_of_their_own() {
        assert_eq!(checked(json!({"scopes": []})).unwrap_err().reason, Reason::InvalidScope);
        assert_eq!(checked(json!({"scopes": ["é"]})).unwrap_err().reason, Reason::InvalidScope);
        assert_eq!(checked(json!({"scopes": [1]})).unwrap_err().reason, Reason::InvalidRequest);
        assert_eq!(checked(json!({"scopes": null})).unwrap_err().reason, Reason::InvalidRequest);
    }

    #[test]
    fn what_the_host_sends_has_no_member_more_and_none_less() {
        assert!(conforms(POINT, &json!({"x": 1})));
        assert!(!conforms(POINT, &json!({"x": 1, "z": 1})));
        assert!(!conforms(POINT, &json!({"y": 1})));
        assert!(!conforms(MEMBERS, &json!({"scopes": ["a"], "path": [{"x": 1, "z": 1}]})));
    }
}
