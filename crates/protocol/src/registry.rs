//! The only list of what crosses the bridge: methods, events and reasons. What is not declared here
//! or by the host is refused, and documentation, types and access rules are generated from it.

use crate::{
    declaration::{Event, Method},
    event::{GRANTS_CHANGED, SESSION_CHANGED, VISIBILITY_CHANGED},
    method::{
        cancel_request, check_session, get_grants, initialize, open_settings, request_code, revoke,
    },
};

/// Every method that the host itself answers.
pub const METHODS: &[Method] = &[
    initialize::METHOD,
    request_code::METHOD,
    get_grants::METHOD,
    revoke::METHOD,
    check_session::METHOD,
    open_settings::METHOD,
    cancel_request::METHOD,
];

/// Every event.
pub const EVENTS: &[Event] = &[GRANTS_CHANGED, SESSION_CHANGED, VISIBILITY_CHANGED];

/// The beginnings of names that no host may give to a method of its own.
pub const RESERVED: [&str; 3] = ["host.", "auth.", "$/"];

/// Whether a host may give this name to a method of its own: `vendor.name`, where both are made of
/// ASCII letters and digits, begin with a letter, and are 1 to 64 characters long.
pub fn is_host_method_name(name: &str) -> bool {
    let is_word = |word: &str| {
        (1..=64).contains(&word.len())
            && word.starts_with(|c: char| c.is_ascii_alphabetic())
            && word.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    let reserved = RESERVED.iter().any(|reserved| name.starts_with(reserved));
    !reserved
        && name.split_once('.').is_some_and(|(vendor, method)| is_word(vendor) && is_word(method))
}

/// Finds a declaration by its exact name.
pub fn find(name: &str) -> Option<&'static Method> {
    METHODS.iter().find(|method| method.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::declaration::Member;

    #[test]
    fn no_name_is_declared_twice_and_all_of_them_are_reserved() {
        let methods = METHODS.iter().map(|method| method.name);
        let mut names: Vec<&str> = methods.chain(EVENTS.iter().map(|event| event.name)).collect();
        assert!(names.iter().all(|name| RESERVED.iter().any(|start| name.starts_with(start))));
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
        assert_eq!(find("auth.requestcode"), None);
        assert_eq!(find("constructor"), None);
    }

    #[test]
    fn every_declaration_says_what_it_means_in_a_sentence() {
        let sentence = |text: &str| text.ends_with('.') && text.starts_with(char::is_uppercase);
        let members = |members: &[Member<'_>]| members.iter().all(|one| sentence(one.summary));
        for method in METHODS {
            assert!(sentence(method.summary), "{}", method.name);
            assert!(members(method.params) && members(method.result), "{}", method.name);
        }
        assert!(EVENTS.iter().all(|event| sentence(event.summary) && members(event.params)));
    }

    #[test]
    fn a_host_names_its_methods_after_itself() {
        for name in ["acme.print", "acme2.payBill"] {
            assert!(is_host_method_name(name), "{name}");
        }
        for name in [
            "",
            "print",
            "acme.",
            ".print",
            "host.print",
            "auth.steal",
            "$/print",
            "acme.a.b",
            "acme.pa-y",
            "acme.pаy",
            "2acme.pay",
            "acme .pay",
            "Host.print ",
        ] {
            assert!(!is_host_method_name(name), "{name}");
        }
        assert!(!is_host_method_name(&format!("acme.{}", "a".repeat(65))));
    }
}
