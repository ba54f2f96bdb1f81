//! Texts of strangers, as the consent sheet shows them.

use std::sync::LazyLock;

use minihost_core::{Locale, Localised};
use regex::Regex;
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
    assert!(!hidden().is_match(&line), "{line:?}");
    let mut run = 0;
    for character in line.chars() {
        run = if is_combining_mark(character) { run + 1 } else { 0 };
        assert!(run <= MARKS, "{line:?}");
    }
    assert_eq!(shown(&line), line, "of {text:?}");
    // What is canonically the same is shown the same.
    let decomposed: String = text.nfd().collect();
    assert_eq!(shown(&decomposed), line, "of {text:?}");
    // A name that passes is seen by every user, whatever other languages it is written in.
    let name: Localised =
        serde_json::from_value(json!({"en": text, "fr": "Thé"})).expect("texts are texts");
    assert_eq!(name.has_blank(), line.is_empty());
    assert_eq!(name.pick(&Locale::new("en")).is_empty(), line.is_empty());
}

fn shown(text: &str) -> String {
    let localised: Localised =
        serde_json::from_value(json!({"en": text})).expect("a text is a text");
    localised.pick(&Locale::new("en"))
}

/// What cannot be seen, by another copy of Unicode's tables than the SDK's: controls, format characters
/// but for those that are drawn before numbers, whatever is ignored by default, private ones, separators
/// but the space; and the letters and signs whose names say that they are blank.
fn hidden() -> &'static Regex {
    static HIDDEN: LazyLock<Regex> = LazyLock::new(|| {
        let properties = r"[\p{Cc}\p{Cf}\p{Co}\p{Z}\p{Default_Ignorable_Code_Point}--[\p{Prepended_Concatenation_Mark}\x20]]";
        let blanks = r"[\u{115F}\u{1160}\u{2800}\u{3164}\u{FFA0}\u{FFFC}\u{13441}\u{13442}\u{16FE4}\u{1D159}]";
        Regex::new(&format!("{properties}|{blanks}")).expect("it is a regular expression")
    });
    &HIDDEN
}
