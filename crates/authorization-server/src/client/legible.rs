//! What a name must be so that people can read it, and read in it what it says.

use icu_properties::props::{DefaultIgnorableCodePoint, GeneralCategory};
use icu_properties::{CodePointMapData, CodePointSetData};
use unicode_security::MixedScript as _;

/// Whether there is something to read, and nothing that is not seen for what it is.
pub(super) fn is_seen(text: &str) -> bool {
    text.chars().any(char::is_alphanumeric) && text.chars().all(is_visible)
}

/// No control, no character that reorders, joins or hides others, none that is drawn as nothing or as
/// each font likes.
fn is_visible(character: char) -> bool {
    use GeneralCategory::{
        Control, Format, LineSeparator, ParagraphSeparator, PrivateUse, Unassigned,
    };
    // The pattern of a Braille cell without dots, and what stands for an object or for a character
    // that is unknown.
    let stands_for_nothing = matches!(character, '\u{2800}' | '\u{FFFC}' | '\u{FFFD}');
    let category = CodePointMapData::<GeneralCategory>::new().get(character);
    let is_hidden = matches!(
        category,
        Control | Format | LineSeparator | ParagraphSeparator | PrivateUse | Unassigned
    );
    let is_ignored = CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(character);
    !stands_for_nothing && !is_hidden && !is_ignored
}

/// Whether a word has letters of scripts that are not written together. As the level “highly
/// restrictive” of UTS #39 §5.2, for each word, but letters need not be fit for identifiers.
pub(super) fn mixes_scripts(text: &str) -> bool {
    text.split(|character: char| !character.is_alphanumeric()).any(|word| {
        let besides_latin: String = word.chars().filter(|letter| !is_latin(*letter)).collect();
        let scripts = besides_latin.as_str().resolve_script_set();
        let goes_with_latin = scripts.hanb || scripts.jpan || scripts.kore;
        !word.is_single_script() && !goes_with_latin
    })
}

/// Digits and the like are of every script.
fn is_latin(letter: char) -> bool {
    let mut scripts = 'a'.to_string().as_str().resolve_script_set();
    scripts.intersect_with(letter.into());
    !scripts.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_nothing_to_read_or_with_what_is_not_seen_are_refused() {
        for bad in [
            "\u{3164}",
            "\u{115F}",
            "\u{1160}",
            "\u{FFA0}",
            "\u{2800}",
            "\u{E000}",
            "\u{F0000}",
            "\u{0378}",
            "\u{FFFC}",
            "\u{FFFD}",
            "\u{FDD0}",
            "\u{034F}",
            "\u{17B4}",
            "\u{FE0F}",
            "\u{E0100}",
            "\u{1BCA0}",
            "\u{1D173}",
        ] {
            assert!(!is_seen(bad), "{bad:?}");
            assert!(!is_seen(&format!("Tea {bad}")), "{bad:?}");
        }
        for bad in ["-", "…", "!?", "\u{301}", "🍵"] {
            assert!(!is_seen(bad), "{bad:?}");
        }
        for good in [
            "Tea & Co.",
            "4711",
            "茶馆",
            "ร้านชา",
            "Łódź",
            "हिन्दी",
            "K-Pop 24/7",
            "T\u{200A}ea",
            "茶 🍵",
        ] {
            assert!(is_seen(good), "{good:?}");
        }
    }

    #[test]
    fn words_in_scripts_that_do_not_go_together_are_told() {
        for bad in ["Tea Hous\u{0435}X", "\u{03A4}ea House", "Paypa\u{04CF}", "\u{0421}inéma"] {
            assert!(mixes_scripts(bad), "{bad:?}");
        }
        for good in [
            "Яндекс Taxi",
            "東京カフェ",
            "Café Noir",
            "QR码",
            "K팝",
            "Αθήνα",
            "שלום",
            "قهوة",
            "H²O 24/7",
            "ᏣᎳᎩ",
            "हिन्दी",
        ] {
            assert!(!mixes_scripts(good), "{good:?}");
        }
    }
}
