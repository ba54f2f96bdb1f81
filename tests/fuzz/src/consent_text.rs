//! Texts of strangers, as the consent sheet shows them.

use minihost_core::{Locale, Localised};
use serde_json::json;
use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark, is_nfc};

/// The most characters, and the sign that there were more.
const SHOWN: usize = 121;
const MARKS: usize = 3;

/// One line in normal form, of bounded length, in which every character can be seen; and showing it
/// again changes nothing.
pub(crate) fn check(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let line = shown(text);
    assert!(line.chars().count() <= SHOWN, "{line:?}");
    assert!(is_nfc(&line), "{line:?}");
    assert!(!line.starts_with(' ') && !line.ends_with(' ') && !line.contains("  "), "{line:?}");
    assert!(!line.contains(is_hidden), "{line:?}");
    let mut run = 0;
    for character in line.chars() {
        run = if is_combining_mark(character) { run + 1 } else { 0 };
        assert!(run <= MARKS, "{line:?}");
    }
    assert_eq!(shown(&line), line, "of {text:?}");
    // What is canonically the same is shown the same.
    let decomposed: String = text.nfd().collect();
    assert_eq!(shown(&decomposed), line, "of {text:?}");
    let blank: Localised = serde_json::from_value(json!({"en": text})).expect("a text is a text");
    assert_eq!(blank.is_blank(), line.is_empty());
}

fn shown(text: &str) -> String {
    let localised: Localised =
        serde_json::from_value(json!({"en": text})).expect("a text is a text");
    localised.pick(&Locale::new("en"))
}

fn is_hidden(character: char) -> bool {
    character.is_control()
        || (character.is_whitespace() && character != ' ')
        || matches!(
            character,
            '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
                | '\u{feff}' | '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{3164}' | '\u{ffa0}'
                | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}'
        )
}
