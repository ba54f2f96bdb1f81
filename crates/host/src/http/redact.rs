//! The server's own words, fit for the host's log.

/// The most characters of a server's text that are logged.
const LONGEST: usize = 200;
/// A word of this length may be a secret.
const LONG_WORD: usize = 20;
/// A shorter word may be one if it holds a digit.
const LONG_WORD_WITH_DIGIT: usize = 10;
const GAP: &str = "[…]";

/// Takes out everything that may be a secret: the ones that were `sent`, and every word that looks
/// like one. What remains is short and on one line.
pub(crate) fn redact(text: &str, sent: &[&str]) -> String {
    let mut text = text.to_owned();
    for secret in sent.iter().filter(|secret| !secret.is_empty()) {
        text = text.replace(secret, GAP);
    }
    let words = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty());
    let words: Vec<&str> = words.map(|word| if may_be_secret(word) { GAP } else { word }).collect();
    words.join(" ").chars().take(LONGEST).collect()
}

fn may_be_secret(word: &str) -> bool {
    let length = word.chars().count();
    let with_digit = word.contains(|c: char| c.is_ascii_digit());
    length >= LONG_WORD || (length >= LONG_WORD_WITH_DIGIT && with_digit)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn plain_words_stay() {
        let text = "the redirect_uri is not registered";
        assert_eq!(redact(text, &[]), text);
    }

    #[test]
    fn lines_and_control_characters_do_not_reach_the_log() {
        assert_eq!(redact("a\r\nERROR b\u{1b}[31m", &[]), "a ERROR b [31m");
    }

    proptest! {
        #[test]
        fn an_echoed_token_is_taken_out(
            token in "[A-Za-z0-9_-]{20,64}",
            before in "[a-z ]{0,20}",
            after in "[a-z ]{0,20}",
        ) {
            let text = format!("{before}{token}{after}");
            prop_assert!(!redact(&text, &[]).contains(&token));
        }

        #[test]
        fn an_echoed_secret_of_any_shape_is_taken_out(
            secret in "[a-z]{2,8} [a-z]{2,8}",
            before in ".{0,20}",
        ) {
            prop_assume!(!GAP.contains(&secret) && !before.contains(&secret));
            let text = format!("{before}{secret}!");
            prop_assert!(!redact(&text, &[&secret]).contains(&secret));
        }

        #[test]
        fn the_rest_is_short(text in ".{0,2000}") {
            prop_assert!(redact(&text, &[]).chars().count() <= LONGEST);
        }
    }
}
