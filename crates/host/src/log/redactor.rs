//! The last look at a line before it leaves the SDK. Secrets have types that cannot be logged; this is
//! the net below them, for what a dependency or a server may have put into its text.

/// What stands for what was taken out.
const GAP: &str = "[…]";
/// A run of this length with letters and digits in it may be a secret.
const MIXED: usize = 16;
/// A run of this length of letters in both cases may be one without a digit.
const LETTERS: usize = 24;
/// The longest line, in characters.
const LONGEST: usize = 1_000;

/// What follows one of these names is a secret, however it looks.
const NAMES: [&str; 16] = [
    "access_token",
    "assertion",
    "authorization",
    "authorization_code",
    "client_assertion",
    "client_secret",
    "code",
    "code_verifier",
    "cookie",
    "id_token",
    "password",
    "proof",
    "refresh_token",
    "secret",
    "subject_token",
    "verifier",
];

/// The schemes of the header `Authorization`; a space is enough before what follows them.
const SCHEMES: [&str; 3] = ["Basic", "Bearer", "DPoP"];

/// Takes out of a line everything that looks like a secret, and makes it one line.
pub(super) fn redact(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    let mut names_secret = Named::No;
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = rest.find(|c| is_run(c) != is_run(first)).unwrap_or(rest.len());
        let (part, behind) = rest.split_at(length);
        rest = behind;
        if !is_run(first) {
            line.extend(part.chars().map(|c| if c.is_control() { ' ' } else { c }));
            names_secret = names_secret.before(part);
        } else if SCHEMES.contains(&part) {
            line.push_str(part);
            names_secret = Named::Scheme;
        } else if names_secret == Named::AndGiven || may_be_secret(part) {
            line.push_str(GAP);
            names_secret = Named::No;
        } else {
            line.push_str(part);
            names_secret = Named::by(part);
        }
    }
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => line[..end].to_owned(),
        None => line,
    }
}

/// Whether the next run is a secret by its name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Named {
    No,
    /// A name stood there; its value may follow.
    Once,
    Scheme,
    AndGiven,
}

impl Named {
    fn by(run: &str) -> Self {
        if NAMES.contains(&run.to_ascii_lowercase().as_str()) { Self::Once } else { Self::No }
    }

    fn before(self, between: &str) -> Self {
        match self {
            Self::Scheme if between.trim().is_empty() => Self::AndGiven,
            Self::Once if gives_value(between) => Self::AndGiven,
            _ => Self::No,
        }
    }
}

/// `=`, `: `, `":"` and the like, between a name and its value.
fn gives_value(between: &str) -> bool {
    between.contains(['=', ':']) && between.chars().all(|c| " =:\"'`".contains(c))
}

/// The characters of tokens: those of base64url, and of base64 but the slash, which parts paths.
fn is_run(c: char) -> bool {
    c.is_ascii_alphanumeric() || "_-+".contains(c)
}

fn may_be_secret(run: &str) -> bool {
    let has = |kind: fn(&char) -> bool| run.chars().any(|c| kind(&c));
    let (upper, lower) = (has(char::is_ascii_uppercase), has(char::is_ascii_lowercase));
    let mixed = (upper || lower) && has(char::is_ascii_digit);
    (run.len() >= MIXED && mixed) || (run.len() >= LETTERS && upper && lower)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_a_developer_needs_stays() {
        for text in [
            "the authorization server wants an account to be chosen; have the user choose one",
            "no connection: https://as.harbour.example:8443/authorization_challenge_endpoint",
            "host_rejected: check the redirect_uri of client teahouse (status 400, 12 s)",
            "authorization_challenge_endpoint token_endpoint_auth_methods_supported",
            "the code has expired; a code lives 60 seconds",
        ] {
            assert_eq!(redact(text), text);
        }
    }

    #[test]
    fn what_is_named_a_secret_is_taken_out_however_short_it_is() {
        for (text, redacted) in [
            ("password=tea", "password=[…]"),
            ("https://tea.example/cb?code=c1&state=s", "https://tea.example/cb?code=[…]&state=s"),
            (
                r#"{"refresh_token":"r1","scope":"email"}"#,
                r#"{"refresh_token":"[…]","scope":"email"}"#,
            ),
            ("authorization: Bearer t0k", "authorization: Bearer […]"),
            ("DPoP t0k", "DPoP […]"),
        ] {
            assert_eq!(redact(text), redacted);
        }
    }

    #[test]
    fn a_token_that_begins_or_ends_with_marks_is_as_long_as_it_is() {
        for token in ["_---Aa-_aAaA0__AAa0", "aAaA0__AAa0-----", "__--__--__--__a1"] {
            assert_eq!(redact(token), GAP);
        }
    }

    #[test]
    fn lines_and_control_characters_do_not_reach_the_log() {
        assert_eq!(redact("a\r\nERROR b\u{1b}[31m"), "a  ERROR b [31m");
    }

    proptest! {
        #[test]
        fn a_token_anywhere_in_a_line_is_taken_out(
            token in "[A-Za-z0-9_-]{16,80}[A-Z][a-z][0-9]",
            before in "[a-z ,:(]{0,20}",
            after in "[ ,;)]{0,5}",
        ) {
            let redacted = redact(&format!("{before} {token}{after}"));
            prop_assert!(!redacted.contains(&token), "{}", redacted);
        }

        #[test]
        fn a_line_is_one_line_and_not_too_long(text in ".{0,2000}") {
            let redacted = redact(&text);
            prop_assert!(!redacted.contains(['\n', '\r']));
            prop_assert!(redacted.chars().count() <= LONGEST);
        }
    }
}
