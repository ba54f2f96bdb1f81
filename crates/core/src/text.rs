//! Text that strangers wrote and users will read.

use std::collections::BTreeMap;

use icu_properties::{
    CodePointMapData, CodePointSetData, CodePointSetDataBorrowed,
    props::{DefaultIgnorableCodePoint, GeneralCategory, PrependedConcatenationMark},
};
use serde::Deserialize;
use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

use crate::Locale;

/// The most characters of a name or reason that are shown.
const SHOWN: usize = 120;

/// One text in several languages, by BCP 47 tag.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Localised(BTreeMap<String, String>);

impl Localised {
    /// The text for a language: the same tag, else the same primary language, else English, else
    /// whichever there is. What cannot be seen is stripped from it.
    pub fn pick(&self, locale: &Locale) -> String {
        let primary = |tag: &str| tag.split('-').next().unwrap_or(tag).to_ascii_lowercase();
        let wanted = locale.as_str();
        let text = self
            .0
            .get(wanted)
            .or_else(|| {
                self.0.iter().find(|(tag, _)| primary(tag) == primary(wanted)).map(|(_, t)| t)
            })
            .or_else(|| self.0.get("en"))
            .or_else(|| self.0.values().next());
        text.map(|text| plain(text)).unwrap_or_default()
    }

    /// Whether some user would be shown nothing: there is no text, or one that is nothing but what
    /// cannot be seen.
    pub fn has_blank(&self) -> bool {
        self.0.is_empty() || self.0.values().any(|text| plain(text).is_empty())
    }
}

/// The most marks on one letter. No language needs more; a tower of them covers what stands above.
const MARKS: usize = 3;

/// Text as it may stand on a consent prompt: one line in normal form C, without controls, direction
/// marks, characters of no width and towers of marks, and of a bounded length.
pub(crate) fn plain(text: &str) -> String {
    let mut marks = 0;
    let bearable = |character: &char| {
        marks = if is_combining_mark(*character) { marks + 1 } else { 0 };
        marks <= MARKS
    };
    let visible: String = text
        .chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .filter(visible)
        .nfc()
        .filter(bearable)
        .collect();
    let line = visible.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// Letters and signs that are drawn as nothing although Unicode does not have them ignored, and what
/// stands for an object that is not there.
const BLANK: [char; 6] =
    ['\u{2800}', '\u{fffc}', '\u{13441}', '\u{13442}', '\u{16fe4}', '\u{1d159}'];

/// Whether a character can be seen: no control, nothing that only tells how others are laid out (such
/// as marks of direction), nothing that is ignored where it cannot be drawn, no blank, and nothing that each
/// font draws as it likes.
fn visible(character: &char) -> bool {
    const IGNORED: CodePointSetDataBorrowed<'static> =
        CodePointSetData::new::<DefaultIgnorableCodePoint>();
    // Signs that stand before numbers are drawn, though they are of the category of format characters.
    const BEFORE_NUMBERS: CodePointSetDataBorrowed<'static> =
        CodePointSetData::new::<PrependedConcatenationMark>();
    let category = CodePointMapData::<GeneralCategory>::new().get(*character);
    let hidden = match category {
        GeneralCategory::Control | GeneralCategory::PrivateUse => true,
        GeneralCategory::Format => !BEFORE_NUMBERS.contains(*character),
        _ => IGNORED.contains(*character) || BLANK.contains(character),
    };
    !hidden
}

#[cfg(test)]
mod tests {
    use super::*;

    fn localised(entries: &[(&str, &str)]) -> Localised {
        Localised(entries.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect())
    }

    #[test]
    fn the_nearest_language_is_picked() {
        let name = localised(&[("en", "Tea House"), ("zh-Hans", "茶馆")]);
        assert_eq!(name.pick(&Locale::new("zh-Hans")), "茶馆");
        assert_eq!(name.pick(&Locale::new("zh-CN")), "茶馆");
        assert_eq!(name.pick(&Locale::new("fr")), "Tea House");
        assert_eq!(localised(&[("de", "Tee")]).pick(&Locale::new("fr")), "Tee");
        assert_eq!(Localised::default().pick(&Locale::new("en")), "");
    }

    #[test]
    fn what_cannot_be_seen_is_not_shown() {
        assert_eq!(plain("Tea\u{202e}esuoH\u{2066}\u{200b}\u{0}\n\tHouse  "), "TeaesuoH House");
        assert!(localised(&[("en", "\u{200b} \u{202e}")]).has_blank());
        assert!(localised(&[("en", "\u{200b}"), ("zh-Hans", "茶馆")]).has_blank());
        assert!(Localised::default().has_blank());
        assert!(!localised(&[("en", "Tea"), ("zh-Hans", "茶馆")]).has_blank());
    }

    #[test]
    fn a_name_that_is_drawn_as_nothing_is_blank() {
        for blank in [
            "\u{2800}",
            "\u{115f}",
            "\u{1160}",
            "\u{3164}",
            "\u{ffa0}",
            "\u{13441}",
            "\u{16fe4}",
            "\u{1d159}",
            "\u{34f}",
            "\u{e0100}",
            "\u{fff9}",
            "\u{13430}",
            "\u{1680}",
            "\u{3000}",
        ] {
            assert_eq!(plain(&blank.repeat(2)), "", "{blank:?}");
        }
        for seen in ["\u{600}", "\u{2801}", "\u{fffd}", "가", "👩"] {
            assert_eq!(plain(seen), seen);
        }
    }

    #[test]
    fn two_spellings_of_one_name_are_one_and_towers_of_marks_fall() {
        assert_eq!(plain("Cafe\u{301}"), plain("Café"));
        // One character that is two marks in normal form C, and one that is a letter and a mark.
        assert_eq!(plain(&"\u{344}".repeat(3)), "\u{308}\u{301}\u{308}");
        assert_eq!(plain("\u{958}\u{301}\u{302}\u{303}"), "\u{915}\u{93c}\u{301}\u{302}");
        let tower = format!("T{}ea", "\u{301}".repeat(40));
        assert!(plain(&tower).chars().count() <= 6, "{}", plain(&tower));
    }

    #[test]
    fn long_text_is_cut_between_characters() {
        let shown = plain(&"茶".repeat(500));
        assert_eq!(shown.chars().count(), SHOWN + 1);
        assert!(shown.ends_with('…'));
    }
}
